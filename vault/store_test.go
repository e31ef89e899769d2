package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"chancery/vault"
)

const person = "Ada Lovelace"

type shelf struct {
	*vault.Store
	root    string
	keyFile string
}

func newShelf(t testing.TB) shelf {
	t.Helper()
	dir := t.TempDir()
	s := shelf{root: filepath.Join(dir, "blobs"), keyFile: filepath.Join(dir, "kek")}
	kek, err := vault.KeyFile(s.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := vault.NewDisk(s.root)
	if err != nil {
		t.Fatal(err)
	}
	s.Store = vault.NewStore(disk, kek)
	return s
}

func (s shelf) put(t testing.TB, name, content string) vault.Blob {
	t.Helper()
	blob, err := s.Put(t.Context(), name, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

// files lists every file below the shelf's root.
func (s shelf) files(t testing.TB) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(s.root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func (s shelf) onlyFile(t testing.TB) string {
	t.Helper()
	paths := s.files(t)
	if len(paths) != 1 {
		t.Fatalf("want one file, have %v", paths)
	}
	return paths[0]
}

func TestWhatIsPutComesBack(t *testing.T) {
	s := newShelf(t)
	for name, size := range map[string]int{
		"empty": 0, "small": 20, "one-segment": 64<<10 - 56, "several": 200_001,
	} {
		content := strings.Repeat("x", size)
		blob := s.put(t, name, content)
		if blob.Name != name || blob.Size != int64(size) || blob.SHA256 != sha256.Sum256([]byte(content)) {
			t.Errorf("%s: wrong description %+v", name, blob)
		}
		got, err := s.ReadAll(t.Context(), name)
		if err != nil || string(got) != content {
			t.Errorf("%s: %d bytes and %v came back", name, len(got), err)
		}
	}
}

func TestABlobIsAlsoReadAsAStream(t *testing.T) {
	s := newShelf(t)
	content := strings.Repeat("stream", 50_000)
	s.put(t, "env_1/rev-1.pdf", content)
	r, err := s.Open(t.Context(), "env_1/rev-1.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := iotest.TestReader(r, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func TestTheSameContentAgainIsHarmless(t *testing.T) {
	s := newShelf(t)
	first := s.put(t, "doc", "same")
	before, _ := os.ReadFile(s.onlyFile(t))
	if second := s.put(t, "doc", "same"); second != first {
		t.Fatalf("the repeat says %+v, not %+v", second, first)
	}
	if after, _ := os.ReadFile(s.onlyFile(t)); !bytes.Equal(before, after) {
		t.Fatal("the repeat changed the file")
	}
}

func TestOtherContentUnderATakenNameIsRefused(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", "first")
	for _, other := range []string{"other", "first and more", "firs", ""} {
		if _, err := s.Put(t.Context(), "doc", strings.NewReader(other)); !errors.Is(err, vault.ErrExists) {
			t.Errorf("%q: want ErrExists, got %v", other, err)
		}
	}
	if got, err := s.ReadAll(t.Context(), "doc"); err != nil || string(got) != "first" {
		t.Fatalf("the first content is now %q, %v", got, err)
	}
}

func TestOfManyWhoPutAtOnceOneWins(t *testing.T) {
	s := newShelf(t)
	won := make([]bool, 8)
	var all sync.WaitGroup
	for i := range won {
		all.Go(func() {
			_, err := s.Put(t.Context(), "race", strings.NewReader(fmt.Sprint(i)))
			if won[i] = err == nil; !won[i] && !errors.Is(err, vault.ErrExists) {
				t.Errorf("put %d: %v", i, err)
			}
		})
	}
	all.Wait()
	got, err := s.ReadAll(t.Context(), "race")
	if err != nil {
		t.Fatal(err)
	}
	for i := range won {
		if won[i] != (string(got) == fmt.Sprint(i)) {
			t.Errorf("the blob holds %q, and %d was told won=%v", got, i, won[i])
		}
	}
	s.onlyFile(t)
}

func TestADeletedBlobIsMissingAndItsNameIsFree(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", "old")
	for range 2 { // the second finds nothing and is fine
		if err := s.Delete(t.Context(), "doc"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ReadAll(t.Context(), "doc"); !errors.Is(err, vault.ErrMissing) {
		t.Fatalf("want ErrMissing, got %v", err)
	}
	s.put(t, "doc", "new")
}

func TestNamesThatAreNoOpaqueIdsAreRefused(t *testing.T) {
	s := newShelf(t)
	for _, name := range []string{
		"", ".", "..", "/etc/passwd", "../kek", "a/../b", "a//b", "a/", "a+b", "Ada", "a b", "ä", "a\x00", "a\\b",
		strings.Repeat("a", 201),
	} {
		if _, err := s.Put(t.Context(), name, strings.NewReader("x")); err == nil {
			t.Errorf("put %q was allowed", name)
		}
		if _, err := s.Open(t.Context(), name); err == nil || errors.Is(err, vault.ErrMissing) {
			t.Errorf("open %q: %v", name, err)
		}
		if err := s.Delete(t.Context(), name); err == nil {
			t.Errorf("delete %q was allowed", name)
		}
	}
	s.put(t, strings.Repeat("a", 200), "a long name fits")
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	s := newShelf(t)
	torn := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), iotest.ErrReader(io.ErrClosedPipe))
	if _, err := s.Put(t.Context(), "doc", torn); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("want the reader's error, got %v", err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Put(gone, "doc", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Fatalf("want cancelled, got %v", err)
	}
	if left := s.files(t); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}
