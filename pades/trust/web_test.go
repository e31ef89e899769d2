package trust_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pades/trust"
)

// town is a web server where an authority publishes.
type town struct {
	*httptest.Server
	answers map[string]func(r *http.Request) []byte
	asked   map[string]int
}

func newTown(t *testing.T) *town {
	t.Helper()
	s := &town{answers: map[string]func(*http.Request) []byte{}, asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked[r.URL.Path]++
		answer, ok := s.answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(answer(r)) // the client may have had enough
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *town) publish(path string, data []byte) {
	s.answers[path] = func(*http.Request) []byte { return data }
}

func (s *town) web(t *testing.T, o *office) *trust.Web {
	t.Helper()
	w, err := trust.NewWeb(s.Client(), func() time.Time { return o.now })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// reachable is a person whose certificate names the places of a town.
func (o *office) reachable(s *town) identity {
	template := o.person("Reachable")
	template.OCSPServer = []string{"ldap://x/ocsp", s.URL + "/dead", s.URL + "/ocsp"}
	template.CRLDistributionPoints = []string{"ldap://x/crl", s.URL + "/crl"}
	template.IssuingCertificateURL = []string{s.URL + "/issuer"}
	return o.issue(template, &o.ca)
}

func TestRevocationDataComesFromWhereTheCertificateSays(t *testing.T) {
	o, s := newOffice(t), newTown(t)
	who := o.reachable(s)
	s.answers["/ocsp"] = func(r *http.Request) []byte {
		body, _ := io.ReadAll(r.Body)
		q, err := ocsp.ParseRequest(body)
		if err != nil || q.SerialNumber.Cmp(who.SerialNumber) != 0 || r.Header.Get("Content-Type") != "application/ocsp-request" {
			return nil
		}
		return o.ocsp(who, o.ca, o.ca, o.now, nil)
	}
	w := s.web(t, o)
	for range 3 {
		crl, response, err := w.Revocation(context.Background(), who.Certificate, o.ca.Certificate)
		if err != nil || crl != nil {
			t.Fatalf("%d bytes of CRL, %v", len(crl), err)
		}
		if j := o.judge(who, o.now, trust.Evidence{OCSPs: [][]byte{response}}); !j.Good() {
			t.Errorf("%+v", j.Revocation())
		}
	}
	if s.asked["/ocsp"] != 3 {
		t.Errorf("asked %d times: an older answer proves less", s.asked["/ocsp"])
	}
}

func TestAListIsKeptForAWhile(t *testing.T) {
	o, s := newOffice(t), newTown(t)
	who := o.reachable(s)
	s.publish("/crl", o.crl(o.ca, o.now, nil))
	w := s.web(t, o)
	for _, tt := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {time.Minute, 1}, {11 * time.Minute, 2}, {time.Minute, 2}} {
		o.now = o.now.Add(tt.after)
		if _, _, err := w.Revocation(context.Background(), who.Certificate, o.ca.Certificate); err != nil || s.asked["/crl"] != tt.asked {
			t.Errorf("fetched %d times instead of %d, %v", s.asked["/crl"], tt.asked, err)
		}
	}
}

func TestWithoutAnAnswerTheListIsTaken(t *testing.T) {
	o, s := newOffice(t), newTown(t)
	who, other := o.reachable(s), o.issue(o.person("Other"), &o.ca)
	crl := o.crl(o.ca, o.now, nil)
	armoured := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: crl})
	for name, answer := range map[string][]byte{
		"nothing":                nil,
		"an error":               ocsp.TryLaterErrorResponse,
		"another certificate":    o.ocsp(other, o.ca, o.ca, o.now, nil),
		"an unknown certificate": o.ocsp(who, o.ca, o.ca, o.now, func(r *ocsp.Response) { r.Status = ocsp.Unknown }),
		"an old answer":          o.ocsp(who, o.ca, o.ca, o.now.AddDate(0, 0, -3), nil),
		"an answer of tomorrow":  o.ocsp(who, o.ca, o.ca, o.now.AddDate(0, 0, 1), nil),
		"too much":               make([]byte, 1<<20),
	} {
		for _, list := range [][]byte{crl, armoured} {
			s.publish("/ocsp", answer)
			s.publish("/crl", list)
			got, response, err := s.web(t, o).Revocation(context.Background(), who.Certificate, o.ca.Certificate)
			if err != nil || response != nil || string(got) != string(crl) {
				t.Errorf("%s: %d bytes of CRL, %v", name, len(got), err)
			}
		}
	}
}

func TestAListThatDoesNotHoldIsNoAnswer(t *testing.T) {
	o, s := newOffice(t), newTown(t)
	who := o.reachable(s)
	for name, list := range map[string][]byte{
		"of another issuer": o.crl(o.root, o.now, nil),
		"of last month":     o.crl(o.ca, o.now.AddDate(0, -1, 0), nil),
		"of next month":     o.crl(o.ca, o.now.AddDate(0, 1, 0), nil),
		"no list":           []byte("<html>"),
		"endless":           make([]byte, 17<<20),
	} {
		s.publish("/crl", list)
		if _, _, err := s.web(t, o).Revocation(context.Background(), who.Certificate, o.ca.Certificate); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	nowhere := o.issue(o.person("Nowhere"), &o.ca)
	if _, _, err := s.web(t, o).Revocation(context.Background(), nowhere.Certificate, o.ca.Certificate); err == nil || !strings.Contains(err.Error(), "names no place") {
		t.Errorf("%v", err)
	}
}

func TestMissingIssuersAreFetched(t *testing.T) {
	o, s := newOffice(t), newTown(t)
	below := o.authority("Sub CA")
	below.IssuingCertificateURL = []string{s.URL + "/root"}
	sub := o.issue(below, &o.root)
	template := o.person("Signer")
	template.IssuingCertificateURL = []string{s.URL + "/gone", s.URL + "/sub"}
	signer := o.issue(template, &sub)
	s.publish("/root", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.root.Raw}))
	for name, published := range map[string][]byte{"DER": sub.Raw, "PKCS #7": p7c(t, sub.Certificate, o.ca.Certificate)} {
		s.publish("/sub", published)
		chain, err := s.web(t, o).Complete(context.Background(), []*x509.Certificate{signer.Certificate})
		if err != nil || len(chain) != 3 || !chain[2].Equal(o.root.Certificate) {
			t.Errorf("%s: %d certificates, %v", name, len(chain), err)
		}
	}
	s.publish("/sub", o.ca.Raw)
	if chain, err := s.web(t, o).Complete(context.Background(), []*x509.Certificate{signer.Certificate}); err == nil || len(chain) != 1 {
		t.Errorf("somebody else's certificate was taken for the issuer's: %v", err)
	}
}

// p7c is what openssl makes of certificates to be published.
func p7c(t *testing.T, certificates ...*x509.Certificate) []byte {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	var all []byte
	for _, c := range certificates {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	file := filepath.Join(t.TempDir(), "certificates")
	if err := os.WriteFile(file, all, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(openssl, "crl2pkcs7", "-nocrl", "-certfile", file, "-outform", "DER").Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}
