package cms_test

import (
	"crypto"
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

	"chancery/pades/cms"
	"chancery/pades/tsp"
)

// signer is somebody with a certificate below a root, in PEM for OpenSSL.
type signer struct {
	certificate *x509.Certificate
	chain       []*x509.Certificate
	key         crypto.Signer
	root        []byte
	rootKey     crypto.Signer
}

func newSigner(t testing.TB) signer {
	t.Helper()
	return signerWith(t, ecdsaKey(t, elliptic.P256()))
}

func ecdsaKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signerWith(t testing.TB, key crypto.Signer) signer {
	t.Helper()
	s := signerOf(t, key.Public())
	s.key = key
	return s
}

// signerOf has a certificate, and the key is with somebody else.
func signerOf(t testing.TB, key crypto.PublicKey) signer {
	t.Helper()
	rootKey := ecdsaKey(t, elliptic.P256())
	root := issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, rootKey.Public(), rootKey)
	certificate := issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Ann"}, KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: []byte("ann's key"),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}, root, key, rootKey)
	pemRoot := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
	return signer{certificate: certificate, chain: []*x509.Certificate{root}, root: pemRoot, rootKey: rootKey}
}

func issue(t testing.TB, template, issuer *x509.Certificate, key any, by crypto.Signer) *x509.Certificate {
	t.Helper()
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	var err error
	if template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<60)); err != nil {
		t.Fatal(err)
	}
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key, by)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// authority is a TSA below the same root.
func (s signer) authority(t testing.TB) *tsp.Authority {
	t.Helper()
	key := ecdsaKey(t, elliptic.P256())
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	certificate := issue(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "TSA"}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}},
	}, s.chain[0], key.Public(), s.rootKey)
	a, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: certificate, Chain: s.chain, Key: key, Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func signed(t testing.TB, s signer) []byte {
	t.Helper()
	der, err := cms.Sign(digestOf(content), s.certificate, s.chain, s.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// files writes files into a fresh folder.
func files(t testing.TB, content map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range content {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
