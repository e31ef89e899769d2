package vault_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/vault"
)

func TestTheFolderTellsNothing(t *testing.T) {
	s := newShelf(t)
	content := "Contract with " + person + ", who owes nothing."
	blob := s.put(t, "env_1/doc-1", content)
	keyText, err := os.ReadFile(s.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(keyText)), "\n")
	key, err := base64.StdEncoding.DecodeString(lines[len(lines)-1])
	if err != nil || len(key) != 32 {
		t.Fatalf("no key in the key file: %v", err)
	}
	path := s.onlyFile(t)
	stored, _ := os.ReadFile(path)
	haystack := append([]byte(path), stored...)
	for what, needle := range map[string][]byte{
		"plaintext": []byte(content[:9]), "person": []byte(person), "key": key,
		"key's first half": key[:16], "digest": blob.SHA256[:],
	} {
		if bytes.Contains(haystack, needle) {
			t.Errorf("the %s is in the clear", what)
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
}

func TestAFlippedByteAnywhereIsAnError(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", strings.Repeat(person, 20))
	path := s.onlyFile(t)
	good, _ := os.ReadFile(path)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		rewrite(t, path, bad)
		_, err := s.ReadAll(t.Context(), "doc")
		if !errors.Is(err, vault.ErrDamaged) && !errors.Is(err, vault.ErrUnknownKey) {
			t.Fatalf("byte %d of %d: %v", i, len(good), err)
		}
	}
	rewrite(t, path, good)
	if _, err := s.ReadAll(t.Context(), "doc"); err != nil {
		t.Fatalf("the untouched file: %v", err)
	}
}

func TestATruncatedOrLongerFileIsAnError(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", strings.Repeat("page ", 40_000)) // four segments
	path := s.onlyFile(t)
	good, _ := os.ReadFile(path)
	header := len(good) - 200_000 - 4*16 - 40
	sizes := []int{0, 1, 5, 6, header, header + 39, header + 40, header + 64<<10, header + 128<<10, len(good) - 1}
	for _, size := range sizes {
		rewrite(t, path, good[:size])
		if _, err := s.ReadAll(t.Context(), "doc"); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("%d of %d bytes: %v", size, len(good), err)
		}
	}
	rewrite(t, path, append(bytes.Clone(good), 0))
	if _, err := s.ReadAll(t.Context(), "doc"); !errors.Is(err, vault.ErrDamaged) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestAReaderThatMetDamageNeverSaysTheBlobWasWhole(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", "short")
	path := s.onlyFile(t)
	good, _ := os.ReadFile(path)
	rewrite(t, path, good[:len(good)-1])
	r, err := s.Open(t.Context(), "doc")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 3 {
		if n, err := r.Read(make([]byte, 10)); n != 0 || !errors.Is(err, vault.ErrDamaged) || errors.Is(err, io.EOF) {
			t.Fatalf("read %d bytes and %v", n, err)
		}
	}
}

func TestABlobUnderAnotherNameDoesNotOpen(t *testing.T) {
	s := newShelf(t)
	s.put(t, "env_1/doc", "ours")
	theirs := s.onlyFile(t)
	stolen, _ := os.ReadFile(theirs)
	s.put(t, "env_2/doc", "theirs")
	for _, path := range s.files(t) {
		rewrite(t, path, stolen)
	}
	if _, err := s.ReadAll(t.Context(), "env_2/doc"); !errors.Is(err, vault.ErrDamaged) {
		t.Fatalf("the renamed blob: %v", err)
	}
	if _, err := s.ReadAll(t.Context(), "env_1/doc"); err != nil {
		t.Fatalf("the blob in its place: %v", err)
	}
}

// forgetful is a key holder that ignores what a key was wrapped for, and
// remembers what it was told.
type forgetful struct{ told *[]string }

func (forgetful) ID() string { return "forgetful" }

func (f forgetful) Wrap(_ context.Context, dek, ad []byte) ([]byte, error) {
	*f.told = append(*f.told, string(ad))
	return bytes.Clone(dek), nil
}

func (f forgetful) Unwrap(_ context.Context, wrapped, ad []byte) ([]byte, error) {
	*f.told = append(*f.told, string(ad))
	return bytes.Clone(wrapped), nil
}

func TestKeyAndContentAreEachBoundToTheName(t *testing.T) {
	s := newShelf(t)
	disk, err := vault.NewDisk(s.root)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	s.Store = vault.NewStore(disk, forgetful{&told})
	s.put(t, "one", "first")
	stolen, _ := os.ReadFile(s.onlyFile(t))
	s.put(t, "two", "second")
	for _, path := range s.files(t) {
		rewrite(t, path, stolen)
	}
	if _, err := s.ReadAll(t.Context(), "two"); !errors.Is(err, vault.ErrDamaged) {
		t.Fatalf("the renamed blob: %v", err)
	}
	if len(told) != 3 || told[0] == told[1] || told[1] != told[2] || !strings.HasSuffix(told[0], "\x00one") {
		t.Fatalf("the key holder was told %q", told)
	}
}

func TestAnotherHubsKeyDoesNotOpenOurBlobs(t *testing.T) {
	s := newShelf(t)
	s.put(t, "doc", "ours")
	disk, err := vault.NewDisk(s.root)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := vault.KeyFile(filepath.Join(t.TempDir(), "kek"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.NewStore(disk, stranger).ReadAll(t.Context(), "doc"); !errors.Is(err, vault.ErrUnknownKey) {
		t.Fatalf("want ErrUnknownKey, got %v", err)
	}
}

// A stop between writing and linking leaves a file in staging: simulated by
// putting one there, old and young.
func TestAStopBeforeTheNameIsGivenLeavesNoHalfBlob(t *testing.T) {
	s := newShelf(t)
	old := filepath.Join(s.root, "staging", "incoming-1")
	young := filepath.Join(s.root, "staging", "incoming-2")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("chv1 half a blob"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadAll(t.Context(), "doc"); !errors.Is(err, vault.ErrMissing) {
		t.Fatalf("want ErrMissing, got %v", err)
	}
	s.put(t, "doc", "whole")
	if _, err := vault.NewDisk(s.root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the old leftover is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("another process's upload was swept away")
	}
}

func FuzzOpenMeetsAnyBytes(f *testing.F) {
	s := newShelf(f)
	s.put(f, "doc", "seed")
	path := s.onlyFile(f)
	good, _ := os.ReadFile(path)
	for _, seed := range [][]byte{nil, good, good[:50], []byte("chv1\xff\xff"), []byte("chv1\x00\x00")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		rewrite(t, path, stored)
		got, err := s.ReadAll(t.Context(), "doc")
		if err == nil && !(bytes.Equal(stored, good) && string(got) == "seed") {
			t.Fatalf("strange bytes opened as %q", got)
		}
	})
}

func rewrite(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
