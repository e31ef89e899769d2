package trust_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"chancery/pades/trust"
)

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
		"no time":                       {signer, o.roots(), time.Time{}, trust.NoTime, 1},
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

func TestWorkIsBoundedWhateverTheEvidence(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	stale := o.crl(o.ca, o.now.AddDate(0, -1, 0), nil)
	var evidence trust.Evidence
	for range 5000 {
		evidence.CRLs = append(evidence.CRLs, bytes.Clone(stale))
	}
	evidence.CRLs = append(evidence.CRLs, o.crl(o.ca, o.now, nil))
	began, bench := time.Now(), trust.NewBench()
	for range 100 {
		r := bench.Judge(signer.Certificate, []*x509.Certificate{o.ca.Certificate}, o.roots(), evidence, o.now).Path[0].Revocation
		if r.Status != trust.Unknown || len(r.Detail) > 2000 {
			t.Fatalf("%s with %d bytes of detail", r.Status, len(r.Detail))
		}
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("it took %s", d)
	}
}

func TestABenchReadsAListOnce(t *testing.T) {
	o := newOffice(t)
	crl := o.crl(o.ca, o.now, func(l *x509.RevocationList) {
		for i := range int64(80_000) {
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(i + 1), RevocationTime: o.now})
		}
	})
	evidence := trust.Evidence{CRLs: [][]byte{crl, o.crl(o.root, o.now, nil)}}
	bench := trust.NewBench()
	// Read every time, the lists would be worth more work than there is.
	for n := 0; n < 300<<20; n += len(crl) {
		signer := o.issue(o.person("Signer"), &o.ca)
		if j := bench.Judge(signer.Certificate, []*x509.Certificate{o.ca.Certificate}, o.roots(), evidence, o.now); !j.Good() {
			t.Fatalf("%+v", j.Revocation())
		}
	}
}
