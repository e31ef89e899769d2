package trust_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pades/trust"
)

// office is a root, an issuing CA, and people below it. Its clock stands still
// at now, which is the real one's: the library dates OCSP responses itself.
type office struct {
	t        testing.TB
	now      time.Time
	root, ca identity
}

type identity struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, now: time.Now().UTC().Truncate(time.Minute)}
	o.root = o.issue(o.authority("Root"), nil)
	o.ca = o.issue(o.authority("Issuing CA"), &o.root)
	return o
}

func (o *office) authority(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: o.now.AddDate(-5, 0, 0), NotAfter: o.now.AddDate(15, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}
}

// person has a certificate of two years, a year of it gone.
func (o *office) person(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: o.now.AddDate(-1, 0, 0), NotAfter: o.now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
}

func (o *office) responder(marks ...asn1.ObjectIdentifier) *x509.Certificate {
	t := o.person("OCSP responder")
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	return marked(t, false, marks...)
}

func marked(t *x509.Certificate, critical bool, marks ...asn1.ObjectIdentifier) *x509.Certificate {
	for _, id := range marks {
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: asn1.NullBytes})
	}
	return t
}

var (
	noCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	noRevAvail      = asn1.ObjectIdentifier{2, 5, 29, 56}
	validityAssured = asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1}
)

func (o *office) issue(template *x509.Certificate, by *identity) identity {
	o.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	o.must(err)
	return identity{o.certify(template, key.Public(), by, key), key}
}

// certify signs a key that is there already; without by, with own.
func (o *office) certify(template *x509.Certificate, public crypto.PublicKey, by *identity, own *ecdsa.PrivateKey) *x509.Certificate {
	o.t.Helper()
	var err error
	if template.SerialNumber == nil {
		template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
		o.must(err)
	}
	issuer := template
	if by != nil {
		issuer, own = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, public, own)
	o.must(err)
	c, err := x509.ParseCertificate(der)
	o.must(err)
	return c
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// crl is a list by an issuer of an age, good for a week.
func (o *office) crl(by identity, issued time.Time, change func(*x509.RevocationList)) []byte {
	o.t.Helper()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: issued, NextUpdate: issued.AddDate(0, 0, 7)}
	if change != nil {
		change(list)
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, by.Certificate, by.key)
	o.must(err)
	return der
}

func revoke(c identity, at time.Time) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at, ReasonCode: 1})
	}
}

// ocsp is an answer about a certificate of issuer, signed by responder.
func (o *office) ocsp(about identity, issuer, responder identity, issued time.Time, change func(*ocsp.Response)) []byte {
	o.t.Helper()
	r := ocsp.Response{
		Status: ocsp.Good, SerialNumber: about.SerialNumber, ThisUpdate: issued, NextUpdate: issued.AddDate(0, 0, 1),
		IssuerHash: crypto.SHA256,
	}
	if responder.Certificate != issuer.Certificate {
		r.Certificate = responder.Certificate
	}
	if change != nil {
		change(&r)
	}
	der, err := ocsp.CreateResponse(issuer.Certificate, responder.Certificate, r, responder.key)
	o.must(err)
	return der
}

func (o *office) roots() []*x509.Certificate { return []*x509.Certificate{o.root.Certificate} }

func (o *office) chain(c identity) []*x509.Certificate {
	return []*x509.Certificate{c.Certificate, o.ca.Certificate, o.root.Certificate}
}

// judge puts a fresh list of the root beside the evidence, so that only the
// certificate itself is in question.
func (o *office) judge(c identity, at time.Time, evidence trust.Evidence) trust.Judgement {
	o.t.Helper()
	evidence.CRLs = append(evidence.CRLs, o.crl(o.root, at.Add(time.Minute), nil))
	return trust.Judge(c.Certificate, []*x509.Certificate{o.ca.Certificate}, o.roots(), evidence, at)
}

// desk is a source that knows what it was given.
type desk map[string]struct{ crl, ocsp []byte }

var errAway = errors.New("nobody answers")

func (d desk) Revocation(_ context.Context, cert, _ *x509.Certificate) (crl, ocsp []byte, err error) {
	got, ok := d[cert.Subject.CommonName]
	if !ok {
		return nil, nil, errAway
	}
	return got.crl, got.ocsp, nil
}
