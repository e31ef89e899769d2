package pades_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/pades/pdf"
)

// turnedPages has a page for each rotation, all cropped out of a larger sheet.
func turnedPages() []byte {
	objects := []pdf.Object{
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": pdf.Ref{Num: 2}},
		pdf.Dict{"Type": pdf.Name("Pages"), "Count": 4, "MediaBox": pdf.Array{-50, -50, 500, 600}, "Kids": pdf.Array{
			pdf.Ref{Num: 3}, pdf.Ref{Num: 4}, pdf.Ref{Num: 5}, pdf.Ref{Num: 6},
		}},
	}
	for i := range 4 {
		objects = append(objects, pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": pdf.Ref{Num: 2}, "Rotate": (90 * i), "CropBox": pdf.Array{20, 30, 420, 330},
		})
	}
	return written(objects...)
}

// On every page the signer sees the same thing at the same place: upright ink
// in a box that starts 40 points from the left and 30 from the top.
func TestFieldsLieWherePeopleSeeThemOnTurnedAndCroppedPages(t *testing.T) {
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("skipped 4 cases: pdftoppm is not installed")
	}
	d := newDesk(t)
	spec := pades.Spec{Recipients: []string{"rcp_ann"}}
	for page := range 4 {
		spec.Fields = append(spec.Fields, pades.Field{
			ID: fmt.Sprint("fld_", page), Recipient: "rcp_ann", Kind: pades.Signature, Page: page,
			Rect: pades.Rect{X: 40, Y: 30, Width: 200, Height: 50},
		})
	}
	// Ink along the left and the top of its box: an L standing on its head.
	act := pades.Act{Recipient: "rcp_ann", Name: "Ann", Ink: pades.Ink{
		Aspect: 4, Strokes: [][]pades.Point{{{X: 0, Y: 1}, {X: 0, Y: 0}, {X: 1, Y: 0}}},
	}}
	file := turnedPages()
	found, err := pades.Inspect(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := d.signAll(t, file, spec, act)
	if err != nil {
		t.Fatal(err)
	}
	for page, img := range rendered(t, signed, 4) {
		want := image.Rect(40, 30, 240, 80)
		if size := img.Bounds().Size(); size.X != int(found.Pages[page].Width) || size.Y != int(found.Pages[page].Height) {
			t.Errorf("page %d is shown as %v, we say %v", page, size, found.Pages[page])
		}
		inked := inkIn(img)
		if !inked.In(want.Inset(-1)) || inked.Dx() < 180 || inked.Dy() < 40 {
			t.Errorf("page %d: ink is at %v, want it to fill %v", page, inked, want)
		}
		if dark(img, inked.Max.X-8, inked.Max.Y-8) || !dark(img, inked.Min.X+1, inked.Max.Y-8) {
			t.Errorf("page %d: the ink does not stand upright", page)
		}
	}
}

// rendered shows pages at one pixel a point.
func rendered(t *testing.T, file []byte, pages int) []image.Image {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "signed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("pdftoppm", "-r", "72", "-cropbox", "-png", path, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var shown []image.Image
	for page := range pages {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("page-%d.png", page+1)))
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, img)
	}
	return shown
}

func dark(img image.Image, x, y int) bool {
	r, g, _, _ := img.At(x, y).RGBA()
	return r < 0xb000 && g < 0xb000
}

func inkIn(img image.Image) (box image.Rectangle) {
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if dark(img, x, y) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}
