package erase

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chancery/pades/pdf"
	"chancery/problem"
)

// sheet is a file of one page with this content, in Courier of 10 points as F; the
// form X has the second content.
func sheet(content, form string) []byte {
	b := []byte("%PDF-1.7\n")
	var offsets []int
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents[4 0 R]>>", stream("", content),
		"<</Type/Font/Subtype/Type1/BaseFont/Courier>>", stream("/Subtype/Form/BBox[0 0 400 300]", form),
	} {
		offsets = append(offsets, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
}

func stream(members, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), members, data)
}

// shown is the content of the page, and that of the form.
func shown(t *testing.T, file []byte) (page, form string) {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := f.Pages()
	if err != nil {
		t.Fatal(err)
	}
	e := erasure{file: f}
	content, err := e.contents(pages[0].Dict["Contents"])
	if err != nil {
		t.Fatal(err)
	}
	within, err := e.contents(pdf.Ref{Num: 6})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content)), strings.TrimSpace(string(within))
}

// A letter of Courier at 10 points is 6 points wide.
func TestOnlyTheOperatorThatShowsALetterChanges(t *testing.T) {
	for name, tt := range map[string]struct {
		content, form string
		x, y          float64
		page, within  string
	}{
		"in the middle":        {"q 1 0 0 RG BT /F 10 Tf 0 0 Td (abc) Tj ET Q", "", 6, 0, "q 1 0 0 RG BT /F 10 Tf 0 0 Td [(a) -600 (c)] TJ ET Q", ""},
		"with spacing":         {"BT /F 10 Tf 1 Tc 2 Tw 0 0 Td (a c) Tj ET", "", 7, 0, "BT /F 10 Tf 1 Tc 2 Tw 0 0 Td [(a) -900 (c)] TJ ET", ""},
		"beside steps":         {"BT /F 10 Tf 0 0 Td [(a)100(b)50(c)] TJ ET", "", 5, 0, "BT /F 10 Tf 0 0 Td [(a) -450 (c)] TJ ET", ""},
		"by an apostrophe":     {"BT /F 10 Tf 12 TL 0 24 Td (ab) ' ET", "", 0, 12, "BT /F 10 Tf 12 TL 0 24 Td T* [-600 (b)] TJ ET", ""},
		"by a quotation mark":  {"BT /F 10 Tf 12 TL 0 24 Td 1 2 (ab) \" ET", "", 0, 12, "BT /F 10 Tf 12 TL 0 24 Td 1 Tw 2 Tc T* [-800 (b)] TJ ET", ""},
		"raised":               {"BT /F 10 Tf 3 Ts 0 0 Td (ab) Tj ET", "", 6, 3, "BT /F 10 Tf 3 Ts 0 0 Td [(a) -600] TJ ET", ""},
		"after saving":         {"q 2 0 0 2 0 0 cm Q BT /F 10 Tf (ab) Tj ET", "", 6, 0, "q 2 0 0 2 0 0 cm Q BT /F 10 Tf [(a) -600] TJ ET", ""},
		"in a form":            {"1 0 0 1 5 5 cm /X Do", "BT /F 10 Tf (ab) Tj ET", 11, 5, "1 0 0 1 5 5 cm /X Do", "BT /F 10 Tf [(a) -600] TJ ET"},
		"in a form of itself":  {"/X Do", "BT /F 10 Tf (ab) Tj ET /X Do", 6, 0, "/X Do", "BT /F 10 Tf [(a) -600] TJ ET /X Do"},
		"within brackets only": {"BT /F 10 Tf (\\(\\)b) Tj ET", "", 12, 0, "BT /F 10 Tf [(\\(\\)) -600] TJ ET", ""},
	} {
		file := sheet(tt.content, tt.form)
		longer, _, err := Letters(t.Context(), bytes.NewReader(file), int64(len(file)), []Mark{{X: tt.x, Y: tt.y}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if page, form := shown(t, longer); page != tt.page || form != tt.within {
			t.Errorf("%s: %s and %s", name, page, form)
		}
		if !bytes.HasPrefix(longer, file) {
			t.Errorf("%s: bytes before have changed", name)
		}
	}
}

func TestAMarkThatNoLetterMeetsIsAnError(t *testing.T) {
	file := sheet("BT /F 10 Tf (abc) Tj ET", "")
	for _, mark := range []Mark{{X: 3}, {Y: 100}, {Page: 1}, {Page: -1}} {
		if _, _, err := Letters(t.Context(), bytes.NewReader(file), int64(len(file)), []Mark{mark}); !errors.Is(err, ErrStuck) {
			t.Errorf("%v: %v", mark, err)
		}
	}
}

// Whatever a content stream says, the answer is a file with as many pages, or an error.
func FuzzLetters(f *testing.F) {
	f.Add("BT /F 10 Tf 0 0 Td (abc) Tj [(a)1(b)] TJ ET", "BT /F 10 Tf (ab) ' 1 2 (x) \" ET", 6.0, 0.0)
	f.Add("q BI /W 1 ID xEI EI Q /X Do", "/X Do /S <</ActualText(x)>> BDC (a) Tj EMC", 0.0, 0.0)
	f.Add("[[[ << /a ( ] > 5 0 R Tj \" ' Tf Do gs", "", 1.0, 1.0)
	f.Fuzz(func(t *testing.T, page, form string, x, y float64) {
		file := sheet(page, form)
		longer, _, err := Letters(t.Context(), bytes.NewReader(file), int64(len(file)), []Mark{{X: x, Y: y}})
		if err != nil {
			return
		}
		again, err := pdf.Open(bytes.NewReader(longer), int64(len(longer)))
		if err != nil {
			t.Fatal(err)
		}
		pages, err := again.Pages()
		if err != nil || len(pages) != 1 {
			t.Fatalf("%d pages: %v", len(pages), err)
		}
		e := erasure{ctx: t.Context(), file: again, forms: map[int]*content{}}
		if err := e.page(pages[0], nil); err != nil && problem.Of(err).Kind == problem.KindInternal {
			t.Fatalf("the content cannot be read again: %v", err)
		}
	})
}
