package pades

import (
	"fmt"
	"strings"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// Lines stand under the mark, or beside it where the field is too low for that. In
// a field lower than lowField there is only the mark.
const (
	lineSize   = 6.5  // points, in a field of usual height
	lineLarge  = 9.0  // points, at most
	linesPart  = 0.5  // of the height
	lineGrows  = 0.11 // of the height
	lowField   = 18.0 // points
	besideFrom = 4.0  // times as wide as high
	besideTo   = 44.0 // points of height
	besideInk  = 0.42 // of the width
)

// mark draws ink with lines of text.
func (a *approval) mark(f placed, ink drawing, lines []string) *pdf.Stream {
	width, height := f.upright()
	b := []byte("q 0 0 0.45 rg 0 0 0.45 RG\n")
	x, y, w, h := textMargin, 1.0, width-2*textMargin, height-2
	if len(lines) > 0 && height >= lowField {
		set := a.readable(lines)
		if height < besideTo && width >= besideFrom*height {
			left := width * besideInk
			b = a.beside(b, set, left, width, height)
			w = left - 2*textMargin
		} else {
			size := min(max(lineSize, min(height*lineGrows, lineLarge)), height*linesPart/float64(len(set))/leading)
			top := size*leading*float64(len(set)) + 2
			b = a.under(b, set, size, width, top)
			y, h = y+top, h-top
		}
	}
	b = ink.into(b, a.letters, x, y, max(1, w), max(1, h))
	resources := a.letters.Resources()
	if ink.picture != nil {
		resources["XObject"] = pdf.Dict{"Ink": a.picture(ink)}
	}
	return form(append(b, "Q\n"...), width, height, f.Turn, resources)
}

// readable shapes the lines, with the address where a line holds a name that no
// font can show.
func (a *approval) readable(lines []string) []font.Line {
	shown := legible(a.act.Name, a.act.Email)
	out := make([]font.Line, len(lines))
	for i, text := range lines {
		if a.act.Name != "" && shown != a.act.Name {
			text = strings.ReplaceAll(text, a.act.Name, shown)
		}
		out[i] = font.Regular.Line(text)
	}
	return out
}

// under writes the lines below a thin rule, from the side where the first of them
// starts.
func (a *approval) under(b []byte, lines []font.Line, size, width, top float64) []byte {
	b = fmt.Appendf(b, "q 0.25 g 0.6 G 0.4 w 0 %.2f m %.2f %.2f l S\n", top, width, top)
	return append(a.column(b, lines, size, 0, width, top), "Q\n"...)
}

// beside writes the lines to the right of a thin rule.
func (a *approval) beside(b []byte, lines []font.Line, left, width, height float64) []byte {
	size := min(lineSize, (height-2)/float64(len(lines))/leading)
	b = fmt.Appendf(b, "q 0.25 g 0.6 G 0.4 w %.2f 1 m %.2f %.2f l S\n", left, left, height-1)
	top := (height + size*leading*float64(len(lines))) / 2
	return append(a.column(b, lines, size, left, width, top), "Q\n"...)
}

func (a *approval) column(b []byte, lines []font.Line, size, left, right, top float64) []byte {
	for i, line := range lines {
		fit := line.Fit(max(1, right-left-2*textMargin), 2, size)
		x := left + textMargin
		if lines[0].RightToLeft() {
			x = right - textMargin - line.Width(fit)
		}
		b = a.letters.Draw(b, line, fit, x, top-size*leading*float64(i+1)+size*0.2)
	}
	return b
}

// picture writes the image once, however many places show it.
func (a *approval) picture(ink drawing) pdf.Ref {
	if a.pictures == nil {
		a.pictures = map[*pdf.Stream]pdf.Ref{}
	}
	if ref, ok := a.pictures[ink.picture]; ok {
		return ref
	}
	if ink.mask != nil {
		ink.picture.Dict["SMask"] = a.update.Add(ink.mask)
	}
	ref := a.update.Add(ink.picture)
	a.pictures[ink.picture] = ref
	return ref
}
