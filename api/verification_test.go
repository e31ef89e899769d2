package api_test

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"chancery/api"
	"chancery/pades"
	"chancery/pki"
)

// certified is a page that an organisation has signed.
func certified(t testing.TB) []byte {
	t.Helper()
	now := time.Now()
	a, err := pki.Create(rand.Reader, now, pki.Options{Organisation: "Example Ltd"})
	must(t, err)
	h := a.Certifier()
	page := onePage("")
	more, _, err := pades.Certify(t.Context(), bytes.NewReader(page), int64(len(page)), pades.Spec{Name: "Example Ltd"},
		pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer}, now)
	must(t, err)
	return append(page, more...)
}

func TestAFileIsJudgedAndNotKept(t *testing.T) {
	s := open(t)
	got := s.sandbox.send("/v1/verify", "lease.pdf", certified(t)).want(200)
	for path, want := range map[string]any{"verdict": "unchanged", "level": "B-B", "certified": true, "test": false} {
		if have := got.at(path); have != want {
			t.Errorf("%s is %v, want %v", path, have, want)
		}
	}
	if got.text("signatures", 0, "role") != "certification" || got.text("signatures", 0, "name") != "Example Ltd Certification" {
		t.Errorf("the signature is %s", got.Body)
	}
	if again := s.sandbox.send("/v1/verify", "lease.pdf", certified(t)).want(200); again.text("verdict") != "unchanged" {
		t.Errorf("a second time the answer is %s", again.Body)
	}
}

func TestAFileThatCannotBeJudgedIsRefusedWithItsReason(t *testing.T) {
	s := open(t, func(c *api.Config) { c.MaxUpload = 1 << 10 })
	s.sandbox.send("/v1/verify", "x.pdf", []byte("just words")).refused(422, "not_a_pdf")
	s.sandbox.send("/v1/verify", "x.pdf", bytes.Repeat([]byte("x"), 2<<10)).refused(413, "document_too_large")
	s.sandbox.post("/v1/verify", object{}).refused(422, "file_missing")
	caller{scene: s, contract: s.sandbox.contract, key: "ck_test_nobody"}.send("/v1/verify", "x.pdf", onePage("")).refused(401, "unauthorized")
}
