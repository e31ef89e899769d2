package pki_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pki"
)

func TestEveryCertificateOfTheOrganisationHasFreshEvidence(t *testing.T) {
	a := authority(t, pki.Options{Organisation: "Example Ltd"})
	before := time.Now().Truncate(time.Second)
	for name, h := range map[string]pki.Holder{"certifier": a.Certifier(), "sealer": a.Sealer(), "tsa": a.TSA()} {
		r := response(t, a, h)
		if r.Status != ocsp.Good || r.ProducedAt.Before(before) || r.SerialNumber.Cmp(h.Certificate.SerialNumber) != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	issuing, root := a.Sealer().Chain[0], a.Roots()[0]
	first, second := list(t, a, issuing, root), list(t, a, issuing, root)
	if second.Number.Cmp(first.Number) <= 0 || first.ThisUpdate.Before(before) || len(first.RevokedCertificateEntries) > 0 {
		t.Errorf("%v is followed by %v", first, second)
	}
}

func response(t *testing.T, a *pki.Authority, h pki.Holder) *ocsp.Response {
	t.Helper()
	crl, der, err := a.Revocation(context.Background(), h.Certificate, h.Chain[0])
	if err != nil || crl != nil {
		t.Fatalf("a CRL of %d bytes: %v", len(crl), err)
	}
	r, err := ocsp.ParseResponseForCert(der, h.Certificate, h.Chain[0])
	if err != nil {
		t.Fatal(err)
	}
	if r.Certificate == nil || len(r.Certificate.ExtKeyUsage) != 1 || r.Certificate.ExtKeyUsage[0] != x509.ExtKeyUsageOCSPSigning {
		t.Fatalf("the responder is %+v", r.Certificate)
	}
	return r
}

func list(t *testing.T, a *pki.Authority, c, issuer *x509.Certificate) *x509.RevocationList {
	t.Helper()
	der, response, err := a.Revocation(context.Background(), c, issuer)
	if err != nil || response != nil {
		t.Fatalf("an OCSP response of %d bytes: %v", len(response), err)
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		t.Fatal(err)
	}
	return crl
}

func TestNothingIsKnownOfOthersCertificates(t *testing.T) {
	ours, theirs := authority(t, pki.Options{Sandbox: true}), authority(t, pki.Options{Sandbox: true})
	h := theirs.Sealer()
	crl, response, err := ours.Revocation(context.Background(), h.Certificate, h.Chain[0])
	if err != nil || crl != nil || response != nil {
		t.Errorf("%d and %d bytes, %v", len(crl), len(response), err)
	}
	if ours.Revoke(context.Background(), h.Certificate, pki.KeyCompromise, noon) == nil {
		t.Error("it revokes them")
	}
}

func TestARevokedSealIsToldAndHasASuccessor(t *testing.T) {
	ctx := context.Background()
	a := authority(t, pki.Options{Organisation: "Example Ltd"})
	old := a.Sealer()
	if err := a.Revoke(ctx, old.Certificate, pki.KeyCompromise, noon); err != nil {
		t.Fatal(err)
	}
	r := response(t, a, old)
	if r.Status != ocsp.Revoked || !r.RevokedAt.Equal(noon) || r.RevocationReason != ocsp.KeyCompromise {
		t.Errorf("%+v", r)
	}
	der, err := a.CRL(ctx, old.Chain[0])
	if err != nil {
		t.Fatal(err)
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil || len(crl.RevokedCertificateEntries) != 1 || crl.RevokedCertificateEntries[0].ReasonCode != ocsp.KeyCompromise {
		t.Errorf("%+v: %v", crl, err)
	}
	if made, err := a.Renew(ctx, noon); !made || err != nil {
		t.Fatalf("no successor: %v", err)
	}
	if made, err := a.Renew(ctx, noon); made || err != nil {
		t.Fatalf("another successor: %v", err)
	}
	next := a.Sealer()
	if next.Certificate.Equal(old.Certificate) || leadsTo(next, a.Roots()) != nil || response(t, a, next).Status != ocsp.Good {
		t.Error("the successor is not good")
	}
}

func TestARevokedIssuingCATakesAllBelowWithIt(t *testing.T) {
	ctx := context.Background()
	a := authority(t, pki.Options{Organisation: "Example Ltd"})
	old := a.Sealer()
	if err := a.Revoke(ctx, old.Chain[0], pki.CACompromise, noon); err != nil {
		t.Fatal(err)
	}
	if crl := list(t, a, old.Chain[0], a.Roots()[0]); len(crl.RevokedCertificateEntries) != 1 {
		t.Errorf("%+v", crl)
	}
	if _, err := a.Renew(ctx, noon); err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]pki.Holder{"certifier": a.Certifier(), "sealer": a.Sealer(), "tsa": a.TSA()} {
		if h.Chain[0].Equal(old.Chain[0]) || leadsTo(h, a.Roots()) != nil {
			t.Errorf("%s still hangs under the revoked CA", name)
		}
	}
	if made, err := a.Renew(ctx, noon); made || err != nil {
		t.Errorf("there is always another to make: %v", err)
	}
}

func TestAnAuthorityLivesOnForTwentyYears(t *testing.T) {
	ctx := context.Background()
	now := noon
	a := authority(t, pki.Options{Organisation: "Example Ltd", Now: func() time.Time { return now }})
	for ; now.Before(noon.AddDate(19, 0, 0)); now = now.AddDate(0, 0, 29) {
		if _, err := a.Renew(ctx, now); err != nil {
			t.Fatal(err)
		}
		for name, h := range map[string]pki.Holder{"certifier": a.Certifier(), "sealer": a.Sealer(), "tsa": a.TSA()} {
			if left := h.Certificate.NotAfter.Sub(now); left < 60*24*time.Hour {
				t.Fatalf("%s: the %s has only %s left", now, name, left)
			}
			if response(t, a, h).Status != ocsp.Good {
				t.Fatalf("%s: the %s is not good", now, name)
			}
		}
	}
	stored, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	certificates, keys := bytes.Count(stored, []byte("BEGIN CERTIFICATE")), bytes.Count(stored, []byte("BEGIN PRIVATE KEY"))
	if keys > 15 || certificates < 40 {
		t.Errorf("%d keys of %d certificates are left", keys, certificates)
	}
	if _, err := pki.Parse(stored, pki.Options{Organisation: "Example Ltd"}); err != nil {
		t.Error(err)
	}
	if len(stored) > 64<<10 {
		t.Errorf("nineteen years have left %d bytes", len(stored))
	}
}

func TestTheNumbersOfCRLsGrowOverRestarts(t *testing.T) {
	register := pki.NewRegister()
	var last *big.Int
	for range 5 {
		n, err := register.NextCRL(context.Background(), "ca", noon)
		if err != nil || last != nil && n.Cmp(last) <= 0 {
			t.Fatalf("%v after %v: %v", n, last, err)
		}
		last = n
	}
}
