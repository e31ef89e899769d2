package papers_test

import (
	"crypto/rand"
	"encoding/asn1"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/trust"
	"chancery/pades/tsp"
	"chancery/pki"
	"chancery/problem"
)

// vouch lets a production house be stamped by somebody else's authority, which
// answers over HTTP about its certificates, too.
func (r *road) vouch() *httptest.Server {
	r.t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	r.t.Cleanup(server.Close)
	other, err := pki.Create(rand.Reader, r.now, pki.Options{Organisation: "Time Ltd", URL: server.URL})
	if err != nil {
		r.t.Fatal(err)
	}
	h := other.TSA()
	stamps, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: asn1.ObjectIdentifier{2, 25, 7}, Now: time.Now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	mux.Handle("/tsa", stamps)
	mux.Handle("/pki/", pki.Handler(slog.New(slog.DiscardHandler), other))
	client, err := tsp.NewClient(tsp.ClientOptions{
		Servers: []tsp.Server{{URL: server.URL + "/tsa"}}, HTTP: server.Client(), Roots: other.Roots(), Now: time.Now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	web, err := trust.NewWeb(server.Client(), time.Now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Production.Timestamper, r.Production.Vouched, r.Production.Web = client, other.Roots(), web
	return server
}

func TestTimestampsOfOthersComeWithTheirEvidence(t *testing.T) {
	r := newRoad(t, pades.LevelLTA, false)
	r.vouch()
	for _, step := range []func() error{r.certify, r.sign, r.seal} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	roots := append(r.Production.Authority.Roots(), r.Production.Vouched...)
	report := r.verdict(roots)
	if report.Verdict != pades.Unchanged || report.Level != pades.LevelLTA {
		t.Errorf("the verdict is %s at level %s", report.Verdict, report.Level)
	}
	for _, s := range report.Signatures {
		if s.ProvenBy != "Time Ltd Time-stamping" && s.Role != pades.Stamping {
			t.Errorf("%s is proven by %q", s.Role, s.ProvenBy)
		}
	}
}

func TestWithoutTheEvidenceOfOthersADocumentWaits(t *testing.T) {
	r := newRoad(t, pades.LevelLTA, false)
	server := r.vouch()
	for _, step := range []func() error{r.certify, r.sign} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	r.Production.Timestamper = r.Sandbox.Timestamper // our own, so that only the evidence is away
	server.Close()
	if err := r.seal(); !problem.Has(err, "revocation_unavailable") {
		t.Errorf("the answer is %v", err)
	}
}
