package trust_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pades/trust"
	"chancery/problem"
)

func TestWhatIsGatheredIsEnoughToJudgeWithoutANetwork(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(marked(o.person("Signer"), false, validityAssured, noRevAvail), &o.ca)
	tsa := o.issue(o.person("TSA"), &o.ca)
	responder := o.issue(o.responder(), &o.ca) // without no-check: it can be revoked, too
	later := o.now.Add(time.Second)
	source := desk{
		"TSA":            {ocsp: o.ocsp(tsa, o.ca, responder, later, nil)},
		"OCSP responder": {crl: o.crl(o.ca, later, nil)},
		"Issuing CA":     {crl: o.crl(o.root, later, nil)},
	}
	evidence, err := trust.Gather(context.Background(), [][]*x509.Certificate{o.chain(signer), o.chain(tsa)}, source)
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence.Certificates) != 5 || len(evidence.CRLs) != 2 || len(evidence.OCSPs) != 1 {
		t.Errorf("%d certificates, %d CRLs, %d OCSP responses", len(evidence.Certificates), len(evidence.CRLs), len(evidence.OCSPs))
	}
	for _, c := range []identity{signer, tsa, responder} {
		if j := trust.Judge(c.Certificate, nil, o.roots(), evidence, o.now); !j.Good() || len(j.Path) != 3 {
			t.Errorf("%s: %+v", c.Subject.CommonName, j)
		}
	}
}

func TestEvidenceThatCannotBeHadIsWorthAnotherTry(t *testing.T) {
	o := newOffice(t)
	signer, other := o.issue(o.person("Signer"), &o.ca), o.issue(o.person("Other"), &o.ca)
	responder := o.issue(marked(o.person("No responder"), false, noRevAvail), &o.ca)
	ca := struct{ crl, ocsp []byte }{crl: o.crl(o.root, o.now, nil)}
	for name, source := range map[string]desk{
		"nobody answers":               {},
		"an empty answer":              {"Signer": {}, "Issuing CA": ca},
		"a CRL of somebody else":       {"Signer": {crl: o.crl(o.root, o.now, nil)}, "Issuing CA": ca},
		"an answer about somebody":     {"Signer": {ocsp: o.ocsp(other, o.ca, o.ca, o.now, nil)}, "Issuing CA": ca},
		"an answer by who may not":     {"Signer": {ocsp: o.ocsp(signer, o.ca, responder, o.now, nil)}, "Issuing CA": ca},
		"an answer that knows nothing": {"Signer": {ocsp: o.ocsp(signer, o.ca, o.ca, o.now, func(r *ocsp.Response) { r.Status = ocsp.Unknown })}, "Issuing CA": ca},
		"no bytes of a CRL":            {"Signer": {crl: []byte("CRL")}, "Issuing CA": ca},
	} {
		_, err := trust.Gather(context.Background(), [][]*x509.Certificate{o.chain(signer)}, source)
		if !problem.Has(err, "revocation_unavailable") {
			t.Errorf("%s: %v", name, err)
		}
		if name == "nobody answers" && !errors.Is(err, errAway) {
			t.Errorf("the cause is lost in %v", err)
		}
	}
}

func TestAChainWithoutItsRootIsNotGathered(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	if _, err := trust.Gather(context.Background(), [][]*x509.Certificate{o.chain(signer)[:2]}, desk{}); err == nil {
		t.Error("the CA's own revocation was left out silently")
	}
}

func TestAPathIsFoundAmongAllTheCertificatesOfAToken(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	path, err := trust.Path(signer.Certificate, []*x509.Certificate{signer.Certificate, o.ca.Certificate}, o.roots(), o.now)
	if err != nil || len(path) != 3 || !path[2].Equal(o.root.Certificate) {
		t.Fatalf("%d certificates, %v", len(path), err)
	}
	if _, err := trust.Path(signer.Certificate, nil, o.roots(), o.now); err == nil {
		t.Error("a path without its middle")
	}
}
