package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"chancery/pades/trust"
)

func TestACRLIsHeldAgainstTheTimeToProve(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	stranger := o.issue(o.authority("Issuing CA"), &o.root) // the same name, another key
	critical := func(id asn1.ObjectIdentifier, value []byte) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: id, Critical: true, Value: value})
		}
	}
	point := asn1.ObjectIdentifier{2, 5, 29, 28}
	at, later := o.now, o.now.Add(time.Hour)
	for name, tt := range map[string]struct {
		crl    []byte
		status trust.Status
		reason string
	}{
		"newer than the time":              {o.crl(o.ca, later, nil), trust.Good, ""},
		"of the same second":               {o.crl(o.ca, at, nil), trust.Good, ""},
		"older and still in force":         {o.crl(o.ca, at.AddDate(0, 0, -2), nil), trust.Good, ""},
		"older and replaced by then":       {o.crl(o.ca, at.AddDate(0, 0, -8), nil), trust.Unknown, trust.StaleEvidence},
		"revoked before the time":          {o.crl(o.ca, later, revoke(signer, at.Add(-time.Hour))), trust.Revoked, "keyCompromise"},
		"revoked in that second":           {o.crl(o.ca, later, revoke(signer, at)), trust.Revoked, "keyCompromise"},
		"revoked after the time":           {o.crl(o.ca, later, revoke(signer, at.Add(time.Minute))), trust.Good, trust.RevokedLater},
		"revoked before, and out of force": {o.crl(o.ca, at.AddDate(0, 0, -8), revoke(signer, at.AddDate(0, 0, -9))), trust.Revoked, "keyCompromise"},
		"by another key of the same name":  {o.crl(stranger, later, nil), trust.Unknown, trust.BadEvidence},
		"by another issuer":                {o.crl(o.root, later, nil), trust.Unknown, trust.NoEvidence},
		"after the certificate's own end":  {o.crl(o.ca, o.now.AddDate(2, 0, 0), nil), trust.Unknown, trust.StaleEvidence},
		"a delta":                          {o.crl(o.ca, later, critical(asn1.ObjectIdentifier{2, 5, 29, 27}, []byte{2, 1, 1})), trust.Unknown, trust.BadEvidence},
		"with a critical extension":        {o.crl(o.ca, later, critical(asn1.ObjectIdentifier{1, 2, 3}, asn1.NullBytes)), trust.Unknown, trust.BadEvidence},
		"with a critical entry": {o.crl(o.ca, later, func(l *x509.RevocationList) {
			revoke(signer, at.Add(-time.Hour))(l)
			l.RevokedCertificateEntries[0].ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: asn1.NullBytes}}
		}), trust.Unknown, trust.BadEvidence},
		"about users only":                  {o.crl(o.ca, later, critical(point, []byte{0x30, 3, 0x81, 1, 0xFF})), trust.Good, ""},
		"about authorities only":            {o.crl(o.ca, later, critical(point, []byte{0x30, 3, 0x82, 1, 0xFF})), trust.Unknown, trust.BadEvidence},
		"about attribute certificates only": {o.crl(o.ca, later, critical(point, []byte{0x30, 3, 0x85, 1, 0xFF})), trust.Unknown, trust.BadEvidence},
		"indirect":                          {o.crl(o.ca, later, critical(point, []byte{0x30, 3, 0x84, 1, 0xFF})), trust.Unknown, trust.BadEvidence},
		"of some reasons only":              {o.crl(o.ca, later, critical(point, []byte{0x30, 4, 0x83, 2, 6, 0x40})), trust.Unknown, trust.BadEvidence},
		"the part for another point":        {o.crl(o.ca, later, critical(point, []byte{0x30, 9, 0xA0, 7, 0xA0, 5, 0x86, 3, 'u', ':', 'x'})), trust.Unknown, trust.BadEvidence},
		"with a scope that cannot be read":  {o.crl(o.ca, later, critical(point, []byte{0x30, 1})), trust.Unknown, trust.BadEvidence},
		"cut off":                           {o.crl(o.ca, later, nil)[:200], trust.Unknown, trust.NoEvidence},
		"changed after it was signed":       {spoilt(o.crl(o.ca, later, nil)), trust.Unknown, trust.BadEvidence},
	} {
		j := o.judge(signer, at, trust.Evidence{CRLs: [][]byte{tt.crl}})
		r := j.Path[0].Revocation
		if !j.Trusted || r.Status != tt.status || r.Reason != tt.reason {
			t.Errorf("%s: %s (%s), %s", name, r.Status, r.Reason, r.Detail)
		}
		if j.Good() != (tt.status == trust.Good) {
			t.Errorf("%s: good is %v", name, j.Good())
		}
	}
}

// spoilt changes the last byte, which is one of the signature.
func spoilt(der []byte) []byte {
	der[len(der)-1] ^= 1
	return der
}

func TestACRLThatRemembersExpiredCertificatesSpeaksOfThem(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	since, err := asn1.MarshalWithParams(o.now.AddDate(-2, 0, 0), "generalized")
	o.must(err)
	crl := o.crl(o.ca, signer.NotAfter.AddDate(1, 0, 0), func(l *x509.RevocationList) {
		l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: since}}
	})
	if j := o.judge(signer, o.now, trust.Evidence{CRLs: [][]byte{crl}}); !j.Good() {
		t.Errorf("%+v", j.Revocation())
	}
}
