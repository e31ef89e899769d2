package font_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// names are people whose signatures must look right, with a letter that only a
// font off the shelf has; empty where the compiled-in fonts have them all.
var names = map[string]string{
	"Zoë Žižková": "", "Владимир": "", "Ελένη": "",
	"Nguyễn Thị Minh Khai": "ễ", "محمد بن سلمان": "م", "דוד כהן": "ד", "प्रिया शर्मा": "प",
	"สมชาย ใจดี": "ส", "山田 太郎": "山", "张伟": "张", "김철수": "김", "Ann 🙂 Lee": "",
}

// withoutShelf is set in the process that has no fonts but the compiled-in ones.
const withoutShelf = "CHANCERY_TEST_NO_FONTS"

func TestMain(m *testing.M) {
	if os.Getenv(withoutShelf) != "" {
		font.Directories = nil
	}
	os.Exit(m.Run())
}

// needShelf skips what needs fonts that are not installed.
func needShelf(t *testing.T, letter string) {
	t.Helper()
	if !font.Legible("x" + letter) {
		t.Skipf("skipped 1 case: no font with %s is installed", letter)
	}
}

// page is a file with the lines on it.
func page(lines ...font.Line) []byte {
	b := []byte("%PDF-1.7\n")
	var at []int
	reserve := func() pdf.Ref { at = append(at, 0); return pdf.Ref{Num: len(at)} }
	put := func(ref pdf.Ref, o pdf.Object) {
		at[ref.Num-1] = len(b)
		b = pdf.AppendIndirect(b, ref, o)
	}
	root, tree, leaf, content := reserve(), reserve(), reserve(), reserve()
	letters := font.NewCase(reserve)
	var drawn []byte
	for i, l := range lines {
		drawn = letters.Draw(drawn, l, 14, 20, 780-float64(i)*24)
	}
	put(root, pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree})
	put(tree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{leaf}, "Count": 1})
	put(leaf, pdf.Dict{
		"Type": pdf.Name("Page"), "Parent": tree, "MediaBox": pdf.Array{0, 0, 595, 842}, "Contents": content, "Resources": letters.Resources(),
	})
	put(content, &pdf.Stream{Dict: pdf.Dict{}, Data: drawn})
	letters.Put(put)
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		b = fmt.Appendf(b, "%010d 00000 n \n", offset)
	}
	return fmt.Appendf(b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
}

// run gives the file to a program of Debian's and returns what it prints.
func run(t *testing.T, file []byte, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("skipped 1 case: %s is not installed", program)
	}
	name := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", name)
	}
	var out, complaints bytes.Buffer
	command := exec.Command(path, args...)
	command.Stdout, command.Stderr = &out, &complaints
	err = command.Run()
	// What mutool says of itself is no complaint about the file.
	if said := strings.ReplaceAll(complaints.String(), "warning: ICC support is not available\n", ""); err != nil || said != "" {
		t.Errorf("%s: %v: %s", program, err, said)
	}
	return out.String()
}

// withoutMarks takes away the marks of direction that pdftotext adds.
var withoutMarks = strings.NewReplacer("\u202a", "", "\u202b", "", "\u202c", "", "\u200e", "", "\u200f", "")

func TestNamesInEveryScriptAreReadBackAsTheyWereWritten(t *testing.T) {
	for name, letter := range names {
		t.Run(name, func(t *testing.T) {
			needShelf(t, letter)
			if !font.Legible(name) {
				t.Error("is not legible")
			}
			for _, style := range []font.Style{font.Regular, font.Bold, font.Italic, font.Flowing, font.Brush, font.Pen} {
				out := withoutMarks.Replace(run(t, page(style.Line(name)), "pdftotext", "FILE", "-"))
				if strings.TrimSpace(out) != name {
					t.Errorf("style %d reads %q", style, out)
				}
			}
		})
	}
}

func TestLinesOfMixedDirectionAreReadBack(t *testing.T) {
	needShelf(t, "م")
	for _, text := range []string{
		"Signed by محمد بن سلمان today", "محمد Lee 2026", "(محمد) 12:30", "דוד 12 כהן",
	} {
		out := withoutMarks.Replace(run(t, page(font.Regular.Line(text)), "pdftotext", "FILE", "-"))
		for _, word := range strings.Fields(strings.Trim(text, "()")) {
			if !strings.Contains(out, strings.Trim(word, "()")) {
				t.Errorf("%q reads %q", text, out)
			}
		}
	}
}

func TestWithoutFontsOnTheShelfNothingFails(t *testing.T) {
	if os.Getenv(withoutShelf) == "" {
		command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		command.Env = append(os.Environ(), withoutShelf+"=1")
		if out, err := command.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("PASS: "+t.Name())) {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	if len(font.Missing()) < 5 {
		t.Errorf("only %v are said to be missing", font.Missing())
	}
	for name, letter := range names {
		if font.Legible(name) != (letter == "") {
			t.Errorf("%s: legible is %t", name, letter != "")
		}
		line := font.Flowing.Line(name)
		if line.Text() != name || line.Width(10) <= 0 {
			t.Errorf("%s: says %q, %f wide", name, line.Text(), line.Width(10))
		}
		page(line)
	}
}

func TestANameOfPicturesAloneIsNotLegible(t *testing.T) {
	for _, text := range []string{"", " ", "🙂", "\xff\xfe", "\u0000"} {
		if font.Legible(text) {
			t.Errorf("%q is legible", text)
		}
	}
}

func TestAnEmojiBecomesOneSquareAndStillReads(t *testing.T) {
	family := "\U0001F468\u200D\U0001F469\u200D\U0001F467"
	one, other := font.Regular.Line("□"), font.Regular.Line("\U0001FAE8")
	if one.Width(10) != other.Width(10) {
		t.Skip("skipped 1 case: a font with this emoji is installed")
	}
	if got := font.Regular.Line(family); got.Text() != family {
		t.Errorf("it reads %q", got.Text())
	}
	if out := run(t, page(font.Regular.Line("Ann \U0001FAE8 Lee")), "pdftotext", "FILE", "-"); !strings.Contains(out, "Ann \U0001FAE8 Lee") {
		t.Errorf("it reads %q", out)
	}
}

func TestANameCannotTurnItsNeighboursRound(t *testing.T) {
	if got := font.Regular.Line("Ann\u202e eeL\u2066 \u0007Lee").Text(); got != "Ann eeL Lee" {
		t.Errorf("%q", got)
	}
}

func TestTheSameLinesGiveTheSameBytes(t *testing.T) {
	line := font.Flowing.Line("Zoë Žižková")
	if !bytes.Equal(page(line, line), page(line, line)) {
		t.Fatal("two runs differ")
	}
}

func TestALaidFontIsUsedWhereItHasEveryLetter(t *testing.T) {
	next := 0
	reserve := func() pdf.Ref { next++; return pdf.Ref{Num: next} }
	first := font.NewCase(reserve)
	laid := first.Lay()
	for text, objects := range map[string]int{"Zoë Žižková": 0, "Łódź, 12 €": 0, "Ольга": 6} {
		letters, written := font.NewCase(reserve, laid), 0
		drawn := letters.Draw(nil, font.Regular.Line(text), 10, 0, 0)
		letters.Put(func(pdf.Ref, pdf.Object) { written++ })
		if written != objects || len(drawn) == 0 {
			t.Errorf("%s: %d objects", text, written)
		}
	}
	laid.Sum = "of another font"
	letters, written := font.NewCase(reserve, laid), 0
	letters.Draw(nil, font.Regular.Line("Ann"), 10, 0, 0)
	if letters.Put(func(pdf.Ref, pdf.Object) { written++ }); written == 0 {
		t.Error("a font that we do not know was used")
	}
}

func TestManyMayDrawAtATime(t *testing.T) {
	var drawing sync.WaitGroup
	for range 4 {
		drawing.Go(func() {
			var lines []font.Line
			for name := range names {
				lines = append(lines, font.Regular.Line(name), font.Flowing.Line(name), font.Pen.Line(name))
				font.Brush.Line(name).SVG("black")
			}
			page(lines...)
		})
	}
	drawing.Wait()
}
