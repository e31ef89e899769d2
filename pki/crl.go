package pki

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// oidExpiredCerts says that revocations stay on the list after their certificates
// have ended, so that old signatures can be judged (X.509, 9.5.2.8).
var oidExpiredCerts = asn1.ObjectIdentifier{2, 5, 29, 60}

// crl lists what a CA has revoked. A root whose key is kept elsewhere left one.
func (a *Authority) crl(ctx context.Context, ca member, now time.Time) ([]byte, error) {
	if ca.key == nil {
		a.mu.RLock()
		defer a.mu.RUnlock()
		return a.folder.rootCRL, nil
	}
	number, err := a.options.Register.NextCRL(ctx, KeyID(ca.certificate), now)
	if err != nil {
		return nil, fmt.Errorf("number CRL of %s: %w", ca.certificate.Subject.CommonName, err)
	}
	life := crlLife
	if ca.role == Root {
		life = rootCRLLife
	}
	since, err := asn1.MarshalWithParams(ca.certificate.NotBefore.UTC(), "generalized")
	if err != nil {
		return nil, fmt.Errorf("write start of CRL: %w", err)
	}
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: number, ThisUpdate: now.UTC(), NextUpdate: now.Add(life).UTC(),
		RevokedCertificateEntries: a.entries(ca.certificate),
		ExtraExtensions:           []pkix.Extension{{Id: oidExpiredCerts, Value: since}},
	}, ca.certificate, ca.key)
	if err != nil {
		return nil, fmt.Errorf("sign CRL of %s: %w", ca.certificate.Subject.CommonName, err)
	}
	return der, nil
}

func (a *Authority) entries(ca *x509.Certificate) []x509.RevocationListEntry {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var entries []x509.RevocationListEntry
	for _, r := range a.revoked {
		if r.Issuer == KeyID(ca) {
			entries = append(entries, x509.RevocationListEntry{
				SerialNumber: r.Serial, RevocationTime: r.At.UTC(), ReasonCode: int(r.Reason),
			})
		}
	}
	slices.SortFunc(entries, func(a, b x509.RevocationListEntry) int { return a.RevocationTime.Compare(b.RevocationTime) })
	return entries
}

// CRL is the newest list of one of our CAs, made on the spot.
func (a *Authority) CRL(ctx context.Context, ca *x509.Certificate) ([]byte, error) {
	if err := a.Heed(ctx); err != nil {
		return nil, err
	}
	for _, m := range a.cas() {
		if m.certificate.Equal(ca) {
			return a.crl(ctx, m, a.options.Now())
		}
	}
	return nil, fmt.Errorf("make CRL of %s: it is no CA of this authority", ca.Subject.CommonName)
}

func (a *Authority) cas() []member {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return append(a.of(Root), a.of(Issuing)...)
}
