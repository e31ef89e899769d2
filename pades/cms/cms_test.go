package cms_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"chancery/pades/cms"
)

var content = []byte("what is signed")

func digestOf(data []byte) []byte {
	d := sha256.Sum256(data)
	return d[:]
}

func check(t testing.TB, der []byte) *cms.Container {
	t.Helper()
	c, err := cms.Parse(append(der, 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil || !c.Matches(digestOf(content)) || !c.BoundToCertificate || c.HasSigningTime || c.Weak() || !c.Detached() {
		t.Fatalf("%v %+v", err, c)
	}
	if c.Matches(make([]byte, 32)) || c.Matches(nil) {
		t.Fatal("any digest matches")
	}
	return c
}

func TestOpenSSLAcceptsTheContainerAsCAdES(t *testing.T) {
	for _, s := range []signer{newSigner(t), signerWith(t, ecdsaKey(t, elliptic.P384())), signerWith(t, rsaKey(t))} {
		der := signed(t, s)
		check(t, der)
		opensslAccepts(t, der, s.root)
	}
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestTheRoomIsEnoughAndNotMuchMore(t *testing.T) {
	for _, s := range []signer{newSigner(t), signerWith(t, ecdsaKey(t, elliptic.P521())), signerWith(t, rsaKey(t))} {
		room, err := cms.Room(s.certificate, s.chain, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 { // ECDSA values differ in length
			if n := len(signed(t, s)); n > room || n < room-16 {
				t.Fatalf("%d bytes in room for %d", n, room)
			}
		}
	}
}

func TestAnotherPersonsKeyIsNoticed(t *testing.T) {
	s := newSigner(t)
	s.key = newSigner(t).key
	c, err := cms.Parse(signed(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if c.Check() == nil {
		t.Fatal("a signature by another key is accepted")
	}
}

func FuzzParse(f *testing.F) {
	with, _ := stamped(f, newSigner(f))
	f.Add(with)
	f.Fuzz(func(t *testing.T, der []byte) {
		if c, err := cms.Parse(der); err == nil {
			_ = c.Check() // must not panic, whatever key the certificate has
			_ = c.Matches(make([]byte, c.Hash.Size()))
		}
	})
}
