package font

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/font/sfnt"

	"chancery/pades/pdf"
)

// face is a font program: what shaping needs, and what a file says of a font that
// it embeds. It is never changed, so that any number may use it at a time.
type face struct {
	name     string // as PDF calls it, without the tag of a subset
	font     *gotext.Font
	measure  *gotext.Face // for widths only, which it keeps no notes of
	shapes   *sfnt.Font
	outlines outlines
	facts    facts
}

// outlines makes a font program of the given glyphs alone, in that order; the
// first is .notdef.
type outlines interface {
	subset(glyphs []gotext.GID) program
}

// program is a font program for embedding. Glyphs that others are made of
// follow the ones that were asked for.
type program struct {
	data   []byte
	glyphs int
	cff    bool
}

// parse reads one font of a file, which stays open.
func parse(file io.ReaderAt, index int) (f *face, err error) {
	defer func() { // the library's, at a damaged file
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("read font: %v", r)
		}
	}()
	whole, err := loaderOf(io.NewSectionReader(file, 0, math.MaxInt64), index)
	if err != nil {
		return nil, err
	}
	f = &face{}
	shaped, glyf := whole, (*io.SectionReader)(nil)
	if disk, ok := file.(*os.File); ok && sizeOf(disk) >= largeFile {
		if l := leanly(disk, index); l != nil {
			if shaped, err = loaderOf(l, index); err != nil {
				return nil, err
			}
			glyf = l.glyf
		}
	}
	if f.font, err = gotext.NewFont(shaped); err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	if f.font.Upem() == 0 {
		return nil, fmt.Errorf("read font: it has no size")
	}
	about := f.font.Describe()
	f.name, f.measure, f.facts = resourceName(about), gotext.NewFace(f.font), factsOf(whole, f.font)
	f.facts.bold = about.Aspect.Weight >= gotext.WeightSemibold
	if f.shapes, err = shapesOf(file, index); err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	if f.outlines, err = trueType(whole, glyf); err != nil {
		f.outlines = drawn{f}
	}
	return f, nil
}

func loaderOf(file opentype.Resource, index int) (*opentype.Loader, error) {
	loaders, err := opentype.NewLoaders(file)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	if index >= len(loaders) {
		return nil, fmt.Errorf("read font: the collection has no number %d", index)
	}
	return loaders[index], nil
}

// shapesOf opens the outlines for drawing; each is read when it is asked for.
func shapesOf(file io.ReaderAt, index int) (*sfnt.Font, error) {
	all, err := sfnt.ParseCollectionReaderAt(patient{file, sizeOf(file)})
	if err != nil {
		return nil, err
	}
	return all.Font(index)
}

// patient reads zeros for a while after the end of a file: some tables of good fonts
// say that they are longer than they are.
type patient struct {
	io.ReaderAt
	size int64
}

const patience = 64 << 10 // bytes

func (p patient) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, at)
	if err == io.EOF && at+int64(len(b)) <= p.size+patience {
		clear(b[n:])
		return len(b), nil
	}
	return n, err
}

func sizeOf(file io.ReaderAt) int64 {
	switch f := file.(type) {
	case *bytes.Reader:
		return f.Size()
	case *os.File:
		if about, err := f.Stat(); err == nil {
			return about.Size()
		}
	}
	return 0
}

// parseBytes reads a font that is compiled in, so that a mistake is ours.
func parseBytes(data []byte) *face {
	f, err := parse(bytes.NewReader(data), 0)
	if err != nil {
		panic("font: " + err.Error())
	}
	return f
}

// resourceName is the family without spaces and what sets the face apart.
func resourceName(about gotext.Description) string {
	name := strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune("()<>[]{}/%#-", r) {
			return r
		}
		return -1
	}, about.Family)
	kind := ""
	if about.Aspect.Weight >= gotext.WeightSemibold {
		kind = "Bold"
	}
	if about.Aspect.Style == gotext.StyleItalic {
		kind += "Italic"
	}
	if kind == "" {
		kind = "Regular"
	}
	return name + "-" + kind
}

// width of a glyph in thousandths of the size, as the file tells it.
func (f *face) width(glyph gotext.GID) float64 {
	return pdf.Rounded(float64(f.measure.HorizontalAdvance(glyph)) * 1000 / float64(f.font.Upem()))
}

// has tells whether the face has a letter for r of its own.
func (f *face) has(r rune) bool {
	_, ok := f.font.NominalGlyph(r)
	return ok
}
