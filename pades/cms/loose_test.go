package cms_test

import (
	"bytes"
	"strings"
	"testing"

	"chancery/pades/cms"
)

func TestWhatWeMakeHasNoLoosePart(t *testing.T) {
	with, token := stamped(t, newSigner(t))
	for name, der := range map[string][]byte{"a container": with, "a token": token} {
		c, err := cms.Parse(append(bytes.Clone(der), 0, 0))
		if err != nil || c.Loose() != nil {
			t.Errorf("%s: %v %v", name, err, c.Loose())
		}
	}
}

// Whatever single byte is changed outside the certificates, the container cannot be
// read, does not check, or is loose.
func TestNoByteOfAContainerCanBeChangedUnseen(t *testing.T) {
	s := newSigner(t)
	with, _ := stamped(t, s)
	good, err := cms.Parse(with)
	if err != nil {
		t.Fatal(err)
	}
	for at := range with {
		for _, flip := range []byte{0x01, 0x80, 0xFF} {
			der := bytes.Clone(with)
			der[at] ^= flip
			c, err := cms.Parse(der)
			if err != nil || c.Check() != nil || c.Loose() != nil || !c.BoundToCertificate || !c.Matches(digestOf(content)) {
				continue
			}
			if sameCertificates(c, good) && sameStamps(t, c, good) {
				t.Errorf("byte %d ^ %#x is changed unseen", at, flip)
			}
		}
	}
}

// sameCertificates tells that none was changed: their issuers notice that.
func sameCertificates(c, good *cms.Container) bool {
	if len(c.Certificates) != len(good.Certificates) {
		return false
	}
	for i := range c.Certificates {
		if !c.Certificates[i].Equal(good.Certificates[i]) {
			return false
		}
	}
	return true
}

// sameStamps tells that the tokens hold as before, but for their certificates.
func sameStamps(t *testing.T, c, good *cms.Container) bool {
	t.Helper()
	if len(c.Timestamps) != len(good.Timestamps) {
		return false
	}
	for i := range c.Timestamps {
		a, err := cms.Parse(c.Timestamps[i])
		if err != nil || a.Check() != nil || a.Detached() {
			return false
		}
		b, err := cms.Parse(good.Timestamps[i])
		if err != nil {
			t.Fatal(err)
		}
		if !sameCertificates(a, b) {
			return false
		}
	}
	return true
}

func TestContainersOfOpenSSLHaveNoLoosePart(t *testing.T) {
	for args, loose := range map[string]bool{"": false, "-cades": false, "-keyid": false, "-nodetach -stream": true} {
		c, err := cms.Parse(openssl(t, newSigner(t), strings.Fields(args)...))
		if err != nil || (c.Loose() != nil) != loose {
			t.Errorf("%q: %v %v", args, err, c.Loose())
		}
	}
}
