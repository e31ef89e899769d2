// Package pki is the organisation's own certificate authority: a root, an
// issuing CA below it, two certificates for the organisation itself, and a
// fresh short-lived certificate for every person and act.
//
// A production authority and a sandbox authority are two separate sets of keys.
// A sandbox certificate says "Sandbox – not trusted" in its organisation name
// and leads to a root nobody imports, so a test document can never pass as real.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"time"
)

// How long certificates live. The organisation's own ones are renewed by
// creating a new authority; a person's one lives for the act only.
const (
	rootYears    = 20
	issuingYears = 10
	organYears   = 5
	backdated    = 5 * time.Minute // a validator's clock may be behind ours
	signerLife   = 24 * time.Hour
)

// SandboxOrganisation is the organisation name of everything a sandbox signs.
const SandboxOrganisation = "Sandbox – not trusted"

// Options names the organisation behind an authority.
type Options struct {
	Organisation string
	Country      string // ISO 3166 two letters; may be empty
	Sandbox      bool   // replaces Organisation by SandboxOrganisation
}

// Holder is someone who can sign now: a certificate, the chain up to and
// including the root, and the key. pades.Holder has the same shape, so
// pades.Holder(h) converts.
type Holder struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // issuer first, root last
	Signer      crypto.Signer
}

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	root, issuing, certifier, sealer identity
}

// identity is one certificate with its key.
type identity struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Create makes a new authority with four P-256 keys: root, issuing CA, and the
// organisation's certification and seal.
func Create(random io.Reader, now time.Time, options Options) (*Authority, error) {
	if options.Sandbox {
		options.Organisation = SandboxOrganisation
	}
	if clean(options.Organisation) == "" {
		return nil, fmt.Errorf("create authority: an organisation needs a name")
	}
	var a Authority
	for _, step := range []struct {
		into   *identity
		issuer *identity
		make   func() *x509.Certificate
	}{
		{&a.root, nil, func() *x509.Certificate { return caTemplate(options, "Root CA", now, rootYears, 1) }},
		{&a.issuing, &a.root, func() *x509.Certificate { return caTemplate(options, "Signer CA", now, issuingYears, 0) }},
		// Two different certificates, because NSS (pdfsig) refuses the second
		// signature made with one certificate in a file.
		{&a.certifier, &a.issuing, func() *x509.Certificate { return organTemplate(options, "Certification", now) }},
		{&a.sealer, &a.issuing, func() *x509.Certificate { return organTemplate(options, "Seal", now) }},
	} {
		made, err := issue(random, step.make(), step.issuer)
		if err != nil {
			return nil, fmt.Errorf("create authority of %s: %w", options.Organisation, err)
		}
		*step.into = made
	}
	return &a, nil
}

// Certifier certifies documents before anyone signs them.
func (a *Authority) Certifier() Holder { return a.holder(a.certifier) }

// Sealer closes documents with the organisation's electronic seal.
func (a *Authority) Sealer() Holder { return a.holder(a.sealer) }

// Roots are the certificates a validator has to trust.
func (a *Authority) Roots() []*x509.Certificate {
	return []*x509.Certificate{a.root.certificate}
}

func (a *Authority) holder(of identity) Holder {
	return Holder{
		Certificate: of.certificate,
		Chain:       []*x509.Certificate{a.issuing.certificate, a.root.certificate},
		Signer:      of.key,
	}
}

// issue signs template with issuer's key; without an issuer it signs itself.
func issue(random io.Reader, template *x509.Certificate, issuer *identity) (identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return identity{}, fmt.Errorf("make key: %w", err)
	}
	if template.SerialNumber, err = serial(random); err != nil {
		return identity{}, err
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.certificate, issuer.key
	}
	der, err := x509.CreateCertificate(random, template, parent, &key.PublicKey, signer)
	if err != nil {
		return identity{}, fmt.Errorf("sign certificate of %s: %w", template.Subject.CommonName, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return identity{}, fmt.Errorf("read back certificate of %s: %w", template.Subject.CommonName, err)
	}
	return identity{certificate, key}, nil
}

// serial is 128 random bits, positive and never zero (RFC 5280, 4.1.2.2).
func serial(random io.Reader) (*big.Int, error) {
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	n, err := rand.Int(random, limit)
	if err != nil {
		return nil, fmt.Errorf("draw serial number: %w", err)
	}
	return n.Add(n, big.NewInt(1)), nil
}

func subject(options Options, name string) pkix.Name {
	s := pkix.Name{CommonName: name, Organization: []string{clip(clean(options.Organisation), nameLimit)}}
	if options.Country != "" {
		s.Country = []string{options.Country}
	}
	return s
}
