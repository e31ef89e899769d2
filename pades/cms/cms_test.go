package cms_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"chancery/pades/cms"
	"chancery/pki"
)

var content = []byte("what is signed")

// holder is somebody with an ECDSA certificate of ours.
func holder(t testing.TB) (pki.Holder, *x509.Certificate) {
	t.Helper()
	a, err := pki.Create(rand.Reader, time.Now(), pki.Options{Organisation: "Example Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := a.IssueSigner(context.Background(), pki.Person{Name: "Ann", Email: "ann@example.com", ID: "rcp_1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return h, a.Roots()[0]
}

func signed(t testing.TB, h pki.Holder) []byte {
	t.Helper()
	digest := sha256.Sum256(content)
	der, err := cms.Sign(digest[:], h.Certificate, h.Chain, h.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestOpenSSLAcceptsTheContainerAsCAdES(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	h, root := holder(t)
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"content": content, "container": signed(t, h),
		"root": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "container", "-content", "content", "-CAfile", "root", "-out", "out")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestTheRoomIsEnoughAndNotMuchMore(t *testing.T) {
	h, _ := holder(t)
	room, err := cms.Room(h.Certificate, h.Chain)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // ECDSA values differ in length
		if n := len(signed(t, h)); n > room || n < room-16 {
			t.Fatalf("%d bytes in room for %d", n, room)
		}
	}
}

func TestAnRSAKeySignsToo(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "RSA"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	check(t, signed(t, pki.Holder{Certificate: certificate, Signer: crypto.Signer(key)}))
}

func check(t *testing.T, der []byte) {
	t.Helper()
	c, err := cms.Parse(append(der, 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(content)
	if err := c.Check(); err != nil || !c.Matches(digest[:]) || !c.BoundToCertificate || c.HasSigningTime {
		t.Fatalf("%v %+v", err, c)
	}
	if c.Matches(make([]byte, 32)) {
		t.Fatal("any digest matches")
	}
}

func TestWhatWeSignWeAccept(t *testing.T) {
	h, _ := holder(t)
	check(t, signed(t, h))
}

func TestAnotherPersonsKeyIsNoticed(t *testing.T) {
	h, _ := holder(t)
	other, _ := holder(t)
	h.Signer = other.Signer
	c, err := cms.Parse(signed(t, h))
	if err != nil {
		t.Fatal(err)
	}
	if c.Check() == nil {
		t.Fatal("a signature by another key is accepted")
	}
}

func FuzzParse(f *testing.F) {
	h, _ := holder(f)
	f.Add(signed(f, h))
	f.Fuzz(func(t *testing.T, der []byte) {
		if c, err := cms.Parse(der); err == nil {
			_ = c.Check() // must not panic, whatever key the certificate has
		}
	})
}
