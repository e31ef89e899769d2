package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"chancery/problem"
)

// usages are the extended key usages with which a certificate may sign documents.
// A certificate without any may sign everything (RFC 5280, 4.2.1.12).
var usages = []asn1.ObjectIdentifier{
	oidDocumentSigning,
	{1, 2, 840, 113583, 1, 1, 5},       // Adobe's authentic documents
	{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}, // Microsoft's document signing
}

// Fits checks that a holder can serve as the organisation's certifier, sealer or
// TSA: the key is that of the certificate, the chain is complete and in order, and
// the certificate is meant for the purpose.
func (h Holder) Fits(role Role) error {
	if h.Signer == nil || !fitting(h.Signer, h.Certificate) {
		return problem.Invalid("key_mismatch", "The key is not that of the certificate, which has to come first in its file.")
	}
	if err := strong(h.Certificate.PublicKey); err != nil {
		return err
	}
	if err := h.leads(); err != nil {
		return err
	}
	if sandbox(h.Certificate) {
		return problem.Invalid("certificate_of_sandbox", "This is a certificate of a sandbox. Sandbox and production are never mixed.")
	}
	if h.Certificate.IsCA {
		return problem.Invalid("certificate_usage", "This is the certificate of a CA. It cannot sign documents.")
	}
	if role == TSA {
		return stamps(h.Certificate)
	}
	return signs(h.Certificate)
}

// leads follows the chain to a root.
func (h Holder) leads() error {
	c := h.Certificate
	for _, issuer := range h.Chain {
		if err := c.CheckSignatureFrom(issuer); err != nil {
			return problem.Invalid("chain_broken", fmt.Sprintf(
				"%q did not issue %q: the chain must be in order, each certificate followed by its issuer.", issuer.Subject, c.Subject)).Because(err)
		}
		c = issuer
	}
	if c == h.Certificate || c.CheckSignatureFrom(c) != nil {
		return problem.Invalid("chain_incomplete", fmt.Sprintf(
			"The chain ends at %q. Please add the certificate of its issuer %q, up to and including the root.", c.Subject, c.Issuer))
	}
	return nil
}

func signs(c *x509.Certificate) error {
	const signing = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if c.KeyUsage != 0 && c.KeyUsage&signing == 0 {
		return problem.Invalid("certificate_usage", "The certificate's key usage allows no signatures.")
	}
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return nil
	}
	for _, usage := range c.UnknownExtKeyUsage {
		if slices.ContainsFunc(usages, usage.Equal) {
			return nil
		}
	}
	return problem.Invalid("certificate_usage", "The certificate's extended key usage allows no signing of documents.")
}

// stamps checks a time-stamping certificate (RFC 3161, 2.3).
func stamps(c *x509.Certificate) error {
	only := len(c.ExtKeyUsage) == 1 && len(c.UnknownExtKeyUsage) == 0 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping
	for _, e := range c.Extensions {
		if only && e.Critical && e.Id.Equal(oidExtKeyUsage) {
			return nil
		}
	}
	return problem.Invalid("certificate_usage", "A time-stamping certificate has one extended key usage, timeStamping, and it is critical.")
}

// Import puts a certificate with its chain and key into a folder, for a role, when
// it fits. Nothing is overwritten.
func Import(path string, role Role, b Bundle, at time.Time) error {
	if !slices.Contains([]Role{Certifier, Sealer, TSA}, role) {
		return fmt.Errorf("import certificate: %s is no role for it", role)
	}
	if err := b.Fits(role); err != nil {
		return err
	}
	if err := b.valid(at); err != nil {
		return err
	}
	name := filepath.Join(path, fileNames[role])
	return writeHolder(name, b.Holder, b.key)
}

// valid refuses a holder that is not valid for long enough.
func (h Holder) valid(at time.Time) error {
	for _, c := range append([]*x509.Certificate{h.Certificate}, h.Chain...) {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return problem.Invalid("certificate_not_valid", fmt.Sprintf("The certificate %q is valid from %s to %s only.",
				c.Subject, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly)))
		}
	}
	return h.Ready(at)
}
