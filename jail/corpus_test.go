package jail

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chancery/pades"
	"chancery/problem"
)

// corpus lists the PDFs that others made. It is no part of the tree, so tests
// that need it skip, and say how many cases that costs.
func corpus(t testing.TB, folder string, cases int) []string {
	t.Helper()
	files := corpusOrNone(t, folder, cases)
	if len(files) == 0 {
		t.SkipNow()
	}
	return files
}

func corpusDir() string {
	if dir := os.Getenv("CHANCERY_CORPUS"); dir != "" {
		return dir
	}
	return "../../shared/corpus"
}

func corpusOrNone(t testing.TB, folder string, cases int) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpusDir(), folder, "*.pdf"))
	if len(files) == 0 {
		t.Logf("skipped %d cases: no corpus at %s", cases, corpusDir())
	}
	return files
}

// The share of real files that are kept as they are, written anew and refused;
// no file is refused without a reason, and what was written anew is clean.
func TestEveryRealFileIsKeptNormalisedOrRefusedWithAReason(t *testing.T) {
	files := corpus(t, "real", 175)
	shares := map[string][]string{}
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		result, err := Normalise(t.Context(), bytes.NewReader(data), int64(len(data)), "")
		share := judge(t, name, result, err)
		shares[share] = append(shares[share], name)
	}
	for share, names := range shares {
		slices.Sort(names)
		t.Logf("%3d of %d %s %v", len(names), len(files), share, names[:min(len(names), 12)])
	}
	if kept := len(shares["unchanged"]); kept < len(files)*7/10 {
		t.Errorf("only %d files stay as they are", kept)
	}
}

func judge(t *testing.T, name string, result Result, err error) string {
	t.Helper()
	var p *problem.Problem
	switch {
	case errors.As(err, &p):
		if p.Code == "" || p.Public == "" || p.Kind == problem.KindInternal {
			t.Errorf("%s is refused without a reason: %v", name, err)
		}
		return "refused: " + p.Code
	case err != nil:
		t.Errorf("%s: an accident instead of a reason: %v", name, err)
	case result.File == nil:
		return "unchanged"
	case result.Kept.Severity() == pades.Refused || result.Kept.Severity() == pades.Normalised:
		t.Errorf("%s is kept in spite of %v", name, result.Kept.Reasons)
	case result.Found.Severity() != pades.Normalised:
		t.Errorf("%s is written anew for no reason: %v", name, result.Found.Reasons)
	}
	return "normalised"
}

func TestAnEncryptedFileIsOpenedByItsPasswordOnly(t *testing.T) {
	if _, err := mended(t.Context(), nothing(), 0, ""); errors.Is(err, errNoMender) {
		t.Skip("skipped 4 cases: qpdf is not installed")
	}
	for _, path := range corpus(t, "real", 4) {
		if filepath.Base(path) != "pdfbox-PasswordSample-256bit.pdf" && filepath.Base(path) != "pdfbox-PasswordSample-40bit.pdf" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for password, code := range map[string]string{"": "pdf_encrypted", "wrong": "pdf_password_wrong", "user": "", "owner": ""} {
			result, err := Normalise(t.Context(), bytes.NewReader(data), int64(len(data)), password)
			if code == "" && (err != nil || len(result.File) == 0 || result.Kept.Severity() != "") {
				t.Errorf("%s by %q: %v %v", path, password, result.Kept.Reasons, err)
			}
			if code != "" && !problem.Has(err, code) {
				t.Errorf("%s by %q: %v", path, password, err)
			}
		}
	}
}
