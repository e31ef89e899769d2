package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
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
