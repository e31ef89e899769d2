package trust_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

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
		"newer than the time":               {o.crl(o.ca, later, nil), trust.Good, ""},
		"of the same second":                {o.crl(o.ca, at, nil), trust.Good, ""},
		"older and still in force":          {o.crl(o.ca, at.AddDate(0, 0, -2), nil), trust.Good, ""},
		"older and replaced by then":        {o.crl(o.ca, at.AddDate(0, 0, -8), nil), trust.Unknown, trust.StaleEvidence},
		"revoked before the time":           {o.crl(o.ca, later, revoke(signer, at.Add(-time.Hour))), trust.Revoked, "keyCompromise"},
		"revoked in that second":            {o.crl(o.ca, later, revoke(signer, at)), trust.Revoked, "keyCompromise"},
		"revoked after the time":            {o.crl(o.ca, later, revoke(signer, at.Add(time.Minute))), trust.Good, trust.RevokedLater},
		"revoked before, and out of force":  {o.crl(o.ca, at.AddDate(0, 0, -8), revoke(signer, at.AddDate(0, 0, -9))), trust.Revoked, "keyCompromise"},
		"by another key of the same name":   {o.crl(stranger, later, nil), trust.Unknown, trust.BadEvidence},
		"by another issuer":                 {o.crl(o.root, later, nil), trust.Unknown, trust.NoEvidence},
		"after the certificate's own end":   {o.crl(o.ca, o.now.AddDate(2, 0, 0), nil), trust.Unknown, trust.StaleEvidence},
		"a delta":                           {o.crl(o.ca, later, critical(asn1.ObjectIdentifier{2, 5, 29, 27}, []byte{2, 1, 1})), trust.Unknown, trust.BadEvidence},
		"with a critical extension":         {o.crl(o.ca, later, critical(asn1.ObjectIdentifier{1, 2, 3}, asn1.NullBytes)), trust.Unknown, trust.BadEvidence},
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

func TestTheNewestEvidenceDecides(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	before := o.ocsp(signer, o.ca, o.ca, o.now.Add(-time.Hour), nil)
	after := o.crl(o.ca, o.now.Add(time.Hour), revoke(signer, o.now.Add(-time.Minute)))
	r := o.judge(signer, o.now, trust.Evidence{OCSPs: [][]byte{before}, CRLs: [][]byte{after}}).Revocation()
	if r.Status != trust.Revoked || r.From != "crl" {
		t.Errorf("%+v", r)
	}
}

func TestACertificateThatCannotBeRevokedNeedsNoEvidence(t *testing.T) {
	o := newOffice(t)
	for reason, id := range map[string]asn1.ObjectIdentifier{trust.NoRevAvail: noRevAvail, trust.ValidityAssured: validityAssured} {
		for _, critical := range []bool{false, true} {
			signer := o.issue(marked(o.person("Signer"), critical, id), &o.ca)
			j := o.judge(signer, o.now, trust.Evidence{})
			if r := j.Path[0].Revocation; !j.Good() || r.Status != trust.NotNeeded || r.Reason != reason {
				t.Errorf("%s, critical %v: %+v", reason, critical, j)
			}
		}
	}
	// An authority that says so is not believed: RFC 9608, 3.
	ca := o.issue(marked(o.authority("Sub CA"), false, noRevAvail), &o.ca)
	signer := o.issue(marked(o.person("Signer"), false, noRevAvail), &ca)
	j := trust.Judge(signer.Certificate, []*x509.Certificate{o.ca.Certificate, ca.Certificate}, o.roots(), trust.Evidence{}, o.now)
	if !j.Trusted || j.Good() || j.Path[1].Revocation.Status != trust.Unknown {
		t.Errorf("%+v", j)
	}
}

func TestAPathThatDoesNotHoldSaysWhy(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	elsewhere := newOffice(t)
	strange := o.issue(marked(o.person("Strange"), true, asn1.ObjectIdentifier{1, 2, 3, 4}), &o.ca)
	below := o.issue(o.person("Below a person"), &signer)
	narrow := o.authority("Narrow CA")
	narrow.PermittedDNSDomainsCritical, narrow.PermittedEmailAddresses = true, []string{"example.com"}
	limited := o.issue(narrow, &o.ca)
	outside := o.person("Outside")
	outside.EmailAddresses = []string{"eve@example.org"}
	eve := o.issue(outside, &limited)
	noStamps := o.authority("Mail CA")
	noStamps.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	mail := o.issue(noStamps, &o.ca)
	stamps := o.person("TSA")
	stamps.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	tsa := o.issue(stamps, &mail)
	for name, tt := range map[string]struct {
		who    identity
		roots  []*x509.Certificate
		at     time.Time
		reason string
		length int
	}{
		"trusted":                       {signer, o.roots(), o.now, "", 3},
		"before its time":               {signer, o.roots(), o.now.AddDate(-2, 0, 0), trust.NotYetValid, 3},
		"after its time":                {signer, o.roots(), o.now.AddDate(2, 0, 0), trust.Expired, 3},
		"an unknown root":               {signer, elsewhere.roots(), o.now, trust.NoPath, 3},
		"no root":                       {signer, nil, o.now, trust.NoPath, 3},
		"no time":                       {signer, o.roots(), time.Time{}, trust.NoTime, 0},
		"an unknown critical extension": {strange, o.roots(), o.now, trust.Constraint, 3},
		"issued by no authority":        {below, o.roots(), o.now, trust.NoPath, 1},
		"a name outside the constraint": {eve, o.roots(), o.now, trust.Constraint, 4},
		"a purpose the CA has not":      {tsa, o.roots(), o.now, trust.Constraint, 4},
	} {
		between := []*x509.Certificate{o.ca.Certificate, o.root.Certificate, limited.Certificate, mail.Certificate, signer.Certificate}
		j := trust.Judge(tt.who.Certificate, between, tt.roots, trust.Evidence{}, tt.at)
		if j.Trusted != (tt.reason == "") || j.Reason != tt.reason || len(j.Path) != tt.length || (j.Detail == "") != j.Trusted {
			t.Errorf("%s: %q over %d certificates (%s)", name, j.Reason, len(j.Path), j.Detail)
		}
	}
}

func TestACrossSignedAuthorityIsFollowedOnEitherPath(t *testing.T) {
	o := newOffice(t)
	old := o.issue(o.authority("Old root"), nil)
	crossed := o.authority("Issuing CA")
	cross := o.certify(crossed, o.ca.key.Public(), &old, nil)
	signer := o.issue(marked(o.person("Signer"), false, noRevAvail), &o.ca)
	evidence := trust.Evidence{
		Certificates: [][]byte{cross.Raw, o.ca.Raw},
		CRLs:         [][]byte{o.crl(old, o.now.Add(time.Minute), nil)}, // nothing of the new root
	}
	for name, roots := range map[string][]*x509.Certificate{
		"the old root alone": {old.Certificate},
		"both":               {o.root.Certificate, old.Certificate},
	} {
		j := trust.Judge(signer.Certificate, nil, roots, evidence, o.now)
		if !j.Good() || j.Path[2].Certificate.Subject.CommonName != "Old root" {
			t.Errorf("%s: %+v", name, j.Revocation())
		}
	}
	if j := trust.Judge(signer.Certificate, nil, o.roots(), evidence, o.now); !j.Trusted || j.Good() {
		t.Errorf("the new root alone: %+v", j.Revocation())
	}
}

func TestAJudgementIsBoundedWhateverTheEvidence(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	crl := o.crl(o.ca, o.now.AddDate(0, -1, 0), nil) // stale, so that the next one is looked at
	var evidence trust.Evidence
	for range 5000 {
		evidence.CRLs = append(evidence.CRLs, crl)
	}
	began := time.Now()
	r := o.judge(signer, o.now, evidence).Path[0].Revocation
	if r.Status != trust.Unknown || len(r.Detail) > 2000 {
		t.Errorf("%s with %d bytes of detail", r.Status, len(r.Detail))
	}
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it took %s", d)
	}
}
