package font_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades/font"
)

func TestEveryFontIsEmbeddedAsASubsetThatTellsItsText(t *testing.T) {
	var lines []font.Line
	for name := range names {
		lines = append(lines, font.Regular.Line(name), font.Flowing.Line(name))
	}
	file := page(lines...)
	run(t, file, "qpdf", "--check", "FILE")
	run(t, file, "mutool", "draw", "-q", "-o", "/dev/null", "-F", "pbm", "FILE")
	listed := strings.Split(strings.TrimSpace(run(t, file, "pdffonts", "FILE")), "\n")
	if len(listed) < 4 {
		t.Fatalf("%d fonts", len(listed)-2)
	}
	for _, line := range listed[2:] {
		words := strings.Fields(line)
		if n := len(words); n < 6 || strings.Join(words[n-5:n-2], " ") != "yes yes yes" || words[0][6] != '+' {
			t.Errorf("font %s", line)
		}
	}
}

// Preflight is PDFBox's judge of PDF/A-1b. Its faults of fonts are numbered 3.
func TestAJudgeOfPDFAFindsNoFaultWithTheFonts(t *testing.T) {
	var jars []string
	for _, name := range []string{"preflight", "xmpbox", "pdfbox2", "fontbox2", "commons-logging", "commons-io", "javax.activation", "jaxb-api"} {
		jars = append(jars, "/usr/share/java/"+name+".jar")
	}
	if _, err := os.Stat(jars[0]); err != nil {
		t.Skip("skipped 1 case: libpdfbox2-java is not installed")
	}
	java, err := exec.LookPath("java")
	if err != nil {
		t.Skip("skipped 1 case: java is not installed")
	}
	var lines []font.Line
	for name := range names {
		lines = append(lines, font.Regular.Line(name), font.Flowing.Line(name), font.Pen.Line(name))
	}
	path := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(path, page(lines...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(java, "-cp", strings.Join(jars, ":"), "org.apache.pdfbox.preflight.Validator_A1b", path).CombinedOutput()
	if !bytes.Contains(out, []byte("7.1 : ")) { // our page has no metadata: the judge has looked
		t.Fatalf("%s", out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "3.") {
			t.Error(line)
		}
	}
}
