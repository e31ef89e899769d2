package font

import (
	"encoding/binary"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// facts are the numbers of a font descriptor, in thousandths of the size.
type facts struct {
	box                     [4]float64
	ascent, descent, height float64
	slant                   float64 // degrees
	bold                    bool
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
