package tsp

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Request is a time-stamp request (RFC 3161, 2.4.1).
type Request struct {
	Hash    crypto.Hash
	Digest  []byte
	Policy  asn1.ObjectIdentifier // empty: any
	Nonce   *big.Int              // nil: none
	CertReq bool                  // the token shall bring the TSA's certificate along
}

type timeStampReq struct {
	Version    int
	Imprint    messageImprint
	Policy     asn1.ObjectIdentifier `asn1:"optional"`
	Nonce      *big.Int              `asn1:"optional"`
	CertReq    bool                  `asn1:"optional,default:false"`
	Extensions []pkix.Extension      `asn1:"optional,tag:0"`
}

// maxNonceBits bounds what is echoed.
const maxNonceBits = 256

// refusal is an error with the failure of RFC 3161, 2.4.2 that a TSA answers.
type refusal struct {
	failure Failure
	why     string
}

func (r refusal) Error() string { return fmt.Sprintf("%s: %s", r.failure, r.why) }

// refusalOf finds the failure to answer; an error of ours is a systemFailure.
func refusalOf(err error) refusal {
	var r refusal
	if errors.As(err, &r) {
		return r
	}
	return refusal{SystemFailure, "something went wrong on our side"}
}

// ParseRequest reads a request. What no authority may answer is refused with the
// failure of RFC 3161 that says so.
func ParseRequest(der []byte) (Request, error) {
	var q timeStampReq
	rest, err := asn1.Unmarshal(der, &q)
	if err != nil || len(rest) > 0 {
		return Request{}, refusal{BadDataFormat, "the request is no DER of a TimeStampReq"}
	}
	if q.Version != 1 {
		return Request{}, refusal{BadRequest, "the request has another version than 1"}
	}
	if len(q.Extensions) > 0 {
		return Request{}, refusal{UnacceptedExtension, "no extensions are known here"}
	}
	if q.Nonce != nil && q.Nonce.BitLen() > maxNonceBits {
		return Request{}, refusal{BadRequest, fmt.Sprintf("the nonce has more than %d bits", maxNonceBits)}
	}
	hash, ok := hashes[q.Imprint.Algorithm.Algorithm.String()]
	if !ok || hash == crypto.SHA1 {
		return Request{}, refusal{BadAlg, "the digest must be SHA-256, SHA-384 or SHA-512"}
	}
	if len(q.Imprint.Digest) != hash.Size() {
		return Request{}, refusal{BadDataFormat, "the digest has the wrong length"}
	}
	return Request{hash, q.Imprint.Digest, q.Policy, q.Nonce, q.CertReq}, nil
}

// Marshal gives the request in DER.
func (r Request) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		writeImprint(b, r.Hash, r.Digest)
		if len(r.Policy) > 0 {
			b.AddASN1ObjectIdentifier(r.Policy)
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		if r.CertReq {
			b.AddASN1Boolean(true)
		}
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("write time-stamp request: %w", err)
	}
	return der, nil
}
