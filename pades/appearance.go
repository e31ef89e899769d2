package pades

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// form is an appearance stream of width by height points that shows upright on
// a page turned by turn degrees. The viewer scales its turned box into the
// widget's rectangle (ISO 32000-2, 12.5.5).
func form(content []byte, width, height float64, turn int, resources pdf.Dict) *pdf.Stream {
	if len(content) > 0 {
		resources["ColorSpace"] = colours
	}
	d := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"),
		"BBox": rounded(0, 0, width, height), "Resources": resources,
	}
	switch turn {
	case 90:
		d["Matrix"] = pdf.Array{0, 1, -1, 0, 0, 0}
	case 180:
		d["Matrix"] = pdf.Array{-1, 0, 0, -1, 0, 0}
	case 270:
		d["Matrix"] = pdf.Array{0, -1, 1, 0, 0, 0}
	}
	return deflated(d, content)
}

// colours say what gray, red, green and blue are: those of sRGB. A document of
// PDF/A may be one for the printing press, or one that says nothing about colours,
// where they would mean nothing (ISO 19005-2, 6.2.4.3).
var colours = pdf.Dict{
	"DefaultGray": pdf.Array{pdf.Name("CalGray"), pdf.Dict{"WhitePoint": daylight, "Gamma": 2.2}},
	"DefaultRGB": pdf.Array{pdf.Name("CalRGB"), pdf.Dict{
		"WhitePoint": daylight, "Gamma": pdf.Array{2.2, 2.2, 2.2},
		"Matrix": pdf.Array{0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505},
	}},
}

var daylight = pdf.Array{0.9505, 1, 1.089} // D65

// worthDeflating is the length below which compression costs more than it gains:
// a compressor takes 0.8 MB and a third of a millisecond.
const worthDeflating = 8 << 10

func deflated(d pdf.Dict, data []byte) *pdf.Stream {
	if len(data) < worthDeflating {
		return &pdf.Stream{Dict: d, Data: data}
	}
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(data) // into memory: cannot fail
	w.Close()
	d["Filter"] = pdf.Name("FlateDecode")
	return &pdf.Stream{Dict: d, Data: out.Bytes()}
}

const (
	textSize   = 11.0 // points, where there is room
	smallest   = 3.0
	textMargin = 2.0
	leading    = 1.2 // distance of lines in sizes
)

// textAppearance shows a value: one line that shrinks, or wrapped lines. Text that
// is read from the right starts there.
func (a *approval) textAppearance(f placed, value string) *pdf.Stream {
	width, height := f.upright()
	room := max(1, width-2*textMargin)
	var b []byte
	b = append(b, "/Tx BMC\nq 0 g\n"...)
	if f.Multiline {
		size, lines := font.Regular.Block(value).Fit(room, height, smallest, textSize, leading)
		for i, line := range lines {
			b = a.letters.Draw(b, line, size, aligned(line, size, width), height-size*leading*float64(i+1)+size*0.25)
		}
	} else {
		line := font.Regular.Line(strings.Join(strings.Fields(value), " "))
		size := line.Fit(room, smallest, min(textSize, height*0.8))
		b = a.letters.Draw(b, line, size, aligned(line, size, width), (height-size*0.7)/2)
	}
	b = append(b, "Q\nEMC\n"...)
	return form(b, width, height, f.Turn, a.letters.Resources())
}

// aligned is where a line starts in a field of this width.
func aligned(line font.Line, size, width float64) float64 {
	if line.RightToLeft() {
		return width - textMargin - line.Width(size)
	}
	return textMargin
}

// box is a checkbox, with or without its tick.
func box(width, height float64, turn int, ticked bool) *pdf.Stream {
	b := fmt.Appendf(nil, "q 0.3 G 0.8 w 0.5 0.5 %.4g %.4g re S\n", max(0.1, width-1), max(0.1, height-1))
	if ticked {
		side := min(width, height)
		x, y := (width-side)/2, (height-side)/2
		b = fmt.Appendf(b, "0 G %.4g w 1 J 1 j %.4g %.4g m %.4g %.4g l %.4g %.4g l S\n", side*0.11,
			x+side*0.22, y+side*0.52, x+side*0.42, y+side*0.28, x+side*0.78, y+side*0.76)
	}
	return form(append(b, "Q\n"...), width, height, turn, pdf.Dict{})
}
