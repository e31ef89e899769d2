package pki_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pki"
)

// office is an authority whose addresses are answered.
type office struct {
	*pki.Authority
	url string
}

func newOffice(t *testing.T) office {
	t.Helper()
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	a, err := pki.Create(rand.Reader, time.Now(), pki.Options{Organisation: "Example Ltd", Country: "DE", URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	other := authority(t, pki.Options{Sandbox: true})
	handler = pki.Handler(slog.New(slog.DiscardHandler), other, a)
	return office{a, server.URL}
}

func (o office) get(t *testing.T, url string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return r, all(t, r)
}

func (o office) post(t *testing.T, query []byte) (*http.Response, []byte) {
	t.Helper()
	r, err := http.Post(o.url+"/pki/ocsp", "application/ocsp-request", bytes.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	return r, all(t, r)
}

func all(t *testing.T, r *http.Response) []byte {
	t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheAddressesInACertificateAnswer(t *testing.T) {
	o := newOffice(t)
	h := o.Sealer()
	issuing, root := h.Chain[0], h.Chain[1]
	for _, c := range []struct{ of, by *x509.Certificate }{{h.Certificate, issuing}, {issuing, root}} {
		_, cer := o.get(t, c.of.IssuingCertificateURL[0])
		if !bytes.Equal(cer, c.by.Raw) {
			t.Errorf("%s: the issuer is not at its address", c.of.Subject.CommonName)
		}
		r, der := o.get(t, c.of.CRLDistributionPoints[0])
		crl, err := x509.ParseRevocationList(der)
		if err != nil || crl.CheckSignatureFrom(c.by) != nil || r.Header.Get("Cache-Control") == "" {
			t.Errorf("%s: %v", c.of.Subject.CommonName, err)
		}
	}
	query, err := ocsp.CreateRequest(h.Certificate, issuing, &ocsp.RequestOptions{Hash: crypto.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	r, der := o.get(t, h.Certificate.OCSPServer[0]+"/"+url.QueryEscape(base64.StdEncoding.EncodeToString(query)))
	if a, err := ocsp.ParseResponseForCert(der, h.Certificate, issuing); err != nil || a.Status != ocsp.Good {
		t.Errorf("%+v: %v", a, err)
	}
	if r.Header.Get("Cache-Control") != "public, no-transform, max-age=600" {
		t.Errorf("kept: %q", r.Header.Get("Cache-Control"))
	}
}

func TestARevocationIsToldWithinSeconds(t *testing.T) {
	o := newOffice(t)
	h := o.Sealer()
	if err := o.Revoke(context.Background(), h.Certificate, pki.Superseded, time.Now()); err != nil {
		t.Fatal(err)
	}
	query, err := ocsp.CreateRequest(h.Certificate, h.Chain[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	_, der := o.post(t, query)
	if a, err := ocsp.ParseResponseForCert(der, h.Certificate, h.Chain[0]); err != nil || a.Status != ocsp.Revoked {
		t.Errorf("%+v: %v", a, err)
	}
}

func TestWhatIsNotOursIsNotGood(t *testing.T) {
	o := newOffice(t)
	stranger := authority(t, pki.Options{Organisation: "Stranger"}).Sealer()
	query, err := ocsp.CreateRequest(stranger.Certificate, stranger.Chain[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, der := o.post(t, query); !bytes.Equal(der, ocsp.UnauthorizedErrorResponse) {
		t.Errorf("another CA's certificate: %x", der)
	}
	issuing := o.Sealer().Chain[0]
	query, err = ocsp.CreateRequest(&x509.Certificate{SerialNumber: big.NewInt(7)}, issuing, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, der := o.post(t, query)
	if a, err := ocsp.ParseResponse(der, issuing); err != nil || a.Status != ocsp.Unknown {
		t.Errorf("a number that was never given: %+v, %v", a, err)
	}
}

func TestBadQueriesAreAnsweredAsSuch(t *testing.T) {
	o := newOffice(t)
	h := o.Sealer()
	good, err := ocsp.CreateRequest(h.Certificate, h.Chain[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, query := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-3], "more behind": append(bytes.Clone(good), 0),
		"an empty nonce": nonced(t, good, 0), "a nonce too long": nonced(t, good, 129), "nine certificates": repeated(t, good, 9),
	} {
		if _, der := o.post(t, query); !bytes.Equal(der, ocsp.MalformedRequestErrorResponse) {
			t.Errorf("%s: %x", name, der)
		}
	}
	for name, query := range map[string][]byte{"a nonce of 32": nonced(t, good, 32), "eight certificates": repeated(t, good, 8)} {
		_, der := o.post(t, query)
		if len(der) < 200 {
			t.Errorf("%s: %x", name, der)
		}
	}
	if r, _ := o.post(t, make([]byte, 5000)); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("5000 bytes: %s", r.Status)
	}
	for path, status := range map[string]int{
		"/pki/ocsp/%25%25": 200, "/pki/ocsp/" + strings.Repeat("A", 9000): 414, "/pki/" + pki.KeyID(h.Chain[0]): 404, "/pki/00.crl": 404, "/pki/.cer": 404,
	} {
		if r, _ := o.get(t, o.url+path); r.StatusCode != status {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
}

// tbs returns the inner sequence of a query.
func tbs(t *testing.T, query []byte) (list []byte) {
	t.Helper()
	var outer, inner, requests asn1.RawValue
	for _, step := range []struct {
		from *[]byte
		into *asn1.RawValue
	}{{&query, &outer}, {&outer.Bytes, &inner}, {&inner.Bytes, &requests}} {
		if _, err := asn1.Unmarshal(*step.from, step.into); err != nil {
			t.Fatal(err)
		}
	}
	return requests.Bytes
}

func sequence(t *testing.T, tag, class int, parts ...[]byte) []byte {
	t.Helper()
	der, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(parts, nil)})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// nonced is a query with a nonce of so many bytes.
func nonced(t *testing.T, query []byte, size int) []byte {
	t.Helper()
	inner, err := asn1.Marshal(make([]byte, size))
	if err != nil {
		t.Fatal(err)
	}
	extension, err := asn1.Marshal(struct {
		ID    asn1.ObjectIdentifier
		Value []byte
	}{asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, inner})
	if err != nil {
		t.Fatal(err)
	}
	list := sequence(t, 16, 0, tbs(t, query))
	return sequence(t, 16, 0, sequence(t, 16, 0, list, sequence(t, 2, 2, sequence(t, 16, 0, extension))))
}

// repeated is a query that asks the same so often.
func repeated(t *testing.T, query []byte, times int) []byte {
	t.Helper()
	list := sequence(t, 16, 0, bytes.Repeat(tbs(t, query), times))
	return sequence(t, 16, 0, sequence(t, 16, 0, list))
}
