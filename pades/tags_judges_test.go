package pades_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades"
)

func othersReadTheStructure(t *testing.T, file []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tagged.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct {
		tool, want string
		args       []string
	}{
		{"pdfinfo", "Form", []string{"-struct", path}},
		{"qpdf", "No syntax or stream encoding errors found", []string{"--check", path}},
	} {
		if _, err := exec.LookPath(ask.tool); err != nil {
			t.Logf("skipped 1 case: %s is not installed", ask.tool)
			continue
		}
		out, err := exec.Command(ask.tool, ask.args...).CombinedOutput()
		if text := string(out); err != nil || !strings.Contains(text, ask.want) || strings.Contains(text, "Error") {
			t.Errorf("%s: %v: %.600s", ask.tool, err, out)
		}
	}
}

// structure is what poppler says of a file's structure.
func structure(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfinfo", "-struct", path).Output()
	if err != nil {
		t.Fatalf("%v: %.300s", err, out)
	}
	return string(out)
}

func TestRealTaggedFilesKeepTheirStructure(t *testing.T) {
	dir := corpus(t, "real", 10)
	if _, err := exec.LookPath("pdfinfo"); err != nil {
		t.Skip("skipped 10 cases: pdfinfo is not installed")
	}
	extended := 0
	for _, path := range pdfsIn(t, dir) {
		original, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(original, []byte("/StructTreeRoot")) {
			continue
		}
		p, err := signed(t, original, pades.LevelB)
		if err != nil {
			continue // refused: other tests tell which may be
		}
		wired, all := wiredWidgets(t, p.file)
		if wired == 0 {
			continue
		}
		extended++
		before, after := structure(t, original), structure(t, p.file)
		if !strings.HasPrefix(after, strings.TrimRight(before, "\n")) || strings.Count(after, "Form\n") < strings.Count(before, "Form\n")+8 {
			t.Errorf("%s: %d of %d fields are in the structure, which was %d bytes of text and is %d", filepath.Base(path), wired, all, len(before), len(after))
		}
	}
	t.Logf("%d files were given elements", extended)
	if extended < 10 {
		t.Errorf("only %d tagged files were given elements", extended)
	}
}
