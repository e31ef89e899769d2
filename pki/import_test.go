package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"chancery/pki"
	"chancery/problem"
)

// bought is a certificate as a CA delivers it: files of the chain and the key.
type bought struct {
	pki.Holder
	dir string
}

// buy gets a certificate from a CA that began so long ago.
func buy(t *testing.T, role pki.Role, ago time.Duration) bought {
	t.Helper()
	o := pki.Options{Organisation: "Commercial CA"}
	if role == pki.TSA {
		o.Algorithm = pki.RSA2048
	}
	ca, err := pki.Create(rand.Reader, time.Now().Add(-ago), o)
	if err != nil {
		t.Fatal(err)
	}
	b := bought{ca.Sealer(), t.TempDir()}
	if role == pki.TSA {
		b.Holder = ca.TSA()
	}
	return b
}

func (b bought) files(t *testing.T, certificates ...*x509.Certificate) (chain, key string) {
	t.Helper()
	var data []byte
	for _, c := range certificates {
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(b.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return b.file(t, "chain.pem", data), b.file(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func (b bought) file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABoughtCertificateSealsFromThenOn(t *testing.T) {
	b := buy(t, pki.Sealer, 0)
	chain, key := b.files(t, b.Certificate, b.Chain[0], b.Chain[1])
	bundle, err := pki.ReadBundle(chain, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := pki.Import(folder, pki.Sealer, bundle, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := pki.Import(folder, pki.Sealer, bundle, time.Now()); !problem.Has(err, "file_exists") {
		t.Errorf("a second import: %v", err)
	}
	f, err := pki.OpenFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	a := authority(t, pki.Options{Organisation: "Example Ltd", Folder: f})
	if !a.Sealer().Certificate.Equal(b.Certificate) || a.Certifier().Certificate.Issuer.String() == b.Certificate.Issuer.String() {
		t.Errorf("%s seals, %s certifies", a.Sealer().Certificate.Issuer, a.Certifier().Certificate.Issuer)
	}
	if roots := a.Roots(); len(roots) != 2 || !roots[1].Equal(b.Chain[1]) {
		t.Errorf("%d roots", len(roots))
	}
	if _, err := pki.Create(rand.Reader, noon, pki.Options{Sandbox: true, Folder: f}); err == nil {
		t.Error("a sandbox seals with it")
	}
}

func TestABundleOfPKCS12IsImported(t *testing.T) {
	b := buy(t, pki.TSA, 0)
	packed, err := pkcs12.Modern2023.Encode(b.Signer, b.Certificate, b.Chain, "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	path := b.file(t, "tsa.p12", packed)
	if _, err := pki.ReadBundle("", path, saying("open")); !problem.Has(err, "passphrase_wrong") {
		t.Errorf("a wrong passphrase: %v", err)
	}
	bundle, err := pki.ReadBundle("", path, saying("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := pki.Import(folder, pki.TSA, bundle, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := pki.OpenFolder(folder); err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotFitIsNotImported(t *testing.T) {
	seal, tsa, other := buy(t, pki.Sealer, 0), buy(t, pki.TSA, 0), buy(t, pki.Sealer, 0)
	year := 365 * 24 * time.Hour
	ending, ended, early := buy(t, pki.Sealer, 5*year-20*24*time.Hour), buy(t, pki.Sealer, 5*year+5*24*time.Hour), buy(t, pki.Sealer, -48*time.Hour)
	leaf, issuing, root := seal.Certificate, seal.Chain[0], seal.Chain[1]
	for name, tt := range map[string]struct {
		of           bought
		role         pki.Role
		certificates []*x509.Certificate
		code         string
	}{
		"a chain without its root":       {seal, pki.Sealer, []*x509.Certificate{leaf, issuing}, "chain_incomplete"},
		"a certificate alone":            {seal, pki.Sealer, []*x509.Certificate{leaf}, "chain_incomplete"},
		"a chain in the wrong order":     {seal, pki.Sealer, []*x509.Certificate{leaf, root, issuing}, "chain_broken"},
		"a chain that begins at the top": {seal, pki.Sealer, []*x509.Certificate{root, issuing, leaf}, "key_mismatch"},
		"another's key":                  {other, pki.Sealer, []*x509.Certificate{leaf, issuing, root}, "key_mismatch"},
		"another's chain":                {seal, pki.Sealer, []*x509.Certificate{leaf, other.Chain[0], other.Chain[1]}, "chain_broken"},
		"a seal that stamps":             {seal, pki.TSA, []*x509.Certificate{leaf, issuing, root}, "certificate_usage"},
		"a TSA that seals":               {tsa, pki.Sealer, []*x509.Certificate{tsa.Certificate, tsa.Chain[0], tsa.Chain[1]}, "certificate_usage"},
		"one that ends soon":             {ending, pki.Sealer, append([]*x509.Certificate{ending.Certificate}, ending.Chain...), "certificate_expiring"},
		"one that has ended":             {ended, pki.Sealer, append([]*x509.Certificate{ended.Certificate}, ended.Chain...), "certificate_not_valid"},
		"one that has not begun":         {early, pki.Sealer, append([]*x509.Certificate{early.Certificate}, early.Chain...), "certificate_not_valid"},
	} {
		chain, key := tt.of.files(t, tt.certificates...)
		bundle, err := pki.ReadBundle(chain, key, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		folder := t.TempDir()
		if err := pki.Import(folder, tt.role, bundle, time.Now()); !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%s: it left %v: %v", name, left, err)
		}
	}
}

func saying(passphrase string) func() (string, error) {
	return func() (string, error) { return passphrase, nil }
}

// selfMade is a holder below a root of the test's own, which may be wrong in any way.
func selfMade(t *testing.T, leaf x509.Certificate) pki.Holder {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(template, issuer *x509.Certificate) *x509.Certificate {
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), noon, noon.AddDate(9, 0, 0)
		der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	root := &x509.Certificate{Subject: pkix.Name{CommonName: "Root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root = sign(root, root)
	leaf.Subject = pkix.Name{CommonName: "Leaf"}
	return pki.Holder{Certificate: sign(&leaf, root), Chain: []*x509.Certificate{root}, Signer: key}
}

func TestUsagesDecideWhatACertificateIsFor(t *testing.T) {
	const signature = x509.KeyUsageDigitalSignature
	stamping := []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	for name, tt := range map[string]struct {
		leaf        x509.Certificate
		seal, stamp bool
	}{
		"none at all":               {x509.Certificate{}, true, false},
		"digital signature":         {x509.Certificate{KeyUsage: signature}, true, false},
		"encryption":                {x509.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}, false, false},
		"a TLS server":              {x509.Certificate{KeyUsage: signature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, false, false},
		"email":                     {x509.Certificate{KeyUsage: signature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}, true, false},
		"Adobe's":                   {x509.Certificate{KeyUsage: signature, UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 840, 113583, 1, 1, 5}}}, true, false},
		"stamping, not critical":    {x509.Certificate{KeyUsage: signature, ExtKeyUsage: stamping}, false, false},
		"stamping and more":         {x509.Certificate{KeyUsage: signature, ExtKeyUsage: append(stamping, x509.ExtKeyUsageEmailProtection)}, true, false},
		"stamping and nothing else": {x509.Certificate{KeyUsage: signature, ExtraExtensions: []pkix.Extension{criticalStamping}}, false, true},
	} {
		h := selfMade(t, tt.leaf)
		if err := h.Fits(pki.Sealer); (err == nil) != tt.seal {
			t.Errorf("%s: as a seal: %v", name, err)
		}
		if err := h.Fits(pki.TSA); (err == nil) != tt.stamp {
			t.Errorf("%s: as a TSA: %v", name, err)
		}
	}
}

// criticalStamping is the extended key usage of a TSA: SEQUENCE { 1.3.6.1.5.5.7.3.8 }.
var criticalStamping = pkix.Extension{
	Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
	Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08},
}
