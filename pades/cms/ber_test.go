package cms_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"strings"
	"testing"

	"chancery/pades/cms"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBERBecomesDER(t *testing.T) {
	for name, tt := range map[string]struct{ ber, der, rest string }{
		"DER":                     {"30 03 02 01 07", "30 03 02 01 07", ""},
		"an indefinite length":    {"30 80 02 01 07 00 00", "30 03 02 01 07", ""},
		"one in another":          {"30 80 30 80 00 00 02 01 07 00 00 FF", "30 05 30 00 02 01 07", "FF"},
		"a long length":           {"30 83 00 00 04 02 81 01 07", "30 03 02 01 07", ""},
		"octets in pieces":        {"24 06 04 01 41 04 01 42", "04 02 41 42", ""},
		"pieces without a length": {"24 80 04 01 41 24 80 04 01 42 00 00 04 00 00 00", "04 02 41 42", ""},
		"zeros that are content":  {"04 02 00 00 00", "04 02 00 00", "00"},
		"context tags":            {"A0 80 80 01 07 00 00", "A0 03 80 01 07", ""},
		"octets with DER inside":  {"04 02 30 80", "04 02 30 80", ""},
		"a set in its own order":  {"31 06 02 01 07 02 01 03", "31 06 02 01 07 02 01 03", ""},
	} {
		der, rest, err := cms.Normalise(unhex(t, tt.ber))
		if err != nil || !bytes.Equal(der, unhex(t, tt.der)) || !bytes.Equal(rest, unhex(t, tt.rest)) {
			t.Errorf("%s: %x, %x left, %v", name, der, rest, err)
		}
	}
}

func TestBrokenBERIsRefused(t *testing.T) {
	for name, ber := range map[string]string{
		"nothing":                    "",
		"half a header":              "30",
		"too short":                  "30 05 02 01",
		"a member that leaves":       "30 03 02 05 07",
		"an endless one":             "30 80 02 01 07",
		"a primitive without length": "04 80 00 00",
		"a length of nine bytes":     "30 89 00 00 00 00 00 00 00 00 01 07",
		"a giant":                    "30 88 7F FF FF FF FF FF FF FF",
		"a cut-off length":           "30 82 01",
		"pieces that are no octets":  "24 03 02 01 07",
		"a tag of many bytes":        "1F 81 01 01 07",
		"too deep":                   strings.Repeat("30 80 ", 100) + strings.Repeat("00 00 ", 100),
	} {
		if der, _, err := cms.Normalise(unhex(t, ber)); err == nil {
			t.Errorf("%s: became %x", name, der)
		}
	}
	if _, _, err := cms.Normalise(make([]byte, 17<<20)); err == nil {
		t.Error("17 MiB are read")
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add(unhex(f, "24 80 04 01 41 24 80 04 01 42 00 00 04 00 00 00"))
	f.Add(unhex(f, "30 80 30 80 00 00 02 01 07 00 00 FF"))
	f.Fuzz(func(t *testing.T, ber []byte) {
		der, rest, err := cms.Normalise(ber)
		if err != nil {
			return
		}
		if again, left, err := cms.Normalise(der); err != nil || len(left) > 0 || !bytes.Equal(again, der) {
			t.Errorf("%x became %x, and that %x with %x left (%v)", ber, der, again, left, err)
		}
		if len(der) > 3*len(ber) || !bytes.HasSuffix(ber, rest) {
			t.Errorf("%d bytes became %d, %d left", len(ber), len(der), len(rest))
		}
		var raw asn1.RawValue
		if left, err := asn1.Unmarshal(der, &raw); err != nil || len(left) > 0 {
			t.Errorf("%x became %x, which is no DER: %v", ber, der, err)
		}
	})
}
