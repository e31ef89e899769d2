package judges

import (
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/pki"
)

const (
	resolution = "50" // dots per inch
	margin     = 2    // pixels around a field that rounding may touch
	legible    = 60   // pixels that a page must be wide for anything to be seen in a field
)

// Nothing that is seen of a file changes when it is signed, but for what stands in
// its fields; and that is seen.
func TestSigningChangesNothingElseThatIsSeen(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus, "*.pdf"))
	must(t, err)
	if len(paths) == 0 {
		t.Skipf("0 files of the corpus were rendered: there is no %s", corpus)
	}
	o := newOffice(t, pki.P256)
	t.Run("files", func(t *testing.T) {
		for _, path := range paths {
			f := &fate{source: path}
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				o.wantSameLook(t, f)
			})
		}
	})
}

func (o *office) wantSameLook(t *testing.T, f *fate) {
	original, page, err := f.accept(t)
	if err != nil {
		t.Skipf("refused: %s", reasonOf(err))
	}
	d, err := o.sign(t.Context(), original, page, pades.LevelB)
	must(t, err)
	before, after := pictures(t, original), pictures(t, d.file)
	if len(before) != len(after) {
		t.Fatalf("%d pages became %d", len(before), len(after))
	}
	fields := spec(page, pades.LevelB).Fields
	changed := make([]int, len(fields)) // pixels in each field
	for i := range before {
		places := make([]image.Rectangle, 0, len(fields))
		if i == 0 {
			places = placesOf(fields, page, before[0].Bounds())
		}
		if stray := compare(before[i], after[i], places, changed); stray > 0 {
			t.Errorf("page %d: %d pixels outside the fields changed", i+1, stray)
		}
	}
	for i, n := range changed {
		if n == 0 && before[0].Bounds().Dx() >= legible {
			t.Errorf("nothing is seen in %s", fields[i].ID)
		}
	}
}

// pictures are the first three pages of a file.
func pictures(t *testing.T, file []byte) []image.Image {
	t.Helper()
	dir := t.TempDir()
	path := keep(t, dir, "file.pdf", file)
	if out, err := ask("pdftoppm", "-png", "-cropbox", "-r", resolution, "-l", "3", path, filepath.Join(dir, "page")); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	must(t, err)
	var all []image.Image
	for _, name := range names {
		picture, err := os.Open(name)
		must(t, err)
		decoded, _, err := image.Decode(picture)
		must(t, err)
		must(t, picture.Close())
		all = append(all, decoded)
	}
	return all
}

// placesOf are the fields in pixels of a picture of the page.
func placesOf(fields []pades.Field, page pades.PageSize, picture image.Rectangle) []image.Rectangle {
	x, y := float64(picture.Dx())/page.Width, float64(picture.Dy())/page.Height
	var places []image.Rectangle
	for _, f := range fields {
		r := f.Rect
		places = append(places, image.Rect(int(r.X*x), int(r.Y*y), int((r.X+r.Width)*x)+1, int((r.Y+r.Height)*y)+1))
	}
	return places
}

// compare counts the pixels that changed in each place, and outside them all.
func compare(before, after image.Image, places []image.Rectangle, changed []int) (stray int) {
	if before.Bounds() != after.Bounds() {
		return after.Bounds().Dx() * after.Bounds().Dy()
	}
	for y := before.Bounds().Min.Y; y < before.Bounds().Max.Y; y++ {
		for x := before.Bounds().Min.X; x < before.Bounds().Max.X; x++ {
			if before.At(x, y) == after.At(x, y) {
				continue
			}
			outside := true
			for i, place := range places {
				if (image.Point{X: x, Y: y}).In(place.Inset(-margin)) {
					changed[i]++
					outside = false
				}
			}
			if outside {
				stray++
			}
		}
	}
	return stray
}
