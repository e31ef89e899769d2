package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"chancery/standalone/disk"
)

func TestAFileIsReplacedWholeAndOnlyItsOwnerMayReadIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for _, content := range []string{"a first, longer content", "second"} {
		if err := disk.Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Fatalf("read %q, %v; want %q", got, err, content)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestNoDraftIsLeftBehindWhenWritingIsImpossible(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "occupied")
	if err := os.MkdirAll(filepath.Join(target, "child"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Write(target, []byte("x")); err == nil {
		t.Fatal("a folder was replaced by a file")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 {
		t.Fatalf("folder holds %v, %v; want only the occupied name", left, err)
	}
}
