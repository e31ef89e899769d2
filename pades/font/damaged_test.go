package font

import (
	"bytes"
	"slices"
	"testing"

	gotext "github.com/go-text/typesetting/font"
	"golang.org/x/image/font/gofont/goregular"
	"pgregory.net/rapid"
)

// A font file that a disk has damaged is no font, or one with some letters less.
func TestADamagedFontFileBreaksNothing(t *testing.T) {
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		data := slices.Clone(goregular.TTF)
		for range rapid.IntRange(1, 8).Draw(t, "places") {
			at := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, len(data)-1)).Draw(t, "at")
			data[at] = rapid.Byte().Draw(t, "value")
		}
		f, err := parse(bytes.NewReader(data[:rapid.OneOf(rapid.Just(len(data)), rapid.IntRange(len(data)/2, len(data))).Draw(t, "length")]), 0)
		if err != nil {
			return
		}
		read++
		if p := f.outlines.subset([]gotext.GID{0, 5, 40, 100, 0xffff}); p.glyphs < 5 || len(p.data) == 0 {
			t.Errorf("a subset of %d glyphs in %d bytes", p.glyphs, len(p.data))
		}
	})
	t.Logf("%d damaged files were fonts still", read)
}
