package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Limits of an OCSP request.
const (
	maxQuery        = 4 << 10 // bytes; one certificate needs about 100
	maxQueriedCerts = 8
	maxNonce        = 128 // octets (RFC 9654, 2.1)
)

var errMalformed = errors.New("read OCSP request: it is malformed")

// query is what an OCSP request asks.
type query struct {
	ids   []certID
	nonce []byte // the extension's value; nil when none was sent
}

var (
	tag0 = cbasn1.Tag(0).ContextSpecific().Constructed()
	tag1 = cbasn1.Tag(1).ContextSpecific().Constructed()
	tag2 = cbasn1.Tag(2).ContextSpecific().Constructed()
)

// readQuery reads an OCSPRequest (RFC 6960, 4.1.1). A signature on it is not looked at.
func readQuery(der []byte) (query, error) {
	var q query
	var request, tbs, list, extensions cryptobyte.String
	var extended bool
	in := cryptobyte.String(der)
	if !in.ReadASN1(&request, cbasn1.SEQUENCE) || !in.Empty() || !request.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return q, errMalformed
	}
	if !tbs.SkipOptionalASN1(tag0) || !tbs.SkipOptionalASN1(tag1) || !tbs.ReadASN1(&list, cbasn1.SEQUENCE) ||
		!tbs.ReadOptionalASN1(&extensions, &extended, tag2) || !tbs.Empty() {
		return q, errMalformed
	}
	for !list.Empty() {
		var one, id cryptobyte.String
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1Element(&id, cbasn1.SEQUENCE) || len(q.ids) == maxQueriedCerts {
			return q, errMalformed
		}
		var parsed certID
		if rest, err := asn1.Unmarshal(id, &parsed); err != nil || len(rest) > 0 {
			return q, errMalformed
		}
		q.ids = append(q.ids, parsed)
	}
	if len(q.ids) == 0 || extended && !q.readNonce(extensions) {
		return q, errMalformed
	}
	return q, nil
}

// readNonce tells whether the extensions can be read. A nonce that is empty or too
// long makes a request malformed (RFC 9654, 2.1).
func (q *query) readNonce(wrapped cryptobyte.String) bool {
	var list cryptobyte.String
	if !wrapped.ReadASN1(&list, cbasn1.SEQUENCE) || !wrapped.Empty() {
		return false
	}
	for !list.Empty() {
		var extension, value, nonce cryptobyte.String
		var id asn1.ObjectIdentifier
		if !list.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&id) ||
			!extension.SkipOptionalASN1(cbasn1.BOOLEAN) || !extension.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return false
		}
		if !id.Equal(oidNonce) {
			continue
		}
		q.nonce = bytes.Clone(value)
		if !value.ReadASN1(&nonce, cbasn1.OCTET_STRING) || !value.Empty() || len(nonce) == 0 || len(nonce) > maxNonce {
			return false
		}
	}
	return true
}

// names tells whether a certificate ID was made for an issuer.
func (id certID) names(issuer *x509.Certificate) bool {
	var kind crypto.Hash
	switch {
	case id.Hash.Algorithm.Equal(oidSHA1):
		kind = crypto.SHA1
	case id.Hash.Algorithm.Equal(oidSHA256):
		kind = crypto.SHA256
	default:
		return false
	}
	name, key, err := hashes(kind, issuer)
	return err == nil && bytes.Equal(id.NameHash, name) && bytes.Equal(id.KeyHash, key)
}
