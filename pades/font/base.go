package font

import (
	"sync"

	gotext "github.com/go-text/typesetting/font"
)

// base are the letters of Regular's compiled-in face that most people of Europe
// write with, made once: 15 KB in a file.
type base struct {
	*sorts
	made *embedded
	sum  string
}

var usual = sync.OnceValue(func() *base {
	f := &sorts{face: Regular.common(), codes: map[sort]int{}, glyphs: []gotext.GID{0}, reads: []string{""}}
	for _, span := range [][2]rune{{' ', '~'}, {0xA0, 0x17F}, {0x2013, 0x2026}, {'€', '€'}, {square, square}} {
		for r := span[0]; r <= span[1]; r++ {
			if g, ok := f.face.font.NominalGlyph(r); ok {
				f.code(g, string(r))
			}
		}
	}
	made := f.make()
	return &base{sorts: f, made: made, sum: short(made.sum)}
})
