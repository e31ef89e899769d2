package pades_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"chancery/pades"
	"chancery/pades/pdf"
	"chancery/pages"
)

// geometry is how a page lies on its sheet, and where a box is asked for.
type geometry struct {
	media     [4]int
	crop      []int // none, or any two opposite corners
	rotate    int
	inherited bool
	unit      float64
	box       [4]float64 // left, top, width and height as parts of the displayed page
}

var geometries = rapid.Custom(func(t *rapid.T) geometry {
	x, y := rapid.IntRange(-300, 300).Draw(t, "x"), rapid.IntRange(-300, 300).Draw(t, "y")
	g := geometry{
		media:     [4]int{x, y, x + rapid.IntRange(150, 450).Draw(t, "width"), y + rapid.IntRange(150, 450).Draw(t, "height")},
		rotate:    90 * rapid.IntRange(-4, 8).Draw(t, "turns"),
		inherited: rapid.Bool().Draw(t, "inherited"),
		unit:      rapid.SampledFrom([]float64{1, 0.5, 1.5, 2, 2.5}).Draw(t, "unit"),
	}
	if rapid.Bool().Draw(t, "cropped") { // into the sheet, or beyond its edges
		edge := rapid.IntRange(-90, 40)
		c := []int{g.media[0] + edge.Draw(t, "left"), g.media[1] + edge.Draw(t, "bottom"), g.media[2] - edge.Draw(t, "right"), g.media[3] - edge.Draw(t, "top")}
		if rapid.Bool().Draw(t, "otherCorners") {
			c = []int{c[2], c[1], c[0], c[3]}
		}
		g.crop = c
	}
	side, place := rapid.Float64Range(0.15, 0.4), rapid.Float64Range(0, 1)
	w, h := side.Draw(t, "boxWidth"), side.Draw(t, "boxHeight")
	g.box = [4]float64{place.Draw(t, "boxLeft") * (1 - w), place.Draw(t, "boxTop") * (1 - h), w, h}
	return g
})

// displayed is the size in points that the standard gives the page: what media box
// and crop box have in common, in its units, turned (ISO 32000-2, 14.11.2).
func (g geometry) displayed() (width, height float64) {
	low, high := [2]int{g.media[0], g.media[1]}, [2]int{g.media[2], g.media[3]}
	if c := g.crop; c != nil {
		for i := range 2 {
			low[i], high[i] = max(low[i], min(c[i], c[i+2])), min(high[i], max(c[i], c[i+2]))
		}
	}
	width, height = float64(high[0]-low[0])*g.unit, float64(high[1]-low[1])*g.unit
	if g.rotate%180 != 0 {
		return height, width
	}
	return width, height
}

// file is one empty page.
func (g geometry) file() []byte {
	shape := pdf.Dict{"MediaBox": pdf.Array{g.media[0], g.media[1], g.media[2], g.media[3]}, "Rotate": g.rotate}
	if c := g.crop; c != nil {
		shape["CropBox"] = pdf.Array{c[0], c[1], c[2], c[3]}
	}
	tree := pdf.Dict{"Type": pdf.Name("Pages"), "Count": 1, "Kids": pdf.Array{pdf.Ref{Num: 3}}}
	page := pdf.Dict{"Type": pdf.Name("Page"), "Parent": pdf.Ref{Num: 2}, "UserUnit": g.unit}
	owner := page
	if g.inherited {
		owner = tree
	}
	for key, value := range shape {
		owner[key] = value
	}
	return written(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": pdf.Ref{Num: 2}}, tree, page)
}

// written is a file of these objects, numbered from 1, the catalog first.
func written(objects ...pdf.Object) []byte {
	b := []byte("%PDF-1.7\n")
	table := fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		table = fmt.Appendf(table, "%010d 00000 n \n", len(b))
		b = pdf.AppendIndirect(b, pdf.Ref{Num: i + 1}, o)
	}
	start := len(b)
	return fmt.Appendf(append(b, table...), "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}

// fewGeometries bounds the time: each is signed and drawn.
const fewGeometries = "30"

func TestABoxIsSeenWhereItWasAskedForOnAnyPage(t *testing.T) {
	defer flag.Set("rapid.checks", flag.Lookup("rapid.checks").Value.String())
	flag.Set("rapid.checks", fewGeometries)
	d := newDesk(t)
	screen := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pages-cache")})
	defer screen.Close()
	signer := d.signer(t, annSigns())
	rapid.Check(t, func(t *rapid.T) {
		g := geometries.Draw(t, "page")
		width, height := g.displayed()
		rect := pades.Rect{X: g.box[0] * width, Y: g.box[1] * height, Width: g.box[2] * width, Height: g.box[3] * height}
		img := shown(t, screen, ticked(t, d, signer, g.file(), rect))
		scale := float64(img.Bounds().Dx()) / width
		if want := height * scale; math.Abs(float64(img.Bounds().Dy())-want) > 2 {
			t.Fatalf("the page is shown %v, want %.0f pixels high", img.Bounds().Size(), want)
		}
		want := image.Rect(int(rect.X*scale), int(rect.Y*scale), int((rect.X+rect.Width)*scale), int((rect.Y+rect.Height)*scale))
		if inked := inkIn(img); !inked.In(want.Inset(-3)) || !want.Inset(3).In(inked) {
			t.Fatalf("ink is at %v, want it at %v", inked, want)
		}
		upright(t, img, rect, scale)
	})
}

// upright holds the tick against the one corner of its box that it reaches.
func upright(t *rapid.T, img image.Image, rect pades.Rect, scale float64) {
	side := min(rect.Width, rect.Height)
	left, top := rect.X+(rect.Width-side)/2, rect.Y+(rect.Height-side)/2
	for _, corner := range [][2]float64{{.75, .28}, {.25, .28}, {.75, .72}, {.25, .72}} {
		x, y := (left+corner[0]*side)*scale, (top+corner[1]*side)*scale
		if dark(img, int(x), int(y)) != (corner == [2]float64{.75, .28}) {
			t.Fatalf("the tick does not stand upright: at %v of its box", corner)
		}
	}
}

// ticked is a file with one box that somebody has ticked.
func ticked(t *rapid.T, d desk, signer pades.Holder, file []byte, rect pades.Rect) []byte {
	ctx := context.Background()
	spec := pades.Spec{Recipients: []string{"ann"}, Fields: []pades.Field{{ID: "box", Recipient: "ann", Kind: pades.Checkbox, Rect: rect}}}
	certified, plan, err := pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), spec, holder(d.authority.Certifier()), d.now)
	if err != nil {
		t.Fatal(err)
	}
	act := pades.Act{Recipient: "ann", Name: "Ann", Values: map[string]string{"box": "true"}}
	approved, _, err := pades.Approve(ctx, plan, act, signer, d.now)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(file, certified...), approved...)
}

// shown is the first page as PDFium draws it.
func shown(t *rapid.T, screen *pages.Pages, file []byte) image.Image {
	key := fmt.Sprintf("%x", sha256.Sum256(file))
	picture, err := screen.Render(context.Background(), pages.File{Key: key, Read: func(context.Context) ([]byte, error) { return file, nil }}, 1, 800)
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(picture.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
