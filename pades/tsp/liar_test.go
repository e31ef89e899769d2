package tsp_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"time"

	"chancery/pades/cms"
	"chancery/pades/tsp"
)

// liar makes tokens that are signed well and wrong in one point.
type liar struct {
	house   *house
	change  func(*lie)
	respond func(token []byte) []byte // nil: as an honest authority
}

// lie is what a token will say.
type lie struct {
	digest      []byte
	nonce       *big.Int
	policy      asn1.ObjectIdentifier
	at          time.Time
	certificate *x509.Certificate
	key         crypto.Signer
	enclosed    []*x509.Certificate
	kind        asn1.ObjectIdentifier
}

func (l liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q, err := tsp.ParseRequest(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	h := l.house
	says := lie{q.Digest, q.Nonce, policy, h.now, h.tsa, h.tsaKey, []*x509.Certificate{h.tsa, h.ca}, cms.OIDTSTInfo}
	if l.change != nil {
		l.change(&says)
	}
	token, err := cms.SignContent(says.kind, says.info(), says.certificate, says.enclosed, says.key)
	if err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	if l.respond != nil {
		token = l.respond(token)
	} else {
		token = sequence(sequence([]byte{2, 1, 0}), token)
	}
	_, _ = w.Write(token) // the client may have had enough
}

// info is a TSTInfo made without the code under test.
func (l lie) info() []byte {
	type imprint struct {
		Algorithm struct{ OID asn1.ObjectIdentifier }
		Digest    []byte
	}
	v := struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint imprint
		Serial  int
		Time    time.Time `asn1:"generalized"`
		Nonce   *big.Int  `asn1:"optional"`
	}{1, l.policy, imprint{Digest: l.digest}, 7, l.at.UTC(), l.nonce}
	v.Imprint.Algorithm.OID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	der, err := asn1.Marshal(v)
	if err != nil {
		panic(err) // fixed structure
	}
	return der
}

func sequence(parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	der, err := asn1.Marshal(asn1.RawValue{Tag: 16, IsCompound: true, Bytes: body})
	if err != nil {
		panic(err) // fixed structure
	}
	return der
}
