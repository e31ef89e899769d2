package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"chancery/problem"
)

// Heed reads the register, and what a ceremony has revoked: all that is revoked from
// then on.
func (a *Authority) Heed(ctx context.Context) error {
	all, err := a.options.Register.Revocations(ctx)
	if err != nil {
		return fmt.Errorf("read revocations: %w", err)
	}
	theirs, err := a.ceremony().revocations()
	if err != nil {
		return fmt.Errorf("read revocations: %w", err)
	}
	revoked := make(map[string]Revocation, len(all))
	for _, r := range append(all, theirs...) {
		revoked[r.Issuer+"/"+r.Serial.Text(16)] = r
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked = revoked
	return nil
}

// ceremony is the ledger of who keeps the root; nil when the hub does so itself.
func (a *Authority) ceremony() *ledger {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.folder == nil {
		return nil
	}
	return a.folder.ledger
}

// Revoke ends a certificate that one of our CAs issued, for ever. Renew makes its
// successor. A root cannot be revoked: whoever trusts it has to be told.
func (a *Authority) Revoke(ctx context.Context, c *x509.Certificate, reason Reason, at time.Time) error {
	a.mu.RLock()
	issuer, ok := a.issuerOf(c)
	away := issuer.key == nil && a.folder != nil
	a.mu.RUnlock()
	if !ok || c.CheckSignatureFrom(issuer.certificate) != nil {
		return fmt.Errorf("revoke certificate of %s: no CA of this authority issued it", c.Subject.CommonName)
	}
	if away {
		return problem.Conflict("root_away", "The root's key is kept elsewhere, and there this has to be revoked: with chancery ca revoke.")
	}
	revocation := Revocation{Issuer: KeyID(issuer.certificate), Serial: c.SerialNumber, At: at, Reason: reason}
	if err := a.options.Register.Revoke(ctx, revocation); err != nil {
		return fmt.Errorf("revoke certificate of %s: %w", c.Subject.CommonName, err)
	}
	return a.Heed(ctx)
}

// Revocation makes fresh evidence on whether a certificate of ours is revoked: an
// OCSP response for what an issuing CA issued, a CRL for what a root did. Of a
// root itself and of others' certificates it knows nothing, and returns nothing.
func (a *Authority) Revocation(ctx context.Context, cert, issuer *x509.Certificate) (crl, ocsp []byte, err error) {
	a.mu.RLock()
	ca, ok := a.issuerOf(cert)
	a.mu.RUnlock()
	if !ok || issuer == nil || !bytes.Equal(ca.certificate.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo) {
		return nil, nil, nil
	}
	if err := a.Heed(ctx); err != nil {
		return nil, nil, err
	}
	now := a.options.Now()
	a.mu.RLock()
	responder, ok := a.responder(ca)
	a.mu.RUnlock()
	if !ok {
		crl, err = a.crl(ctx, ca, now)
		return crl, nil, err
	}
	id, err := newCertID(cert, ca.certificate)
	if err != nil {
		return nil, nil, err
	}
	ocsp, err = answer{at: now, responder: responder, replies: []reply{a.replyTo(ca, id, true)}}.sign()
	return nil, ocsp, err
}

// How long what we say about revocations holds.
const (
	crlLife     = 7 * 24 * time.Hour
	rootCRLLife = 180 * 24 * time.Hour // its key may lie in a safe
	ocspLife    = 24 * time.Hour
)
