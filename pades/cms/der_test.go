package cms_test

import (
	"bytes"
	"encoding/asn1"
	"testing"

	"chancery/pades/cms"
)

// What we make is DER: nothing about it needs to be normalised, and every SET OF
// stands in the order of its bytes (X.690, 11.6).
func TestWhatWeMakeIsDER(t *testing.T) {
	with, token := stamped(t, newSigner(t))
	twice, err := cms.AddTimestamp(with, token)
	if err != nil {
		t.Fatal(err)
	}
	for name, der := range map[string][]byte{"a container": with, "a token": token, "a container with two": twice} {
		again, rest, err := cms.Normalise(der)
		if err != nil || len(rest) > 0 || !bytes.Equal(again, der) {
			t.Errorf("%s is no DER: %d bytes left, %v", name, len(rest), err)
		}
		ordered(t, name, der)
	}
}

// ordered looks into every SET, also into the implicit ones of CMS: certificates,
// signed and unsigned attributes.
func ordered(t *testing.T, name string, der []byte) {
	t.Helper()
	var before []byte
	for rest := der; len(rest) > 0; {
		var raw asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &raw); err != nil {
			t.Fatal(err)
		}
		if !raw.IsCompound {
			continue
		}
		if raw.Class == asn1.ClassUniversal && raw.Tag == asn1.TagSet || raw.Class == asn1.ClassContextSpecific {
			before = nil
			for members := raw.Bytes; len(members) > 0; {
				var member asn1.RawValue
				if members, err = asn1.Unmarshal(members, &member); err != nil {
					t.Fatal(err)
				}
				if bytes.Compare(before, member.FullBytes) > 0 {
					t.Errorf("%s: a set out of order", name)
				}
				before = member.FullBytes
			}
		}
		ordered(t, name, raw.Bytes)
	}
}
