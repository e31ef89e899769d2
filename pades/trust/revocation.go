package trust

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"
)

// Tolerance is how much older than the time to prove evidence without an end of
// its own may be; Acrobat accepts about as much.
const Tolerance = 5 * time.Minute

// maxEvidence is how many lists and responses about one certificate are looked at.
const maxEvidence = 100

// maxDetails bounds how many pieces of bad evidence are told of.
const maxDetails = 8

// maxResponders bounds how many responders may vouch for one another.
const maxResponders = 2

// exempt tells of a certificate that nobody can ask about.
func exempt(c *x509.Certificate) (Revocation, bool) {
	for _, e := range []struct {
		id     asn1.ObjectIdentifier
		reason string
	}{{oidValidityAssured, ValidityAssured}, {oidNoRevAvail, NoRevAvail}} {
		if has(c, e.id) && !c.IsCA {
			return Revocation{Status: NotNeeded, Reason: e.reason}, true
		}
	}
	if has(c, oidNoCheck) && forOCSP(c) {
		return Revocation{Status: NotNeeded, Reason: NoCheck}, true
	}
	return Revocation{}, false
}

// revocation lets the newest evidence that holds decide.
func (c court) revocation(cert, issuer *x509.Certificate, at time.Time, depth int) Revocation {
	if r, ok := exempt(cert); ok {
		return r
	}
	best := Revocation{Status: Unknown, Reason: NoEvidence}
	var details []string
	seen := 0
	take := func(r Revocation, about bool, err error) {
		if !about {
			return
		}
		seen++
		if err == nil && r.Status == Unknown {
			err = fmt.Errorf("%s of %s does not speak of %s", r.From, r.Issued.Format(time.RFC3339), at.Format(time.RFC3339))
		}
		if err != nil && len(details) < maxDetails {
			details = append(details, err.Error())
		}
		best = better(best, r)
	}
	for _, der := range c.evidence.OCSPs {
		if seen == maxEvidence {
			break
		}
		take(c.readOCSP(der, cert, issuer, at, depth))
	}
	for _, der := range c.evidence.CRLs {
		if seen == maxEvidence {
			break
		}
		take(c.readCRL(der, cert, issuer, at))
	}
	best.Detail = strings.Join(details, "; ")
	return best
}

// better prefers an answer to none, then the newer one. Evidence that did not hold
// has no status at all, and is only better than there being none.
func better(a, b Revocation) Revocation {
	switch {
	case b.Status == "":
		if a.Reason == NoEvidence {
			a.Reason = BadEvidence
		}
		return a
	case b.Status == Unknown && a.Status != Unknown:
		return a
	case a.Status == Unknown && b.Status != Unknown, b.Issued.After(a.Issued):
		return b
	}
	return a
}

// statement is what one CRL or OCSP response says, without a time to prove.
type statement struct {
	from         string
	issued, next time.Time
	revoked      bool
	revokedAt    time.Time
	reason       int // CRLReason
	// remembers is the time since which the issuer keeps expired certificates in
	// its answers; zero when it does not say.
	remembers time.Time
}

// about turns a statement into an answer for a time.
//
// Without a revocation it must be of a moment when the issuer still spoke of the
// certificate, and either newer than the time, or not yet replaced at the time
// (EN 319 102-1, 5.2.5).
func (s statement) about(cert *x509.Certificate, at time.Time) Revocation {
	r := Revocation{Status: Good, From: s.from, Issued: s.issued, Next: s.next}
	if s.revoked {
		r.RevokedAt, r.Reason = s.revokedAt, RevokedLater
		if !s.revokedAt.After(at) {
			r.Status, r.Reason = Revoked, reasonName(s.reason)
		}
		return r
	}
	forgotten := s.issued.After(cert.NotAfter) && (s.remembers.IsZero() || s.remembers.After(cert.NotAfter))
	until := s.next
	if until.IsZero() {
		until = s.issued.Add(Tolerance)
	}
	if forgotten || at.After(s.issued) && at.After(until) {
		r.Status, r.Reason = Unknown, StaleEvidence
	}
	return r
}

// reasonName is the name of a CRLReason (RFC 5280, 5.3.1).
func reasonName(code int) string {
	names := []string{
		"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
		"certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
	}
	if code < 0 || code >= len(names) || names[code] == "" {
		return fmt.Sprintf("reason %d", code)
	}
	return names[code]
}
