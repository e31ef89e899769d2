package font

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"chancery/pades/pdf"
)

// face is a font program: what shaping needs, and what a file says of a font that
// it embeds. It is never changed, so that any number may use it at a time.
type face struct {
	name     string // as PDF calls it, without the tag of a subset
	font     *gotext.Font
	measure  *gotext.Face // for widths only, which it keeps no notes of
	outlines outlines
	facts    facts
}

// facts are the numbers of a font descriptor, in thousandths of the size.
type facts struct {
	box                     [4]float64
	ascent, descent, height float64
	slant                   float64 // degrees
	bold                    bool
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

// parse reads one font of a file. All that is kept is in memory of its own.
func parse(file opentype.Resource, index int) (*face, error) {
	loaders, err := opentype.NewLoaders(file)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	if index >= len(loaders) {
		return nil, fmt.Errorf("read font: the collection has no number %d", index)
	}
	loader := loaders[index]
	font, err := gotext.NewFont(loader)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	if font.Upem() == 0 {
		return nil, fmt.Errorf("read font: it has no size")
	}
	about := font.Describe()
	f := &face{font: font, measure: gotext.NewFace(font), name: resourceName(about)}
	f.facts = factsOf(loader, font)
	f.facts.bold = about.Aspect.Weight >= gotext.WeightSemibold
	if f.outlines, err = trueType(loader); err != nil {
		f.outlines = drawn{font}
	}
	return f, nil
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

// Places in the tables of OpenType that no parser hands out.
const (
	headBox     = 36 // xMin, yMin, xMax, yMax
	headLength  = 54
	hheaAscent  = 4
	hheaDescent = 6
	hheaLength  = 36
	postAngle   = 4 // 16.16
	os2Height   = 88
)

func factsOf(loader *opentype.Loader, font *gotext.Font) facts {
	scale := 1000 / float64(font.Upem())
	at := func(table []byte, offset int) float64 {
		if len(table) < offset+2 {
			return 0
		}
		return float64(int16(binary.BigEndian.Uint16(table[offset:]))) * scale
	}
	table := func(name string) []byte {
		raw, _ := loader.RawTable(opentype.MustNewTag(name))
		return raw
	}
	head, hhea, os2, post := table("head"), table("hhea"), table("OS/2"), table("post")
	f := facts{ascent: at(hhea, hheaAscent), descent: at(hhea, hheaDescent), height: at(os2, os2Height)}
	for i := range f.box {
		f.box[i] = at(head, headBox+2*i)
	}
	if f.height <= 0 {
		f.height = f.ascent * 0.9
	}
	if len(post) >= postAngle+4 {
		f.slant = float64(int32(binary.BigEndian.Uint32(post[postAngle:]))) / (1 << 16)
	}
	return f
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
