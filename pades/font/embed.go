package font

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"math"
	"sync"
	"unicode/utf16"

	"chancery/pades/pdf"
)

// embedded is a font as a file holds it, but for the numbers of its objects.
type embedded struct {
	sum              []byte
	name             pdf.Name
	cff              bool
	facts            facts
	widths           pdf.Array
	program, unicode *pdf.Stream
	present          *pdf.Stream
}

// make takes the letters out of the face.
func (f *sorts) make() *embedded {
	p := f.face.outlines.subset(f.glyphs)
	sum := sha256.Sum256(p.data)
	e := &embedded{sum: sum[:], cff: p.cff, facts: f.face.facts, name: pdf.Name(tag(sum[:]) + "+" + f.face.name)}
	widths := make(pdf.Array, 0, len(f.glyphs))
	for _, g := range f.glyphs[1:] {
		widths = append(widths, math.Round(f.face.width(g)*10)/10)
	}
	e.widths = pdf.Array{1, widths}
	e.program = deflated(p.data, pdf.Dict{})
	if p.cff {
		e.program.Dict["Subtype"] = pdf.Name("CIDFontType0C")
	} else {
		e.program.Dict["Length1"] = len(p.data)
	}
	e.unicode = deflated(toUnicode(f.reads), pdf.Dict{})
	e.present = deflated(allOf(p.glyphs), pdf.Dict{})
	return e
}

// put writes a composite font whose codes are the numbers of its glyphs
// (ISO 32000-2, 9.7).
func (e *embedded) put(ref pdf.Ref, reserve func() pdf.Ref, put func(pdf.Ref, pdf.Object)) {
	add := func(o pdf.Object) pdf.Ref {
		ref := reserve()
		put(ref, o)
		return ref
	}
	descriptor := e.descriptor()
	descriptor["CIDSet"] = add(e.present) // PDF/A-1 asks for it
	kind, key := pdf.Name("CIDFontType2"), pdf.Name("FontFile2")
	if e.cff {
		kind, key = "CIDFontType0", "FontFile3"
	}
	descriptor[key] = add(e.program)
	font := pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": kind, "BaseFont": e.name, "W": e.widths, "FontDescriptor": add(descriptor),
		"CIDSystemInfo": pdf.Dict{"Registry": pdf.String("Adobe"), "Ordering": pdf.String("Identity"), "Supplement": 0},
	}
	if !e.cff {
		font["CIDToGIDMap"] = pdf.Name("Identity")
	}
	put(ref, pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "BaseFont": e.name, "Encoding": pdf.Name("Identity-H"),
		"DescendantFonts": pdf.Array{add(font)}, "ToUnicode": add(e.unicode),
	})
}

func (e *embedded) descriptor() pdf.Dict {
	const symbolic, italic = 1 << 2, 1 << 6
	whole := func(v float64) int { return int(math.Round(v)) }
	d := pdf.Dict{
		"Type": pdf.Name("FontDescriptor"), "FontName": e.name, "Flags": symbolic,
		"FontBBox":    pdf.Array{whole(e.facts.box[0]), whole(e.facts.box[1]), whole(e.facts.box[2]), whole(e.facts.box[3])},
		"ItalicAngle": whole(e.facts.slant), "Ascent": whole(e.facts.ascent), "Descent": whole(e.facts.descent),
		"CapHeight": whole(e.facts.height), "StemV": 80,
	}
	if e.facts.slant != 0 {
		d["Flags"] = symbolic | italic
	}
	if e.facts.bold {
		d["StemV"] = 140
	}
	return d
}

// toUnicode maps codes to text (ISO 32000-2, 9.10.3). A glyph that nothing has
// told about is a part of something that tells for it.
func toUnicode(reads []string) []byte {
	const head = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
	const most = 100 // lines of one block
	b := []byte(head)
	for from := 1; from < len(reads); from += most {
		to := min(from+most, len(reads))
		b = fmt.Appendf(b, "%d beginbfchar\n", to-from)
		for code := from; code < to; code++ {
			text := reads[code]
			if text == "" {
				text = "\u200b"
			}
			b = fmt.Appendf(b, "<%04x> <", code)
			for _, unit := range utf16.Encode([]rune(text)) {
				b = fmt.Appendf(b, "%04x", unit)
			}
			b = append(b, ">\n"...)
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"...)
}

// allOf is a set with the first n numbers in it, one bit each.
func allOf(n int) []byte {
	set := bytes.Repeat([]byte{0xff}, n/8)
	if n%8 != 0 {
		set = append(set, byte(0xff<<(8-n%8)))
	}
	return set
}

// compressors are kept, since making one takes more memory than a signature.
var compressors = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func deflated(data []byte, d pdf.Dict) *pdf.Stream {
	var out bytes.Buffer
	w := compressors.Get().(*zlib.Writer)
	defer compressors.Put(w)
	w.Reset(&out)
	w.Write(data) // into memory: cannot fail
	w.Close()
	d["Filter"] = pdf.Name("FlateDecode")
	return &pdf.Stream{Dict: d, Data: out.Bytes()}
}
