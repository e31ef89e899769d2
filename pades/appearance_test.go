package pades_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades"
	"chancery/pades/font"
	"chancery/pades/paper"
)

// signedBy is a page with fields of many sizes that a person with this name fills.
func signedBy(t *testing.T, d desk, file []byte, pages int, name string, ink pades.Ink) []byte {
	t.Helper()
	spec := pades.Spec{Recipients: []string{"rcp_ann"}, TestMark: true}
	add := func(id string, kind pades.Kind, page int, x, y, width, height float64) {
		spec.Fields = append(spec.Fields, pades.Field{
			ID: id, Recipient: "rcp_ann", Kind: kind, Page: page, Multiline: height > 50, Rect: pades.Rect{X: x, Y: y, Width: width, Height: height},
		})
	}
	for page := range pages {
		id := string(rune('a' + page))
		add("usual_"+id, pades.Signature, page, 20, 30, 180, 60)
		add("low_"+id, pades.Signature, page, 20, 100, 130, 24)
		add("tiny_"+id, pades.Signature, page, 160, 100, 40, 12)
		add("initials_"+id, pades.Initials, page, 210, 30, 50, 30)
		add("line_"+id, pades.Text, page, 210, 70, 80, 18)
		add("block_"+id, pades.Text, page, 20, 130, 180, 60)
	}
	act := pades.Act{
		Recipient: "rcp_ann", Name: name, Email: "ann@example.com", Ink: ink, Values: map[string]string{},
		Text: []string{name, "2026-05-04 14:00 CEST", "act_01"},
	}
	for _, f := range spec.Fields {
		if f.Kind == pades.Text {
			act.Values[f.ID] = name
		}
	}
	signed, err := d.signAll(t, file, spec, act)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// readBack is the text of a file as poppler reads it.
func readBack(t *testing.T, file []byte) string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("skipped 1 case: pdftotext is not installed")
	}
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "").Replace(string(out))
}

func TestNamesInEveryScriptSignOnTurnedPagesAndAreReadBack(t *testing.T) {
	d := newDesk(t)
	j := d.judges(t)
	for _, name := range []string{
		"Zoë Žižková", "محمد بن سلمان", "山田 太郎", "Nguyễn Thị Minh Khai", "प्रिया शर्मा", "สมชาย ใจดี", "דוד כהן", "Владимир", "Ελένη", "김철수", "Ann 🙂 Lee",
	} {
		if !font.Legible(name) {
			t.Logf("skipped 1 case: no font for %s is installed", name)
			continue
		}
		signed := signedBy(t, d, turnedPages(), 4, name, pades.Ink{})
		if err := j.accept(t, signed, 3, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// In three signature fields as ink and in two of them as text, and in two fields.
		if n := strings.Count(readBack(t, signed), name); n < 4 {
			t.Errorf("%s is read back %d times in %q", name, n, readBack(t, signed))
		}
	}
}

func TestANameNobodyCanDrawIsReplacedByTheAddress(t *testing.T) {
	d := newDesk(t)
	name := "\U00018D00 \U0001E4D0\U0001E4D1" // Tangut and Nag Mundari, newer than most fonts
	if font.Legible(name) {
		t.Skip("skipped 1 case: a font with all of Unicode is installed")
	}
	signed := signedBy(t, d, twoPages(), 1, name, pades.Ink{})
	if out := readBack(t, signed); !strings.Contains(out, "ann@example.com") {
		t.Errorf("it reads %q", out)
	}
}

// What a signature adds, the certificate apart, is mostly letters.
func TestASignatureWithALatinNameAddsLittle(t *testing.T) {
	d := newDesk(t)
	spec := pades.Spec{Recipients: []string{"rcp_ann"}, Fields: []pades.Field{
		{ID: "s", Recipient: "rcp_ann", Kind: pades.Signature, Rect: pades.Rect{X: 50, Y: 50, Width: 200, Height: 60}},
	}}
	_, plan := d.certified(t, spec)
	sizes := map[string]int{}
	for name, ink := range map[string]pades.Ink{
		"drawn": {Strokes: [][]pades.Point{{{X: 0, Y: 0}, {X: 1, Y: 1}}}}, "flowing": {Typed: "Zoë Žižková"}, "brush": {Typed: "Zoë Žižková", Face: "brush"},
	} {
		act := pades.Act{Recipient: "rcp_ann", Name: "Zoë Žižková", Ink: ink, Text: []string{"Zoë Žižková", "2026-05-04 14:00 CEST", "act_01"}}
		increment, _, err := pades.Approve(t.Context(), plan, act, d.signer(t, act), d.now)
		if err != nil {
			t.Fatal(err)
		}
		sizes[name] = len(increment)
		if more := len(increment) - sizes["drawn"]; sizes["drawn"] > 0 && more > 15_000 {
			t.Errorf("%s adds %d bytes", name, more)
		}
	}
	t.Logf("bytes of an approval: %v", sizes)
}

func TestInitialsAreWhatPeopleOfTheNameWouldWrite(t *testing.T) {
	for name, want := range map[string]string{
		"Ann Lee": "AL", "zoë žižková": "ZŽ", "Jean-Luc Picard": "JLP", "A B C D": "ABC", "": "", "12 34": "", "Cher": "C",
		"山田 太郎": "山太", "محمد بن سلمان": "م ب س", "สมชาย ใจดี": "สจ", "김철수": "김", "דוד כהן": "דכ", "Zoe\u0301 E\u0301va": "ZE\u0301", "🙂 Lee": "L",
	} {
		if got := pades.InitialsOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestADrawnSignatureIsACurveThroughItsPoints(t *testing.T) {
	d := newDesk(t)
	strokes := [][]pades.Point{{{X: .1, Y: .5}, {X: .3, Y: .1}, {X: .3, Y: .1}, {X: .6, Y: .9}, {X: .9, Y: .5}}, {{X: .5, Y: .5}}}
	signed := signedBy(t, d, twoPages(), 1, "Ann", pades.Ink{Strokes: strokes, Aspect: 3})
	if report, err := d.verify(signed); err != nil || report.Verdict != pades.Unchanged {
		t.Fatalf("%v %v", report.Verdict, err)
	}
	if !strings.Contains(string(signed), " c\nS\n") || strings.Contains(string(signed), "NaN") {
		t.Error("there is no curve")
	}
}

func TestAPaperOfManyScriptsIsReadBack(t *testing.T) {
	name := "山田 太郎"
	if !font.Legible(name) {
		t.Skip("skipped 1 case: no font for Japanese is installed")
	}
	p := paper.New("Audit trail", newDesk(t).now)
	p.Table([]paper.Column{{Title: "Who", Share: 1}}, [][]string{{name}})
	if out := readBack(t, p.Bytes()); !strings.Contains(out, name) {
		t.Errorf("it reads %q", out)
	}
}
