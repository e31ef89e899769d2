// Package tsp asks for time-stamps, gives them and checks them (RFC 3161, RFC
// 5816, profiled by ETSI EN 319 422).
//
// A time-stamp proves that a digest existed at a time, on the word of an authority
// (TSA) that signs both. Client asks authorities over HTTP, Authority is one of
// our own; both have
//
//	Timestamp(ctx, digest) (token, err)
//
// where the digest is SHA-256 and the token a CMS container in DER. Parse opens a
// token, whoever made it, and Check holds it against a digest:
//
//	token, err := tsp.Parse(der)
//	err = token.Check(digest) // digest by token.Hash
//	// token.Time, token.Policy, token.Serial, token.Certificate, …
//
// Whether token.Certificate leads to anybody trusted at token.Time is for package
// trust to say.
package tsp

import (
	"crypto"
	"crypto/subtle"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"chancery/pades/cms"
)

// Token is a parsed time-stamp token.
type Token struct {
	Time     time.Time     // genTime, in UTC
	Accuracy time.Duration // to both sides of Time; 0 when the TSA does not say
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
	Nonce    *big.Int    // nil when nobody asked for one
	Hash     crypto.Hash // of the digest that is stamped
	Digest   []byte

	Certificate  *x509.Certificate   // of the TSA
	Certificates []*x509.Certificate // all that the token brings along
	CRLs         [][]byte            // DER, likewise

	container *cms.Container
}

// Parse reads a token. It does not check that the token is right: see Check.
func Parse(der []byte) (*Token, error) {
	c, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("parse time-stamp: %w", err)
	}
	if c.Behind > 0 {
		return nil, fmt.Errorf("parse time-stamp: %d bytes behind it", c.Behind)
	}
	if !c.Type.Equal(cms.OIDTSTInfo) || c.Detached() {
		return nil, fmt.Errorf("parse time-stamp: content of type %v", c.Type)
	}
	t := &Token{
		Certificate: c.Signer, Certificates: c.Certificates, CRLs: c.CRLs, container: c,
	}
	if err := t.readInfo(c.Content); err != nil {
		return nil, fmt.Errorf("parse time-stamp: %w", err)
	}
	return t, nil
}

// Weak tells whether the token leans on SHA-1 anywhere.
func (t *Token) Weak() bool { return t.Hash == crypto.SHA1 || t.container.Weak() }

// Loose tells of a part of the token that somebody may have changed unseen: see
// cms.Container.Loose.
func (t *Token) Loose() error { return t.container.Loose() }

// Check tells what is wrong with a token for this digest: the imprint, the TSA's
// signature, its binding to the certificate (RFC 5816), the certificate's purpose
// and its being valid at Time.
func (t *Token) Check(digest []byte) error {
	if subtle.ConstantTimeCompare(digest, t.Digest) != 1 {
		return fmt.Errorf("check time-stamp: it is of another digest")
	}
	if err := t.container.Check(); err != nil {
		return fmt.Errorf("check time-stamp: %w", err)
	}
	if !t.container.BoundToCertificate {
		return fmt.Errorf("check time-stamp: it does not say which certificate it was made with")
	}
	if err := purpose(t.Certificate); err != nil {
		return fmt.Errorf("check time-stamp: %w", err)
	}
	if t.Time.Before(t.Certificate.NotBefore) || t.Time.After(t.Certificate.NotAfter) {
		return fmt.Errorf("check time-stamp: the certificate of %q is not valid at %s",
			t.Certificate.Subject.CommonName, t.Time.Format(time.RFC3339))
	}
	return nil
}

var oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// purpose wants what RFC 3161, 2.3 does: time-stamping as the one extended key
// usage, marked critical.
func purpose(c *x509.Certificate) error {
	if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) > 0 {
		return fmt.Errorf("the certificate of %q is not for time-stamping alone", c.Subject.CommonName)
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtendedKeyUsage) && e.Critical {
			return nil
		}
	}
	return fmt.Errorf("the certificate of %q does not mark its purpose as critical", c.Subject.CommonName)
}
