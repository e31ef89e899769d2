package font

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// quadratic are the tables of a TrueType font that its outlines need. The
// instructions for old screens (cvt, fpgm, prep) stay behind: no viewer of today
// needs them, and they weigh as much as a name does.
type quadratic struct {
	loca, head, hhea, hmtx, maxp []byte
	glyf                         *io.SectionReader
	long                         bool // kind of loca
	metrics                      int  // number of widths in hmtx
	glyphs                       int
}

// Flags of the parts of a composite glyph (OpenType, glyf).
const (
	partWords        = 1 << 0
	partScale        = 1 << 3
	partMore         = 1 << 5
	partScales       = 1 << 6
	partMatrix       = 1 << 7
	partInstructions = 1 << 8
)

var errGlyph = errors.New("a glyph is damaged")

// trueType takes the tables of a font whose outlines are in glyf. Of a font that
// varies these are the outlines of its default, which is what shaping uses. glyf is
// that table where it is known already.
func trueType(loader *opentype.Loader, glyf *io.SectionReader) (*quadratic, error) {
	q := &quadratic{glyf: glyf}
	if glyf == nil {
		raw, err := loader.RawTable(opentype.MustNewTag("glyf"))
		if err != nil {
			return nil, err
		}
		q.glyf = io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw)))
	}
	for name, into := range map[string]*[]byte{
		"loca": &q.loca, "head": &q.head, "hhea": &q.hhea, "hmtx": &q.hmtx, "maxp": &q.maxp,
	} {
		raw, err := loader.RawTable(opentype.MustNewTag(name))
		if err != nil {
			return nil, err
		}
		*into = raw
	}
	if len(q.head) < headLength || len(q.hhea) < hheaLength || len(q.maxp) < 32 {
		return nil, errors.New("a table is short")
	}
	q.long = binary.BigEndian.Uint16(q.head[50:]) == 1
	q.metrics = int(binary.BigEndian.Uint16(q.hhea[34:]))
	q.glyphs = int(binary.BigEndian.Uint16(q.maxp[4:]))
	if q.metrics == 0 || q.metrics > q.glyphs || len(q.hmtx) < 4*q.metrics+2*(q.glyphs-q.metrics) {
		return nil, errors.New("a width is missing")
	}
	return q, nil
}

// outline is the glyph's description, which is empty for a space.
func (q *quadratic) outline(glyph gotext.GID) []byte {
	var from, to int64
	n := int(glyph)
	switch {
	case n >= q.glyphs:
		return nil
	case q.long && len(q.loca) >= 4*n+8:
		from, to = int64(binary.BigEndian.Uint32(q.loca[4*n:])), int64(binary.BigEndian.Uint32(q.loca[4*n+4:]))
	case !q.long && len(q.loca) >= 2*n+4:
		from, to = 2*int64(binary.BigEndian.Uint16(q.loca[2*n:])), 2*int64(binary.BigEndian.Uint16(q.loca[2*n+2:]))
	default:
		return nil
	}
	if from > to || to > q.glyf.Size() {
		return nil
	}
	description := make([]byte, to-from)
	if _, err := q.glyf.ReadAt(description, from); err != nil {
		return nil
	}
	return description
}

// subset copies the outlines of glyphs and of the parts they are made of. A damaged
// one becomes empty.
func (q *quadratic) subset(glyphs []gotext.GID) program {
	all, number := slices.Clone(glyphs), make(map[gotext.GID]uint16, len(glyphs))
	for i, g := range all {
		number[g] = uint16(i)
	}
	take := func(part gotext.GID) uint16 {
		n, ok := number[part]
		if !ok {
			n = uint16(len(all))
			number[part], all = n, append(all, part)
		}
		return n
	}
	var glyf []byte
	loca := []uint32{0}
	for i := 0; i < len(all) && i < 1<<16; i++ { // grows while it goes
		if longer, err := copyOutline(glyf, q.outline(all[i]), take); err == nil {
			glyf = longer
		}
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		loca = append(loca, uint32(len(glyf)))
	}
	return program{data: q.assemble(all, glyf, loca), glyphs: len(all)}
}

// copyOutline appends a description without its instructions, with its parts
// under the numbers that take gives them.
func copyOutline(to, source []byte, take func(gotext.GID) uint16) ([]byte, error) {
	if len(source) == 0 {
		return to, nil
	}
	if len(source) < 10 {
		return nil, errGlyph
	}
	contours := int(int16(binary.BigEndian.Uint16(source)))
	if contours < 0 {
		return copyComposite(to, source, take)
	}
	ends := 10 + 2*contours
	if len(source) < ends+2 {
		return nil, errGlyph
	}
	points := ends + 2 + int(binary.BigEndian.Uint16(source[ends:]))
	if len(source) < points {
		return nil, errGlyph
	}
	to = append(append(to, source[:ends]...), 0, 0)
	return append(to, source[points:]...), nil
}

func copyComposite(to, source []byte, take func(gotext.GID) uint16) ([]byte, error) {
	to = append(to, source[:10]...)
	for at := 10; ; {
		if len(source) < at+4 {
			return nil, errGlyph
		}
		flags := binary.BigEndian.Uint16(source[at:])
		length := partLength(flags)
		if len(source) < at+length {
			return nil, errGlyph
		}
		to = binary.BigEndian.AppendUint16(to, flags&^partInstructions)
		to = binary.BigEndian.AppendUint16(to, take(gotext.GID(binary.BigEndian.Uint16(source[at+2:]))))
		to = append(to, source[at+4:at+length]...)
		if at += length; flags&partMore == 0 {
			return to, nil
		}
	}
}

func partLength(flags uint16) int {
	length := 6
	if flags&partWords != 0 {
		length += 2
	}
	switch {
	case flags&partScale != 0:
		length += 2
	case flags&partScales != 0:
		length += 4
	case flags&partMatrix != 0:
		length += 8
	}
	return length
}
