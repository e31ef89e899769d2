package pades

import (
	"fmt"
	"strings"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// Lines under a signature take this much of a field at most; in a field lower
// than lowField there is only the mark.
const (
	lineSize  = 6.5  // points
	linesPart = 0.55 // of the height
	lowField  = 24.0 // points
)

// mark draws ink with lines of text under it.
func (a *approval) mark(f placed, ink drawing, lines []string) *pdf.Stream {
	width, height := f.upright()
	resources := fontResources(a.plan.Fonts)
	if ink.picture != nil {
		resources["XObject"] = pdf.Dict{"Ink": a.picture(ink)}
	}
	lower := 0.0
	b := []byte("q 0 0 0.45 rg 0 0 0.45 RG\n")
	if len(lines) > 0 && height >= lowField {
		size := min(lineSize, height*linesPart/float64(len(lines))/1.2)
		lower = size*1.2*float64(len(lines)) + 1
		b = under(b, a.readable(lines), size, width, lower)
	}
	b = ink.into(b, textMargin, lower+1, max(1, width-2*textMargin), max(1, height-lower-2))
	return form(append(b, "Q\n"...), width, height, f.Turn, resources)
}

// readable puts the address where a line holds a name that no font can show.
func (a *approval) readable(lines []string) []string {
	if a.act.Name == "" {
		return lines
	}
	out := make([]string, len(lines))
	for i, text := range lines {
		out[i] = strings.ReplaceAll(text, a.act.Name, legible(a.act.Name, a.act.Email))
	}
	return out
}

// under writes the lines below a thin rule.
func under(b []byte, lines []string, size, width, top float64) []byte {
	b = fmt.Appendf(b, "q 0.25 g 0.6 G 0.4 w 0 %.2f m %.2f %.2f l S\n", top, width, top)
	for i, text := range lines {
		fit := font.Regular.Fit(text, max(1, width-2*textMargin), 2, size)
		b = font.Regular.Draw(b, text, fit, textMargin, top-size*1.2*float64(i+1)+size*0.2)
	}
	return append(b, "Q\n"...)
}

// picture writes the image once, however many places show it.
func (a *approval) picture(ink drawing) pdf.Ref {
	if a.pictures == nil {
		a.pictures = map[*pdf.Stream]pdf.Ref{}
	}
	if ref, ok := a.pictures[ink.picture]; ok {
		return ref
	}
	ink.picture.Dict["SMask"] = a.update.Add(ink.mask)
	ref := a.update.Add(ink.picture)
	a.pictures[ink.picture] = ref
	return ref
}
