package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"

	"chancery/pades/tsp"
)

// FuzzParse reads any bytes as a token, and as an authority's response.
func FuzzParse(f *testing.F) {
	token, err := newHouse(f).authority(f).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(sequence(sequence([]byte{2, 1, 2}, []byte{0x30, 4, 12, 2, 'n', 'o'}, []byte{3, 2, 7, 0x80})))
	f.Fuzz(func(t *testing.T, der []byte) {
		if token, err := tsp.ParseResponse(der); err == nil && len(token) == 0 {
			t.Error("granted with nothing")
		}
		got, err := tsp.Parse(der)
		if err != nil {
			return
		}
		if got.Check(digestOf("y")) == nil {
			t.Error("a token was changed until it held for another digest")
		}
		_ = got.Check(digestOf("x")) // must not panic
	})
}

func FuzzRequest(f *testing.F) {
	a := newHouse(f).authority(f)
	for _, q := range []tsp.Request{
		{Hash: crypto.SHA256, Digest: digestOf("x"), Nonce: big.NewInt(7), CertReq: true},
		{Hash: crypto.SHA512, Digest: make([]byte, 64), Policy: policy},
	} {
		der, err := q.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, query(der))
		if w.Code == http.StatusRequestEntityTooLarge {
			return
		}
		token, err := tsp.ParseResponse(w.Body.Bytes())
		if err != nil {
			return // refused, in an answer that could be read
		}
		if q, err := tsp.ParseRequest(der); err != nil || !q.CertReq {
			return
		} else if got, err := tsp.Parse(token); err != nil || got.Check(q.Digest) != nil || !bytes.Equal(got.Digest, q.Digest) {
			t.Errorf("a granted token does not hold: %v", err)
		}
	})
}
