package pades_test

import (
	"os"
	"path/filepath"
	"testing"
)

// corpus is the folder of PDFs that others made. It is no part of the tree, so
// tests that need it skip, and say how many cases that costs.
func corpus(t testing.TB, folder string, cases int) string {
	t.Helper()
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../shared/corpus"
	}
	dir = filepath.Join(dir, folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("skipped %d cases: no corpus at %s", cases, dir)
	}
	return dir
}

func pdfsIn(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.pdf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no PDFs in %s (%v)", dir, err)
	}
	return files
}
