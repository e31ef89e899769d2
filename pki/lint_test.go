package pki_test

import (
	"context"
	stdx509 "crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
	"golang.org/x/crypto/ocsp"

	"chancery/pki"
)

// rules are those that speak of all certificates. The others are for purposes
// that ours do not have: the CA/Browser Forum's for TLS servers (BR, EV), program
// code and S/MIME under its policies, and those of the browsers' root programmes.
var rules = lint.FilterOptions{IncludeSources: lint.SourceList{
	lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891, lint.RFC6962, lint.RFC6960, lint.RFC8813, lint.EtsiEsi, lint.Community,
}}

func TestZlintFindsNoErrorInWhatWeSign(t *testing.T) {
	registry, err := lint.GlobalRegistry().Filter(rules)
	if err != nil {
		t.Fatal(err)
	}
	results := 0
	count := func(name string, set *zlint.ResultSet) {
		for rule, result := range set.Results {
			if result.Status != lint.NA && result.Status != lint.NE {
				results++
			}
			if result.Status >= lint.Warn {
				t.Errorf("%s: %s %s %s", name, rule, result.Status, result.Details)
			}
		}
	}
	for name, of := range authorities(t) {
		for _, der := range of.certificates {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			count(name+", "+c.Subject.CommonName, zlint.LintCertificateEx(c, registry))
		}
		for _, der := range of.lists {
			crl, err := x509.ParseRevocationList(der)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			count(name+", a list", zlint.LintRevocationListEx(crl, registry))
		}
		for _, der := range of.responses {
			response, err := ocsp.ParseResponse(der, nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			count(name+", a response", zlint.LintOcspResponseEx(response, registry))
		}
	}
	if results < 1_500 {
		t.Errorf("only %d results: the rules are not those that were meant", results)
	}
}

// issued is what an authority has signed, in DER.
type issued struct{ certificates, lists, responses [][]byte }

// authorities are one of each kind: with and without addresses and country, for
// the sandbox, with RSA keys, and with a revoked seal and issuing CA.
func authorities(t *testing.T) map[string]issued {
	t.Helper()
	found := map[string]issued{}
	long := strings.Repeat("Gesellschaft für Unterschriften ", 5)
	for name, o := range map[string]pki.Options{
		"bare":    {Organisation: "Example Ltd"},
		"whole":   {Organisation: "Müller & Söhne GmbH", OrganisationID: "NTRDE-HRB123456", Country: "DE", URL: "http://sign.example.com"},
		"sandbox": {Sandbox: true, URL: "http://127.0.0.1:8080/"},
		"RSA":     {Organisation: long, Country: "DE", URL: "http://sign.example.com", Algorithm: pki.RSA2048},
	} {
		a := authority(t, o)
		everything := signedBy(t, a)
		for _, p := range people {
			h, err := a.IssueSigner(t.Context(), p, noon)
			if err != nil {
				t.Fatal(err)
			}
			everything.certificates = append(everything.certificates, h.Certificate.Raw)
		}
		for _, c := range []*stdx509.Certificate{a.Sealer().Certificate, a.Sealer().Chain[0]} {
			if err := a.Revoke(t.Context(), c, pki.KeyCompromise, noon); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.Renew(t.Context(), noon); err != nil {
			t.Fatal(err)
		}
		after := signedBy(t, a)
		everything.lists = append(everything.lists, after.lists...)
		everything.responses = append(everything.responses, after.responses...)
		found[name] = everything
	}
	return found
}

func signedBy(t *testing.T, a *pki.Authority) (found issued) {
	t.Helper()
	ctx := context.Background()
	state, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for block, rest := pem.Decode(state); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			found.certificates = append(found.certificates, block.Bytes)
		}
	}
	for _, h := range []pki.Holder{a.Sealer(), a.TSA()} {
		for _, c := range h.Chain {
			crl, err := a.CRL(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			found.lists = append(found.lists, crl)
		}
		_, response, err := a.Revocation(ctx, h.Certificate, h.Chain[0])
		if err != nil {
			t.Fatal(err)
		}
		found.responses = append(found.responses, response)
	}
	return found
}
