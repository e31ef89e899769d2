package vault_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"chancery/vault"
)

func newColumn(t testing.TB) (column *vault.Column, wrapped []byte, kek vault.KEK) {
	t.Helper()
	kek, err := vault.KeyFile(filepath.Join(t.TempDir(), "kek"))
	if err != nil {
		t.Fatal(err)
	}
	column, wrapped, err = vault.NewColumn(t.Context(), kek, nil)
	if err != nil {
		t.Fatal(err)
	}
	return column, wrapped, kek
}

func reopen(t testing.TB, kek vault.KEK, wrapped []byte) *vault.Column {
	t.Helper()
	column, same, err := vault.NewColumn(t.Context(), kek, wrapped)
	if err != nil || !bytes.Equal(same, wrapped) {
		t.Fatalf("wrapped keys changed, or %v", err)
	}
	return column
}

var email = vault.Cell("recipients", "email", "rcp_1")

func TestAValueOpensInItsPlaceAndNowhereElse(t *testing.T) {
	column, wrapped, kek := newColumn(t)
	sealed, err := column.Seal([]byte(person), email)
	if err != nil || bytes.Contains(sealed, []byte("Ada")) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	if got, err := reopen(t, kek, wrapped).Open(sealed, email); err != nil || string(got) != person {
		t.Fatalf("opened %q, %v", got, err)
	}
	for _, elsewhere := range [][]byte{
		nil, vault.Cell("recipients", "email", "rcp_2"), vault.Cell("recipients", "name", "rcp_1"), vault.Cell("users", "email", "rcp_1"),
	} {
		if _, err := column.Open(sealed, elsewhere); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("in %q: %v", elsewhere, err)
		}
	}
}

func TestTheSameValueLooksDifferentEachTime(t *testing.T) {
	column, _, _ := newColumn(t)
	one, _ := column.Seal([]byte(person), email)
	two, _ := column.Seal([]byte(person), email)
	if bytes.Equal(one, two) {
		t.Fatal("sealed twice to the same bytes")
	}
}

func TestAChangedOrCutValueIsAnError(t *testing.T) {
	column, _, _ := newColumn(t)
	sealed, _ := column.Seal([]byte(person), email)
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x10
		if _, err := column.Open(bad, email); err == nil {
			t.Errorf("byte %d flipped and it opened", i)
		}
		if _, err := column.Open(sealed[:i], email); err == nil {
			t.Errorf("cut to %d bytes and it opened", i)
		}
	}
}

func TestRotationKeepsOldValuesAndFingerprints(t *testing.T) {
	column, wrapped, kek := newColumn(t)
	old, _ := column.Seal([]byte("old"), email)
	more, err := vault.RotateColumn(t.Context(), kek, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	rotated := reopen(t, kek, more)
	if got, err := rotated.Open(old, email); err != nil || string(got) != "old" {
		t.Fatalf("the old value: %q, %v", got, err)
	}
	young, _ := rotated.Seal([]byte("new"), email)
	if _, err := column.Open(young, email); !errors.Is(err, vault.ErrUnknownKey) {
		t.Fatalf("the new key does not seal: %v", err)
	}
	if !bytes.Equal(column.Fingerprint("email", []byte("a@b")), rotated.Fingerprint("email", []byte("a@b"))) {
		t.Fatal("rotation changed the fingerprints")
	}
}

func TestColumnKeysOfAnotherHubDoNotOpen(t *testing.T) {
	_, wrapped, _ := newColumn(t)
	_, _, stranger := newColumn(t)
	if _, _, err := vault.NewColumn(t.Context(), stranger, wrapped); !errors.Is(err, vault.ErrUnknownKey) {
		t.Fatalf("want ErrUnknownKey, got %v", err)
	}
}

func TestFingerprintsAreEqualForTheSamePurposeValueAndHubOnly(t *testing.T) {
	column, wrapped, kek := newColumn(t)
	other, _, _ := newColumn(t)
	print := column.Fingerprint("email", []byte("ada@example.org"))
	if !bytes.Equal(print, reopen(t, kek, wrapped).Fingerprint("email", []byte("ada@example.org"))) || len(print) != 32 {
		t.Fatal("the same value has another fingerprint after a restart")
	}
	for name, unlike := range map[string][]byte{
		"another value":              column.Fingerprint("email", []byte("bob@example.org")),
		"another purpose":            column.Fingerprint("phone", []byte("ada@example.org")),
		"another split of both":      column.Fingerprint("emaila", []byte("da@example.org")),
		"another hub":                other.Fingerprint("email", []byte("ada@example.org")),
		"a shorter value, no prefix": column.Fingerprint("email", nil),
	} {
		if bytes.Equal(print, unlike) {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
}

func FuzzColumnOpensOnlyWhatItSealed(f *testing.F) {
	column, _, _ := newColumn(f)
	sealed, _ := column.Seal([]byte(person), email)
	f.Add(sealed)
	f.Add(sealed[:5])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, given []byte) {
		if _, err := column.Open(given, email); err == nil && !bytes.Equal(given, sealed) {
			t.Fatalf("%x opened", given)
		}
	})
}
