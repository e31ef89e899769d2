package vault_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/vault"
)

const crashDir = "VAULT_TEST_CRASH_DIR"

// crashContent is long enough for a kill to fall between two segments.
func crashContent(n int) string { return strings.Repeat(fmt.Sprintf("blob %04d ", n), 50_000) }

func TestAKilledProcessLeavesOnlyWholeBlobs(t *testing.T) {
	if dir := os.Getenv(crashDir); dir != "" {
		putUntilKilled(t, dir)
	}
	dir := t.TempDir()
	for range 5 {
		killWhilePutting(t, dir)
		whole := countWhole(t, dir)
		t.Logf("%d whole blobs so far", whole)
	}
	if countWhole(t, dir) == 0 {
		t.Fatal("no blob was ever put, so nothing was tried")
	}
}

func openShelf(t *testing.T, dir string) *vault.Store {
	t.Helper()
	kek, err := vault.KeyFile(filepath.Join(dir, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	disk, err := vault.NewDisk(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return vault.NewStore(disk, kek)
}

// putUntilKilled starts from the first name each time, so that it also repeats
// what the killed ones before it had done.
func putUntilKilled(t *testing.T, dir string) {
	store := openShelf(t, dir)
	for n := 0; ; n++ {
		if _, err := store.Put(t.Context(), fmt.Sprintf("doc-%d", n), strings.NewReader(crashContent(n))); err != nil {
			t.Fatal(err)
		}
	}
}

func killWhilePutting(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAKilledProcessLeavesOnlyWholeBlobs$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100*time.Millisecond + rand.N(50*time.Millisecond))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatalf("it stopped before it was killed: %v", err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("it stopped by itself: %v", err)
	}
}

// countWhole reads names from the first on until one is missing.
func countWhole(t *testing.T, dir string) int {
	t.Helper()
	store := openShelf(t, dir)
	for n := 0; ; n++ {
		got, err := store.ReadAll(t.Context(), fmt.Sprintf("doc-%d", n))
		if errors.Is(err, vault.ErrMissing) {
			return n
		}
		if err != nil || string(got) != crashContent(n) {
			t.Fatalf("blob %d is not whole: %d bytes, %v", n, len(got), err)
		}
	}
}
