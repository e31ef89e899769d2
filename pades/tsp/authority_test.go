package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"chancery/pades/tsp"
)

func digestOf(s string) []byte {
	d := sha256.Sum256([]byte(s))
	return d[:]
}

func TestATokenSaysWhatWasStampedAndWhen(t *testing.T) {
	h := newHouse(t)
	der, err := h.authority(t).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := tsp.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Check(digestOf("x")); err != nil {
		t.Fatal(err)
	}
	if err := token.Check(digestOf("y")); err == nil {
		t.Error("a token holds for any digest")
	}
	if !token.Time.Equal(h.now) || token.Accuracy != time.Second || !token.Policy.Equal(policy) ||
		token.Hash != crypto.SHA256 || token.Serial.BitLen() > 160 || token.Weak() || len(token.Certificates) != 2 {
		t.Errorf("got %+v", token)
	}
}

func TestAnotherImplementationReadsOurTokens(t *testing.T) {
	h := newHouse(t)
	der, err := h.authority(t).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := timestamp.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if !other.Time.Equal(h.now) || !bytes.Equal(other.HashedMessage, digestOf("x")) || !other.Policy.Equal(policy) || other.Accuracy != time.Second {
		t.Errorf("it reads %+v", other)
	}
}

func TestSerialNumbersNeverRepeat(t *testing.T) {
	a := newHouse(t).authority(t)
	seen := map[string]bool{}
	for range 100 {
		der, err := a.Timestamp(context.Background(), digestOf("x"))
		if err != nil {
			t.Fatal(err)
		}
		token, err := tsp.Parse(der)
		if err != nil || seen[token.Serial.String()] {
			t.Fatalf("serial number again, or %v", err)
		}
		seen[token.Serial.String()] = true
	}
}

func TestOnlyACertificateForTimestampingOpensAnAuthority(t *testing.T) {
	h := newHouse(t)
	for name, template := range map[string]*x509.Certificate{
		"its purpose is not critical": h.tsaTemplate(false, x509.ExtKeyUsageTimeStamping),
		"it has a second purpose":     h.tsaTemplate(true, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageEmailProtection),
		"it has another purpose":      h.tsaTemplate(true, x509.ExtKeyUsageEmailProtection),
		"it has none":                 h.caTemplate("TSA"),
	} {
		o := h.options()
		cert, key := h.issue(t, template, h.ca, h.caKey)
		o.Certificate, o.Key = cert, key
		if _, err := tsp.NewAuthority(o); err == nil {
			t.Errorf("accepted although %s", name)
		}
	}
	o := h.options()
	o.Key = h.caKey
	if _, err := tsp.NewAuthority(o); err == nil {
		t.Error("accepted with the key of somebody else")
	}
}

func TestAnAuthorityDoesNotStampOutsideItsOwnTime(t *testing.T) {
	h := newHouse(t)
	a := h.authority(t)
	h.now = h.now.AddDate(6, 0, 0)
	if _, err := a.Timestamp(context.Background(), digestOf("x")); err == nil {
		t.Error("an expired authority stamps")
	}
}

func TestARefusedRequestIsToldWhy(t *testing.T) {
	h := newHouse(t)
	good := tsp.Request{Hash: crypto.SHA256, Digest: digestOf("x"), Nonce: big.NewInt(7), CertReq: true}
	marshal := func(change func(*tsp.Request)) []byte {
		q := good
		change(&q)
		der, err := q.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	version2 := marshal(func(*tsp.Request) {})
	version2[4] = 2 // SEQUENCE header, INTEGER header, value
	sha1 := bytes.Replace(marshal(func(*tsp.Request) {}), []byte{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}, []byte{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x7F}, 1)
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"a good request":           {marshal(func(*tsp.Request) {}), ""},
		"a good one for SHA-512":   {marshal(func(q *tsp.Request) { q.Hash, q.Digest = crypto.SHA512, make([]byte, 64) }), ""},
		"a digest of wrong length": {marshal(func(q *tsp.Request) { q.Digest = q.Digest[:31] }), "badDataFormat"},
		"an unknown digest":        {sha1, "badAlg"},
		"another policy":           {marshal(func(q *tsp.Request) { q.Policy = []int{1, 2, 3} }), "unacceptedPolicy"},
		"another version":          {version2, "badRequest"},
		"an endless nonce":         {marshal(func(q *tsp.Request) { q.Nonce = new(big.Int).Lsh(big.NewInt(1), 300) }), "badRequest"},
		"no DER at all":            {[]byte("hello"), "badDataFormat"},
		"nothing":                  {nil, "badDataFormat"},
		"bytes behind":             {append(marshal(func(*tsp.Request) {}), 0), "badDataFormat"},
	} {
		w := httptest.NewRecorder()
		h.authority(t).ServeHTTP(w, query(tt.body))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/timestamp-reply" {
			t.Fatalf("%s: status %d of type %q", name, w.Code, w.Header().Get("Content-Type"))
		}
		_, err := tsp.ParseResponse(w.Body.Bytes())
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
		// The other implementation must read the same out of it.
		if _, err := timestamp.ParseResponse(w.Body.Bytes()); (err == nil) != (tt.want == "") {
			t.Errorf("%s: the other implementation says %v", name, err)
		}
	}
}

func query(body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/tsa", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/timestamp-query")
	return r
}

func TestWhatIsNoRequestAtAllGetsAnHTTPStatus(t *testing.T) {
	a := newHouse(t).authority(t)
	get := httptest.NewRequest(http.MethodGet, "/tsa", nil)
	form := query(nil)
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, tt := range map[string]struct {
		request *http.Request
		want    int
	}{
		"a GET":            {get, http.StatusMethodNotAllowed},
		"another type":     {form, http.StatusUnsupportedMediaType},
		"a very long body": {query(make([]byte, 5000)), http.StatusRequestEntityTooLarge},
	} {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, tt.request)
		if w.Code != tt.want {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

func TestWithoutCertReqTheTokenBringsNoCertificate(t *testing.T) {
	h := newHouse(t)
	der, err := tsp.Request{Hash: crypto.SHA256, Digest: digestOf("x")}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.authority(t).ServeHTTP(w, query(der))
	token, err := tsp.ParseResponse(w.Body.Bytes())
	if err != nil || bytes.Contains(token, h.tsa.Raw) {
		t.Fatalf("certificate inside, or %v", err)
	}
	if _, err := tsp.Parse(token); err == nil {
		t.Error("a token without its certificate was read, and nobody could check it")
	}
}
