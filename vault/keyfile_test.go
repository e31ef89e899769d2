package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chancery/vault"
)

func TestANewKeyFileIsPrivateAndOpensAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek")
	first, err := vault.KeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	wrapped, err := first.Wrap(t.Context(), []byte("data key"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := vault.KeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Unwrap(t.Context(), wrapped, []byte("ad")); err != nil || string(got) != "data key" {
		t.Fatalf("unwrapped %q, %v", got, err)
	}
	if _, err := again.Unwrap(t.Context(), wrapped, []byte("elsewhere")); err == nil {
		t.Fatal("a wrapped key opened for another purpose")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "incoming-*")); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestProcessesThatStartAtOnceShareOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek")
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			kek, err := vault.KeyFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = kek.ID()
		})
	}
	all.Wait()
	if strings.Join(ids, "") != strings.Repeat(ids[0], len(ids)) || len(ids[0]) != 8 {
		t.Fatalf("key ids %v", ids)
	}
}

func TestTheNewestKeyWrapsAndOlderOnesStillUnwrap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek")
	old, err := vault.KeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, _ := old.Wrap(t.Context(), []byte("data key"), nil)
	text, _ := os.ReadFile(path)
	rewrite(t, path, append(text, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"...))
	both, err := vault.KeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := both.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "data key" {
		t.Fatalf("after rotation: %q, %v", got, err)
	}
	newer, _ := both.Wrap(t.Context(), []byte("data key"), nil)
	if both.ID() == old.ID() {
		t.Error("the newest key does not wrap")
	}
	if _, err := old.Unwrap(t.Context(), newer, nil); err == nil {
		t.Error("the old key opened what the new one wrapped")
	}
}

func TestAKeyFileThatIsNotRightIsRefused(t *testing.T) {
	good := "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		says string
	}{
		"an empty one":                 {"", 0o600, "needs a key"},
		"a half written one":           {good[:20], 0o600, "line 1"},
		"a short key":                  {"# note\n\nMDEy\n", 0o600, "line 3"},
		"the same key twice":           {good + "\n" + good, 0o600, "twice"},
		"one that everybody may read":  {good, 0o644, "0644"},
		"one that the group may write": {good, 0o660, "0660"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kek")
			rewrite(t, path, []byte(tt.text))
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := vault.KeyFile(path)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), good[:20]) {
				t.Fatalf("got %v", err)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, []byte(tt.text)) {
				t.Fatal("the file was changed")
			}
		})
	}
}

func FuzzKeyFileTakesKeysOrSaysWhyNot(f *testing.F) {
	f.Add([]byte("# note\nMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"))
	f.Add([]byte("\r\n\x00=="))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "kek")
		rewrite(t, path, text)
		kek, err := vault.KeyFile(path)
		if err != nil {
			return
		}
		wrapped, err := kek.Wrap(t.Context(), []byte("data key"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kek.Unwrap(t.Context(), wrapped, nil); err != nil || string(got) != "data key" {
			t.Fatalf("unwrapped %q, %v", got, err)
		}
	})
}
