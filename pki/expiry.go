package pki

import (
	"crypto/x509"
	"fmt"
	"time"

	"chancery/problem"
)

// The end of a certificate casts its shadow: first it is told, then nothing is
// signed any more, because a document that is signed on the last day can hardly be
// checked the day after. Neither is for a person's certificate of one day.
const (
	WarnBefore   = 60 * 24 * time.Hour
	RefuseBefore = 30 * 24 * time.Hour
)

// Ready refuses to sign with a certificate of the organisation that ends soon.
func (h Holder) Ready(at time.Time) error {
	if h.Certificate == nil {
		return fmt.Errorf("use certificate: there is none")
	}
	if left := h.Certificate.NotAfter.Sub(at); left < RefuseBefore {
		return problem.Away("certificate_expiring", fmt.Sprintf(
			"The certificate of %s ends on %s and signs nothing any more. Whoever runs this hub has to renew it.",
			h.Certificate.Subject.CommonName, h.Certificate.NotAfter.UTC().Format(time.DateOnly)))
	}
	return nil
}

// RootList stands for the CRL of a root whose key is kept elsewhere.
const RootList Role = "root-crl"

// Ending says when a certificate in use stops being used, or a root's CRL gets old.
type Ending struct {
	Role        Role
	Certificate *x509.Certificate // of RootList the root's
	Until       time.Time
}

// Left is how long it goes on, in the hub's own reckoning.
func (e Ending) Left(now time.Time) time.Duration { return e.Until.Sub(now) }

// Endings lists what is now in use.
func (a *Authority) Endings() []Ending {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var endings []Ending
	for _, role := range [...]Role{Root, Issuing, Certifier, Sealer, TSA, Responder} {
		if h, ok := a.outside(role); ok {
			endings = append(endings, Ending{role, h.Certificate, h.Certificate.NotAfter})
		} else if m, ok := a.current(role, a.options.Now()); ok {
			endings = append(endings, Ending{role, m.certificate, m.until()})
		}
	}
	if f := a.folder; f.CA() != "" {
		endings = append(endings, Ending{RootList, f.root, f.rootListUntil})
	}
	return endings
}

// Adopt takes over what another process, or a later look at the same state, has
// made of this authority.
func (a *Authority) Adopt(later *Authority) {
	later.mu.RLock()
	defer later.mu.RUnlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.members, a.revoked, a.folder = later.members, later.revoked, later.folder
}
