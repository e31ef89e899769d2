package trust_test

import (
	"crypto/x509"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pades/trust"
)

func TestAnOCSPResponseIsHeldAgainstTheTimeToProve(t *testing.T) {
	o := newOffice(t)
	signer, other := o.issue(o.person("Signer"), &o.ca), o.issue(o.person("Other"), &o.ca)
	delegate := o.issue(o.responder(noCheck), &o.ca)
	checkable := o.issue(o.responder(), &o.ca)
	pretender := o.issue(marked(o.person("Pretender"), false, noCheck), &o.ca) // no OCSP signing
	foreign := o.issue(o.responder(noCheck), &o.root)                          // of another issuer
	old := o.responder(noCheck)
	old.NotAfter = o.now.AddDate(0, 0, -1)
	expired := o.issue(old, &o.ca)
	twin := o.issue(o.authority("Issuing CA"), &o.root)
	at, later := o.now, o.now.Add(time.Hour)
	revoked := func(when time.Time) func(*ocsp.Response) {
		return func(r *ocsp.Response) {
			r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, when, ocsp.CessationOfOperation
		}
	}
	endless := func(r *ocsp.Response) { r.NextUpdate = time.Time{} }
	for name, tt := range map[string]struct {
		response []byte
		status   trust.Status
		reason   string
	}{
		"by the issuer itself":             {o.ocsp(signer, o.ca, o.ca, later, nil), trust.Good, ""},
		"by a delegate":                    {o.ocsp(signer, o.ca, delegate, later, nil), trust.Good, ""},
		"by a delegate nobody can check":   {o.ocsp(signer, o.ca, checkable, later, nil), trust.Unknown, trust.BadEvidence},
		"by who is no delegate":            {o.ocsp(signer, o.ca, pretender, later, nil), trust.Unknown, trust.BadEvidence},
		"by another issuer's delegate":     {o.ocsp(signer, o.ca, foreign, later, nil), trust.Unknown, trust.BadEvidence},
		"by an expired delegate":           {o.ocsp(signer, o.ca, expired, later, nil), trust.Unknown, trust.BadEvidence},
		"about somebody else":              {o.ocsp(other, o.ca, o.ca, later, nil), trust.Unknown, trust.NoEvidence},
		"about a twin of another issuer":   {o.ocsp(signer, twin, delegate, later, nil), trust.Unknown, trust.NoEvidence},
		"older and still in force":         {o.ocsp(signer, o.ca, o.ca, at.Add(-time.Hour), nil), trust.Good, ""},
		"older and out of force":           {o.ocsp(signer, o.ca, o.ca, at.AddDate(0, 0, -2), nil), trust.Unknown, trust.StaleEvidence},
		"a little older, without an end":   {o.ocsp(signer, o.ca, o.ca, at.Add(-4*time.Minute), endless), trust.Good, ""},
		"much older, without an end":       {o.ocsp(signer, o.ca, o.ca, at.Add(-time.Hour), endless), trust.Unknown, trust.StaleEvidence},
		"revoked before the time":          {o.ocsp(signer, o.ca, o.ca, later, revoked(at.Add(-time.Minute))), trust.Revoked, "cessationOfOperation"},
		"revoked after the time":           {o.ocsp(signer, o.ca, o.ca, later, revoked(at.Add(time.Minute))), trust.Good, trust.RevokedLater},
		"the responder does not know":      {o.ocsp(signer, o.ca, o.ca, later, func(r *ocsp.Response) { r.Status = ocsp.Unknown }), trust.Unknown, trust.BadEvidence},
		"changed after it was signed":      {spoilt(o.ocsp(signer, o.ca, o.ca, later, nil)), trust.Unknown, trust.BadEvidence},
		"long after the certificate's end": {o.ocsp(signer, o.ca, o.ca, o.now.AddDate(3, 0, 0), nil), trust.Unknown, trust.StaleEvidence},
	} {
		j := o.judge(signer, at, trust.Evidence{OCSPs: [][]byte{tt.response}})
		r := j.Path[0].Revocation
		if !j.Trusted || r.Status != tt.status || r.Reason != tt.reason {
			t.Errorf("%s: %s (%s), %s", name, r.Status, r.Reason, r.Detail)
		}
	}
}

func TestADelegateThatWasRevokedProvesNothing(t *testing.T) {
	o := newOffice(t)
	signer, delegate := o.issue(o.person("Signer"), &o.ca), o.issue(o.responder(), &o.ca)
	later := o.now.Add(time.Hour)
	answer := o.ocsp(signer, o.ca, delegate, later, nil)
	listed := o.crl(o.ca, later, func(l *x509.RevocationList) {
		revoke(delegate, o.now)(l)
		revoke(signer, o.now.Add(-time.Hour))(l)
	})
	if r := o.judge(signer, o.now, trust.Evidence{OCSPs: [][]byte{answer}, CRLs: [][]byte{listed}}).Revocation(); r.Status != trust.Revoked || r.From != "crl" {
		t.Errorf("%+v", r)
	}
}

func TestRespondersThatVouchForOneAnotherProveNothing(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	a, b := o.issue(o.responder(), &o.ca), o.issue(o.responder(), &o.ca)
	later := o.now.Add(time.Hour)
	answers := [][]byte{o.ocsp(signer, o.ca, a, later, nil), o.ocsp(a, o.ca, b, later, nil), o.ocsp(b, o.ca, a, later, nil)}
	if r := o.judge(signer, o.now, trust.Evidence{OCSPs: answers}).Revocation(); r.Status != trust.Unknown {
		t.Errorf("%+v", r)
	}
}
