package pki

import (
	"crypto/rand"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

func FuzzAnyQueryIsReadOrRefused(f *testing.F) {
	a, err := Create(rand.Reader, time.Now(), Options{Sandbox: true})
	if err != nil {
		f.Fatal(err)
	}
	h := a.Sealer()
	seed, err := ocsp.CreateRequest(h.Certificate, h.Chain[0], nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, der []byte) {
		q, err := readQuery(der)
		if err == nil && (len(q.ids) == 0 || len(q.ids) > maxQueriedCerts || q.nonce != nil && len(q.nonce) > maxNonce+3) {
			t.Errorf("%+v was read", q)
		}
	})
}
