package pki

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"io"
	"time"
)

// Renewal: a successor is made in good time, so that a hub that is left alone
// never stops.
const (
	renewAhead  = 90 * 24 * time.Hour // before the end
	worthwhile  = 30 * 24 * time.Hour // a successor lives at least this much longer
	issuingRest = organYears          // years that an issuing CA has left when a leaf is made
)

// Renew makes successors for what ends soon, was revoked, or is missing because
// an older program made the authority. It tells whether there is something to keep.
func (a *Authority) Renew(ctx context.Context, now time.Time) (bool, error) {
	return a.renew(ctx, rand.Reader, now)
}

func (a *Authority) renew(ctx context.Context, random io.Reader, now time.Time) (bool, error) {
	if err := a.Heed(ctx); err != nil {
		return false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	before := len(a.members)
	if err := a.renewIssuing(random, now); err != nil {
		return false, err
	}
	for _, leaf := range leaves {
		if err := a.renewLeaf(random, leaf, now); err != nil {
			return false, err
		}
	}
	if err := a.renewResponders(random, now); err != nil {
		return false, err
	}
	return a.retire(now) || len(a.members) > before, nil
}

// retire destroys the keys that are not used any more (EN 319 421, 7.6.7). A CA's
// goes on signing lists of what it has issued.
func (a *Authority) retire(now time.Time) (destroyed bool) {
	for i, m := range a.members {
		if m.key != nil && !m.certificate.IsCA && (now.After(m.until()) || a.fallen(m.certificate)) {
			a.members[i].key, destroyed = nil, true
		}
	}
	return destroyed
}

// leaf is a long-lived certificate of the organisation.
type leaf struct {
	role    Role
	profile func(Options, time.Time) *x509.Certificate
}

// leaves have two different certificates for certification and seal, because NSS
// (pdfsig) refuses the second signature made with one certificate in a file.
var leaves = [...]leaf{{Certifier, certifierProfile}, {Sealer, sealerProfile}, {TSA, tsaProfile}}

func (a *Authority) renewIssuing(random io.Reader, now time.Time) error {
	root := a.root()
	if root.key == nil {
		return nil // a ceremony makes its successor
	}
	have, ok := a.newest(Issuing)
	if ok && (have.certificate.NotAfter.After(now.AddDate(issuingRest, 0, 0)) ||
		root.certificate.NotAfter.Sub(have.certificate.NotAfter) < worthwhile) {
		return nil
	}
	profile := addresses(a.options, issuingProfile(a.options, now), root, true)
	return a.add(random, Issuing, profile, root, P256)
}

func (a *Authority) renewLeaf(random io.Reader, l leaf, now time.Time) error {
	issuer, ok := a.newest(Issuing)
	if !ok {
		return fmt.Errorf("renew %s: every issuing CA was revoked, and the root that could make another is kept elsewhere", l.role)
	}
	profile := addresses(a.options, l.profile(a.options, now), issuer, true)
	have, ok := a.newest(l.role)
	if ok && have.until().Sub(now) > renewAhead {
		return nil
	}
	if ok && issuer.certificate.NotAfter.Sub(have.until()) < worthwhile {
		return nil // the issuing CA ends first
	}
	return a.add(random, l.role, profile, issuer, a.options.Algorithm)
}

// renewResponders gives every issuing CA that still has certificates an OCSP
// responder: only one made by the same CA may answer for it (RFC 6960, 4.2.2.2).
func (a *Authority) renewResponders(random io.Reader, now time.Time) error {
	for _, issuer := range a.of(Issuing) {
		have, ok := a.responder(issuer)
		left := issuer.certificate.NotAfter.Sub(now)
		if left <= 0 || a.fallen(issuer.certificate) || ok && have.until().Sub(now) > min(renewAhead, left-1) {
			continue
		}
		profile := addresses(a.options, responderProfile(a.options, now), issuer, false)
		if err := a.add(random, Responder, profile, issuer, P256); err != nil {
			return err
		}
	}
	return nil
}

// responder is the newest that may answer for an issuing CA.
func (a *Authority) responder(issuing member) (member, bool) {
	for i := len(a.members) - 1; i >= 0; i-- {
		m := a.members[i]
		if m.role != Responder || a.fallen(m.certificate) {
			continue
		}
		if by, ok := a.issuerOf(m.certificate); ok && by.certificate.Equal(issuing.certificate) {
			return m, true
		}
	}
	return member{}, false
}

func (a *Authority) add(random io.Reader, role Role, profile *x509.Certificate, issuer member, kind Algorithm) error {
	made, err := issue(random, role, profile, &issuer, kind)
	if err != nil {
		return fmt.Errorf("renew %s: %w", role, err)
	}
	a.members = append(a.members, made)
	return nil
}

// of returns the members of a role, oldest first.
func (a *Authority) of(role Role) []member {
	var found []member
	for _, m := range a.members {
		if m.role == role {
			found = append(found, m)
		}
	}
	return found
}

// until is when a certificate stops being used.
func (m member) until() time.Time {
	if end := tsaUseEnd(m.certificate); m.role == TSA && end.Before(m.certificate.NotAfter) {
		return end
	}
	return m.certificate.NotAfter
}
