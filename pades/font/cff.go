package font

import (
	"encoding/binary"
	"math"

	gotext "github.com/go-text/typesetting/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// drawn are outlines that cannot be copied as they stand: those of PostScript
// fonts, which share subroutines among tens of thousands of glyphs. They are
// written anew as a CFF font with numbered glyphs and nothing shared (Adobe
// Technical Notes 5176 and 5177), in thousandths of the size.
type drawn struct{ face *face }

func (d drawn) subset(glyphs []gotext.GID) program {
	var shapes index
	for i, g := range glyphs {
		var c charstring
		c.number(int(math.Round(d.face.width(g))))
		var outline sfnt.Segments
		if i > 0 { // .notdef stays empty
			outline = d.face.outline(g)
		}
		shapes = append(shapes, c.draw(outline))
	}
	return program{data: compact(shapes), glyphs: len(glyphs), cff: true}
}

// outline is what a glyph looks like, in 64ths of a thousandth of the size, y down.
// A damaged one is empty.
func (f *face) outline(g gotext.GID) sfnt.Segments {
	var b sfnt.Buffer
	segments, err := f.shapes.LoadGlyph(&b, sfnt.GlyphIndex(g), fixed.I(1000), nil)
	if err != nil {
		return nil
	}
	return segments
}

// Operators of DICTs and charstrings.
const (
	opCharset      = 15
	opCharStrings  = 17
	opPrivate      = 18
	opDefaultWidth = 20
	opNominalWidth = 21
	opEscape       = 12
	opROS          = 30
	opCIDCount     = 34
	opFDArray      = 36
	opFDSelect     = 37

	opLine  = 5
	opCurve = 8
	opEnd   = 14
	opMove  = 21
)

// firstOwnString is the number of the first string that is not a standard one.
const firstOwnString = 391

// compact writes the font. The offsets in its top DICT have five bytes each, so
// that the length of what stands before them is known at once.
func compact(shapes index) []byte {
	head := []byte{1, 0, 4, 4}
	head = index{[]byte("F")}.append(head)
	after := index{[]byte("Adobe"), []byte("Identity")}.append(nil)
	after = index{}.append(after) // no shared subroutines
	top := topDict(len(shapes), 0, 0, 0, 0)
	start := len(head) + len(index{top}.append(nil)) + len(after)

	charset := append([]byte{2}, 0, 1) // from glyph 1 on, number and name are the same
	charset = binary.BigEndian.AppendUint16(charset, uint16(len(shapes)-2))
	choice := []byte{3, 0, 1, 0, 0, 0} // one range: all glyphs have font DICT 0
	choice = binary.BigEndian.AppendUint16(choice, uint16(len(shapes)))
	glyphs := shapes.append(nil)
	private := []byte{139, opDefaultWidth, 139, opNominalWidth} // both 0: widths are given whole

	atChoice := start + len(charset)
	atGlyphs := atChoice + len(choice)
	atPrivate := atGlyphs + len(glyphs)
	fonts := index{append(dictNumber(dictNumber(nil, len(private)), atPrivate), opPrivate)}.append(nil)
	b := index{topDict(len(shapes), start, atChoice, atGlyphs, atPrivate+len(private))}.append(head)
	for _, part := range [][]byte{after, charset, choice, glyphs, private, fonts} {
		b = append(b, part...)
	}
	return b
}

func topDict(count, charset, choice, glyphs, fonts int) (b []byte) {
	add := func(operator []byte, operands ...int) {
		for _, v := range operands {
			b = dictNumber(b, v)
		}
		b = append(b, operator...)
	}
	add([]byte{opEscape, opROS}, firstOwnString, firstOwnString+1, 0)
	add([]byte{opEscape, opCIDCount}, count)
	add([]byte{opCharset}, charset)
	add([]byte{opEscape, opFDSelect}, choice)
	add([]byte{opCharStrings}, glyphs)
	add([]byte{opEscape, opFDArray}, fonts)
	return b
}

func dictNumber(b []byte, v int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 29), uint32(v))
}

// index is CFF's list of byte strings.
type index [][]byte

func (x index) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(x)))
	if len(x) == 0 {
		return b
	}
	b = append(b, 4) // bytes of an offset
	at := uint32(1)
	for _, item := range x {
		b = binary.BigEndian.AppendUint32(b, at)
		at += uint32(len(item))
	}
	b = binary.BigEndian.AppendUint32(b, at)
	for _, item := range x {
		b = append(b, item...)
	}
	return b
}
