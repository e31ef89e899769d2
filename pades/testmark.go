package pades

import (
	"chancery/pades/font"
	"chancery/pades/pdf"
)

// TestMark is what a sandbox prints on every page.
const TestMark = "API TEST – not legally binding"

const (
	testMarkSize   = 9.0 // points
	testMarkMargin = 6.0
)

// testMarks puts the mark at the top of every page, as an annotation that
// cannot be changed. It belongs to the first increment, before anyone signs.
func (p *placing) testMarks() {
	text := font.Bold.Line(TestMark)
	width := text.Width(testMarkSize) + 2*testMarkMargin
	height := testMarkSize * 1.7
	drawn := map[int]pdf.Ref{}
	for i, page := range p.pages {
		look, ok := drawn[page.Rotate]
		if !ok {
			content := p.testMark(text, width, height)
			look = p.update.Add(form(content, width, height, page.Rotate, p.letters.Resources()))
			drawn[page.Rotate] = look
		}
		shown, _ := page.Displayed()
		w := min(width, shown)
		at := onPage(Rect{X: (shown - w) / 2, Y: 2, Width: w, Height: height * w / width}, page)
		p.annots[i] = append(p.annots[i], p.update.Add(pdf.Dict{
			"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "P": page.Ref,
			"Rect": rounded(at[:]...), "Contents": pdf.Text(TestMark),
			"F": flagPrint | flagReadOnly | flagLocked | flagContents, "AP": pdf.Dict{"N": look},
		}))
	}
}

func (p *placing) testMark(text font.Line, width, height float64) []byte {
	b := []byte("q 1 0.93 0.85 rg 0.8 0.3 0 RG 0.6 w 0.3 0.3")
	b = pdf.AppendReal(append(b, ' '), width-0.6)
	b = pdf.AppendReal(append(b, ' '), height-0.6)
	b = append(b, " re B 0.7 0.2 0 rg\n"...)
	b = p.letters.Draw(b, text, testMarkSize, testMarkMargin, testMarkSize*0.5)
	return append(b, "Q\n"...)
}
