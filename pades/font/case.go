package font

import (
	"encoding/hex"
	"fmt"
	"slices"

	gotext "github.com/go-text/typesetting/font"

	"chancery/pades/pdf"
)

// Case holds the letters that a file, or one update of it, draws with. In the end
// Put writes a font for each face, with these letters and no others.
type Case struct {
	reserve func() pdf.Ref
	fonts   []*sorts
}

// Laid is a font that the file has already, for updates to come.
type Laid struct {
	Face string  `json:"face"`
	Sum  string  `json:"sum"` // of the font program, so that no other is taken for it
	Ref  pdf.Ref `json:"ref"`
}

// sorts are the letters of one face. A letter's code in the text is its place
// among them.
type sorts struct {
	face   *face
	ref    pdf.Ref
	name   pdf.Name
	codes  map[sort]int
	glyphs []gotext.GID // the first is .notdef
	reads  []string     // what each stands for
	laid   *base        // complete, nothing can be added
	there  bool         // in the file already
}

// sort is a glyph that stands for a text. The same glyph with another text is
// another sort, since a font says of each code what it stands for.
type sort struct {
	glyph gotext.GID
	reads string
}

// NewCase starts an empty case, or one whose file has fonts already. reserve
// gives the numbers of the objects to come.
func NewCase(reserve func() pdf.Ref, laid ...Laid) *Case {
	c := &Case{reserve: reserve}
	for _, l := range laid {
		if b := usual(); b.face.name == l.Face && b.sum == l.Sum {
			c.lay(b, l.Ref).there = true
		}
	}
	return c
}

// Lay puts the usual letters of Regular into the case, so that later updates of the
// file need not bring them.
func (c *Case) Lay() Laid {
	b, ref := usual(), c.reserve()
	c.lay(b, ref)
	return Laid{Face: b.face.name, Sum: b.sum, Ref: ref}
}

func (c *Case) lay(b *base, ref pdf.Ref) *sorts {
	f := &sorts{face: b.face, ref: ref, name: c.nextName(), codes: b.codes, glyphs: b.glyphs, reads: b.reads, laid: b}
	c.fonts = append(c.fonts, f)
	return f
}

func (c *Case) nextName() pdf.Name { return pdf.Name(fmt.Sprintf("F%d", len(c.fonts)+1)) }

// Resources names the fonts that the lines drawn so far need, and maybe more.
func (c *Case) Resources() pdf.Dict {
	fonts := pdf.Dict{}
	for _, f := range c.fonts {
		fonts[f.name] = f.ref
	}
	return pdf.Dict{"Font": fonts}
}

// Put writes the fonts.
func (c *Case) Put(put func(pdf.Ref, pdf.Object)) {
	for _, f := range c.fonts {
		switch {
		case f.there:
		case f.laid != nil:
			f.laid.made.put(f.ref, c.reserve, put)
		default:
			f.make().put(f.ref, c.reserve, put)
		}
	}
}

// sortsFor finds or starts the letters of a run's face.
func (c *Case) sortsFor(r run) *sorts {
	for _, f := range c.fonts {
		if f.face == r.face && (f.laid == nil || f.hasAll(r.glyphs)) {
			return f
		}
	}
	f := &sorts{
		face: r.face, ref: c.reserve(), name: c.nextName(),
		codes: map[sort]int{}, glyphs: []gotext.GID{0}, reads: []string{""},
	}
	c.fonts = append(c.fonts, f)
	return f
}

func (f *sorts) hasAll(glyphs []glyph) bool {
	return !slices.ContainsFunc(glyphs, func(g glyph) bool { _, ok := f.codes[sort{g.id, g.reads}]; return !ok })
}

// code is the glyph's place; a new one is added.
func (f *sorts) code(g gotext.GID, reads string) int {
	code, ok := f.codes[sort{g, reads}]
	if !ok {
		code = len(f.glyphs)
		f.codes[sort{g, reads}] = code
		f.glyphs, f.reads = append(f.glyphs, g), append(f.reads, reads)
	}
	return code
}

// tag sets subsets of one face apart: six letters (ISO 32000-2, 9.9.2).
func tag(sum []byte) string {
	letters := make([]byte, 6)
	for i := range letters {
		letters[i] = 'A' + sum[i]%26
	}
	return string(letters)
}

func short(sum []byte) string { return hex.EncodeToString(sum[:8]) }
