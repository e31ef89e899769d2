package tsp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"chancery/pades/tsp"
)

var policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}

// house is a root, a CA below it, and what it takes to open an authority.
type house struct {
	root, ca, tsa *x509.Certificate
	rootKey       *ecdsa.PrivateKey
	caKey, tsaKey *ecdsa.PrivateKey
	now           time.Time
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)}
	h.root, h.rootKey = h.issue(t, h.caTemplate("Root"), nil, nil)
	h.ca, h.caKey = h.issue(t, h.caTemplate("Issuing CA"), h.root, h.rootKey)
	h.tsa, h.tsaKey = h.issue(t, h.tsaTemplate(true, x509.ExtKeyUsageTimeStamping), h.ca, h.caKey)
	return h
}

func (h *house) caTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: h.now.AddDate(-1, 0, 0), NotAfter: h.now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}
}

func (h *house) tsaTemplate(critical bool, usages ...x509.ExtKeyUsage) *x509.Certificate {
	oids := map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
		x509.ExtKeyUsageTimeStamping:    {1, 3, 6, 1, 5, 5, 7, 3, 8},
		x509.ExtKeyUsageEmailProtection: {1, 3, 6, 1, 5, 5, 7, 3, 4},
	}
	var list []asn1.ObjectIdentifier
	for _, u := range usages {
		list = append(list, oids[u])
	}
	value, err := asn1.Marshal(list)
	if err != nil {
		panic(err) // fixed values
	}
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: "TSA"}, NotBefore: h.now.AddDate(-1, 0, 0), NotAfter: h.now.AddDate(5, 0, 0),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value}},
	}
}

// issue makes a certificate; without an issuer it is a root.
func (h *house) issue(t testing.TB, template, issuer *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		t.Fatal(err)
	}
	if issuer == nil {
		issuer, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func (h *house) clock() time.Time { return h.now }

func (h *house) options() tsp.AuthorityOptions {
	return tsp.AuthorityOptions{
		Certificate: h.tsa, Chain: []*x509.Certificate{h.ca, h.root}, Key: crypto.Signer(h.tsaKey), Policy: policy, Now: h.clock,
	}
}

func (h *house) authority(t testing.TB) *tsp.Authority {
	t.Helper()
	a, err := tsp.NewAuthority(h.options())
	if err != nil {
		t.Fatal(err)
	}
	return a
}
