package pades_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

func cleaned(t testing.TB, file []byte) ([]byte, []string) {
	t.Helper()
	out, removed, err := pades.Clean(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return out, removed
}

func inspected(file []byte) (pades.Inspection, error) {
	return pades.Inspect(context.Background(), bytes.NewReader(file), int64(len(file)))
}

// assembled is a file of these objects, numbered from 1, the first its catalog.
func assembled(objects ...string) []byte {
	b := []byte("%PDF-1.4\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}

// busy has a script in five places, a program to launch, a form of XFA, a film
// and what looks like these and is not.
func busy() []byte {
	return assembled(
		`<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R/AA<</WC 5 0 R/DP<</S/Named/N/Print>>>>
/Names<</JavaScript<</Names[(a) 5 0 R]>>/Dests<</Names[(here)[3 0 R/Fit]]>>>>
/AcroForm<</Fields[6 0 R]/NeedAppearances true/XFA(<xdp/>)>>/Perms<</UR3 9 0 R>>>>`,
		`<</Type/Pages/Kids[3 0 R]/Count 1>>`,
		`<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots[6 0 R 7 0 R 8 0 R]/AA<</O 5 0 R>>
/Resources<</Font<</AA 10 0 R>>>>>>`,
		"<</Length 11 0 R>>\nstream\nBT /AA 12 Tf 20 150 Td (kept words) Tj ET\nendstream",
		`<</S 13 0 R/JS(app.alert\('x'\))/Next<</S/SubmitForm/F(http://example.com)>>>>`,
		`<</Type/Annot/Subtype/Widget/FT/Tx/T(f)/V(v)/Rect[10 10 50 30.00048828125]/AA<</K 5 0 R/F 5 0 R>>/A<</S/Launch/F(calc.exe)>>>>`,
		`<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://example.com)/Next[5 0 R<</S/GoTo/D(here)>>]>>>>`,
		`<</Type/Annot/Subtype/Movie/Rect[9 9 20 20]/Movie<</F(film.avi)>>/A true>>`,
		`<</Type/Sig>>`,
		`<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>`,
		`41`,
		`(nobody leads here)`,
		`/JavaScript`,
	)
}

func TestABusyFileIsCleanedAndNothingElse(t *testing.T) {
	file := busy()
	if found, err := inspected(file); !found.Has("pdf_active_content") {
		t.Fatalf("the test's own file is no case: %v", err)
	}
	clean, removed := cleaned(t, file)
	if _, err := inspected(clean); err != nil {
		t.Errorf("still refused: %v\n%s", err, clean)
	}
	want := []string{"JavaScript", "Launch", "Movie", "Named", "SubmitForm", "UsageRights", "XFA"}
	if !slices.Equal(removed, want) {
		t.Errorf("removed %v, want %v", removed, want)
	}
	for _, gone := range []string{"/JavaScript", "/OpenAction", "alert", "calc.exe", "film.avi", "/XFA", "/NeedAppearances", "/Perms", "nobody", "/Named"} {
		if bytes.Contains(clean, []byte(gone)) {
			t.Errorf("%s is still there", gone)
		}
	}
	for _, kept := range []string{"kept words", "/AA 8 0 R", "/URI (http://example.com)", "/GoTo", "(here)", "/V (v)", "30.00048828125", "/Screen"} {
		if !bytes.Contains(clean, []byte(kept)) {
			t.Errorf("%s is gone", kept)
		}
	}
	if t.Failed() {
		t.Logf("%s", clean)
	}
}

func TestAnActionWhoseKindStandsElsewhereIsActive(t *testing.T) {
	file := assembled(`<</Type/Catalog/Pages 2 0 R/OpenAction<</S 4 0 R/F(calc.exe)>>>>`,
		`<</Type/Pages/Kids[3 0 R]/Count 1>>`, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>`, `/Launch`)
	if found, err := inspected(file); !problem.Has(err, "pdf_active_content") || len(found.Reasons) != 1 || found.Reasons[0].Kind != "Launch" {
		t.Errorf("%v %v", found.Reasons, err)
	}
	clean, removed := cleaned(t, file)
	if _, err := inspected(clean); err != nil || !slices.Equal(removed, []string{"Launch"}) {
		t.Errorf("without %v: %v", removed, err)
	}
}

func TestCleaningTwiceChangesNothingMore(t *testing.T) {
	for name, file := range map[string][]byte{
		"a busy file": busy(), "ours": twoPages(), "turned pages": turnedPages(),
		"information that is not there": bytes.Replace(twoPages(), []byte("/Info "), []byte("/Info 9"), 1),
	} {
		once, _ := cleaned(t, file)
		twice, removed := cleaned(t, once)
		if !bytes.Equal(once, twice) || len(removed) > 0 {
			t.Errorf("%s: %d bytes became %d, without %v", name, len(once), len(twice), removed)
		}
	}
}

func TestACleanFileKeepsItsText(t *testing.T) {
	clean, removed := cleaned(t, twoPages())
	if len(removed) > 0 {
		t.Errorf("removed %v", removed)
	}
	before, after := textOf(t, twoPages()), textOf(t, clean)
	if before != after || len(strings.TrimSpace(before)) == 0 {
		t.Errorf("%q became %q", before, after)
	}
	if !bytes.Contains(clean, []byte("/Producer (Chancery)")) {
		t.Error("the document information is gone")
	}
	d := newDesk(t)
	signed, err := d.signAll(t, clean, twoSigners(paper.Width, paper.Height), annSigns(), bobSigns())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.judges(t).accept(t, signed, 4, true); err != nil {
		t.Error(err)
	}
}

func textOf(t *testing.T, file []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("skipped 1 case: pdftotext is not installed")
	}
	cmd := exec.Command("pdftotext", "-", "-")
	cmd.Stdin = bytes.NewReader(file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFilesThatCannotBeCleanedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ from, to, code string }{
		"a form that a program draws":      {"/Pages 2 0 R", "/NeedsRendering true/Pages 2 0 R", "pdf_xfa_only"},
		"a stream that ends too early":     {"\n41\n", "\n40\n", "pdf_damaged"},
		"a stream that goes past its end":  {"\n41\n", "\n99\n", "pdf_damaged"},
		"a font by the name of a script":   {"/Font<</AA", "/Font<</JS 10 0 R/AA", "pdf_active_content"},
		"a page that is somebody's action": {"/Type/Page/", "/Type/Page/S/Launch/", "pdf_active_content"},
	} {
		file := replaced(t, busy(), tt.from, tt.to)
		clean, _, err := pades.Clean(context.Background(), bytes.NewReader(file), int64(len(file)))
		if err == nil {
			_, err = inspected(clean)
		}
		if !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d := newDesk(t)
	signed := d.agreement(t)
	if _, _, err := pades.Clean(context.Background(), bytes.NewReader(signed), int64(len(signed))); !problem.Has(err, "pdf_already_signed") {
		t.Errorf("a signed file: %v", err)
	}
}

// replaced changes a piece of an assembled file and puts its offsets right.
func replaced(t *testing.T, file []byte, from, to string) []byte {
	t.Helper()
	body, _, _ := strings.Cut(string(file), "xref\n0 ")
	if !strings.Contains(body, from) {
		t.Fatalf("%q is not there", from)
	}
	var objects []string
	for i, part := range strings.Split(strings.Replace(body, from, to, 1), "\nendobj\n") {
		if _, object, ok := strings.Cut(part, fmt.Sprintf("%d 0 obj\n", i+1)); ok {
			objects = append(objects, object)
		}
	}
	return assembled(objects...)
}

// stubborn are the reasons that may be left after cleaning: what poses as
// something else is refused, never trusted.
var stubborn = []string{"pdf_active_content", "pdf_external", "pdf_already_signed", "pdf_certified", "pdf_xfa_only", "pdf_too_complex"}

// FuzzCleaning: what comes out can be read and has no other reason left than
// those; cleaning it again changes nothing.
func FuzzCleaning(f *testing.F) {
	f.Add(busy())
	f.Add(staleHybrid())
	f.Add(paged("/Threads[4 0 R]/Metadata 4 0 R/Collection<<>>/OCProperties<</OCGs[4 0 R]/D<</OFF[4 0 R]>>>>", "/Rotate 7/CropBox[9 9 9 9]/B[4 0 R]", layer))
	f.Add(twoPages())
	f.Add(turnedPages())
	f.Fuzz(func(t *testing.T, data []byte) {
		var p *problem.Problem
		clean, _, err := pades.Clean(context.Background(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !errors.As(err, &p) {
				t.Errorf("clean: %v", err)
			}
			return
		}
		found, err := inspected(clean)
		if err != nil && !errors.As(err, &p) {
			t.Errorf("inspect: %v", err)
		}
		for _, r := range found.Reasons {
			if r.Severity != pades.Note && !slices.Contains(stubborn, r.Code) {
				t.Errorf("cleaning leaves %+v\n%s", r, clean)
			}
		}
		again, _, err := pades.Clean(context.Background(), bytes.NewReader(clean), int64(len(clean)))
		if err != nil || !bytes.Equal(again, clean) {
			t.Errorf("cleaning again: %v\n%s\n%s", err, clean, again)
		}
	})
}
