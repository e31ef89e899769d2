package erase

import (
	"strings"

	"chancery/pades/pdf"
)

// font is what moves text on: how codes are read, and how wide they are.
type font struct {
	composite bool            // codes of two bytes
	widths    map[int]float64 // in thousandths of the size
	otherwise float64
}

// glyph is one code of a string.
type glyph struct {
	code  []byte
	width float64
	space bool // word spacing applies (9.3.3)
}

// step is how many bytes a code has.
func (f *font) step() int {
	if f.composite {
		return 2
	}
	return 1
}

func (f *font) glyphs(s pdf.String) []glyph {
	step := f.step()
	all := make([]glyph, 0, len(s)/step+1)
	for at := 0; at < len(s); at += step {
		code := s[at:min(at+step, len(s))]
		number := 0
		for _, b := range code {
			number = number<<8 | int(b)
		}
		width, known := f.widths[number]
		if !known {
			width = f.otherwise
		}
		all = append(all, glyph{code, width, !f.composite && number == ' '})
	}
	return all
}

// maxWidths of a font: as many as there are codes.
const maxWidths = 1 << 16

func (e *erasure) readFont(o pdf.Object) (*font, error) {
	d, err := e.file.Dict(o)
	if err != nil || d == nil {
		return nil, err
	}
	kind, err := e.file.Name(d["Subtype"])
	if err != nil {
		return nil, err
	}
	if kind == "Type0" {
		return e.compositeFont(d)
	}
	f := &font{widths: map[int]float64{}}
	scale := 1.0
	if kind == "Type3" {
		m, err := e.file.Array(d["FontMatrix"])
		if err != nil {
			return nil, err
		}
		scale = 1000 * numbers(m[:min(6, len(m))], 6)[0]
	}
	list, err := e.file.Array(d["Widths"])
	if err != nil {
		return nil, err
	}
	first, _, err := e.file.Int(d["FirstChar"])
	if err != nil {
		return nil, err
	}
	for i, w := range list[:min(len(list), 256)] {
		w, err := e.file.Get(w)
		if err != nil {
			return nil, err
		}
		f.widths[int(first)+i] = number(w) * scale
	}
	described, err := e.file.Dict(d["FontDescriptor"])
	if err != nil {
		return nil, err
	}
	f.otherwise = number(described["MissingWidth"])
	if list == nil {
		base, err := e.file.Name(d["BaseFont"])
		if err != nil {
			return nil, err
		}
		f.standard(string(base))
	}
	return f, nil
}

// compositeFont reads the widths by CID (9.7.4.3), where codes are CIDs.
func (e *erasure) compositeFont(d pdf.Dict) (*font, error) {
	below, err := e.file.Array(d["DescendantFonts"])
	if err != nil || len(below) == 0 {
		return nil, err
	}
	cid, err := e.file.Dict(below[0])
	if err != nil {
		return nil, err
	}
	f := &font{composite: true, widths: map[int]float64{}, otherwise: 1000}
	if w, err := e.file.Get(cid["DW"]); err != nil {
		return nil, err
	} else if w != nil {
		f.otherwise = number(w)
	}
	list, err := e.file.Array(cid["W"])
	if err != nil {
		return nil, err
	}
	return f, e.cidWidths(f, list)
}

// cidWidths reads "first [w …]" and "first last w".
func (e *erasure) cidWidths(f *font, list pdf.Array) error {
	for at := 0; at+1 < len(list) && len(f.widths) < maxWidths; {
		first := int(number(list[at]))
		next, err := e.file.Get(list[at+1])
		if err != nil {
			return err
		}
		if several, is := next.(pdf.Array); is {
			for i, w := range several {
				f.widths[first+i] = number(w)
			}
			at += 2
			continue
		}
		if at+2 >= len(list) {
			return nil
		}
		last := min(int(number(next)), first+maxWidths)
		for code := first; code <= last; code++ {
			f.widths[code] = number(list[at+2])
		}
		at += 3
	}
	return nil
}

// standard are the widths of a font that every viewer has (9.6.2.2).
func (f *font) standard(base string) {
	if _, name, subset := strings.Cut(base, "+"); subset {
		base = name
	}
	table := standardWidths[familyOf(base)]
	if table == nil {
		f.otherwise = 600 // of Courier
		return
	}
	for i, w := range table {
		f.widths[32+i] = float64(w)
	}
}

// familyOf a name such as Arial,BoldItalic.
func familyOf(base string) string {
	lower := strings.ToLower(base)
	bold, slanted := strings.Contains(lower, "bold"), strings.Contains(lower, "italic") || strings.Contains(lower, "oblique")
	switch {
	case strings.Contains(lower, "times") && bold && slanted:
		return "Times-BoldItalic"
	case strings.Contains(lower, "times") && bold:
		return "Times-Bold"
	case strings.Contains(lower, "times") && slanted:
		return "Times-Italic"
	case strings.Contains(lower, "times"):
		return "Times-Roman"
	case strings.Contains(lower, "courier"):
		return "Courier"
	case bold:
		return "Helvetica-Bold"
	}
	return "Helvetica"
}
