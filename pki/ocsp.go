package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6960 names keys by it; nothing is protected by it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// certID says which certificate is asked about (RFC 6960, 4.1.1).
type certID struct {
	Hash     pkix.AlgorithmIdentifier
	NameHash []byte
	KeyHash  []byte
	Serial   *big.Int
}

// newCertID names a certificate as all clients can read it, by SHA-1.
func newCertID(c, issuer *x509.Certificate) (certID, error) {
	name, key, err := hashes(crypto.SHA1, issuer)
	return certID{
		Hash:     pkix.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: asn1.NullRawValue},
		NameHash: name, KeyHash: key, Serial: c.SerialNumber,
	}, err
}

// hashes of an issuer's name and key.
func hashes(kind crypto.Hash, issuer *x509.Certificate) (name, key []byte, err error) {
	bits, err := keyBits(issuer.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	h := kind.New()
	h.Write(issuer.RawSubject)
	name = h.Sum(nil)
	h.Reset()
	h.Write(bits)
	return name, h.Sum(nil), nil
}

// reply is what is said about one certificate (RFC 6960, 4.2.1): one of the three.
type reply struct {
	ID         certID
	Good       asn1.Flag   `asn1:"tag:0,optional"`
	Revoked    revokedInfo `asn1:"tag:1,optional"`
	Unknown    asn1.Flag   `asn1:"tag:2,optional"`
	ThisUpdate time.Time   `asn1:"generalized"`
	NextUpdate time.Time   `asn1:"generalized,explicit,tag:0"`
}

type revokedInfo struct {
	At     time.Time       `asn1:"generalized"`
	Reason asn1.Enumerated `asn1:"explicit,tag:0"`
}

// replyTo says what the register knows. A serial number is known when its
// certificate is at hand, or is the authority's own: people's certificates are
// kept nowhere, and say themselves that there is nothing to ask.
func (a *Authority) replyTo(ca member, id certID, known bool) reply {
	a.mu.RLock()
	defer a.mu.RUnlock()
	r := reply{ID: id}
	revocation, revoked := a.revoked[mark(ca.certificate, id.Serial)]
	switch {
	case revoked:
		r.Revoked = revokedInfo{At: revocation.At.UTC().Truncate(time.Second), Reason: asn1.Enumerated(revocation.Reason)}
	case known || a.issued(ca, id.Serial):
		r.Good = true
	default:
		r.Unknown = true
	}
	return r
}

func (a *Authority) issued(ca member, serial *big.Int) bool {
	for _, m := range a.members {
		if by, ok := a.issuerOf(m.certificate); ok && by.certificate.Equal(ca.certificate) && m.certificate.SerialNumber.Cmp(serial) == 0 {
			return true
		}
	}
	return a.folder.knows(ca.certificate, serial)
}

// answer is a response that is about to be signed.
type answer struct {
	at        time.Time
	responder member
	replies   []reply
	nonce     []byte // the extension's value; nil when none was sent
}

type responseData struct {
	Responder  []byte    `asn1:"explicit,tag:2"` // SHA-1 of its key
	ProducedAt time.Time `asn1:"generalized"`
	Replies    []reply
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional,omitempty"`
}

type basicResponse struct {
	Data         asn1.RawValue
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0"`
}

type ocspResponse struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type asn1.ObjectIdentifier
		Body []byte
	} `asn1:"explicit,tag:0"`
}

var (
	oidSHA1     = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256   = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidBasic    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidNonce    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidECDSA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// sign writes the response (RFC 6960, 4.2.1). The responder's key is P-256.
func (a answer) sign() ([]byte, error) {
	data, err := a.data()
	if err != nil {
		return nil, fmt.Errorf("write OCSP response: %w", err)
	}
	digest := crypto.SHA256.New()
	digest.Write(data)
	signature, err := a.responder.key.Sign(rand.Reader, digest.Sum(nil), crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sign OCSP response: %w", err)
	}
	basic, err := asn1.Marshal(basicResponse{
		Data:         asn1.RawValue{FullBytes: data},
		Algorithm:    pkix.AlgorithmIdentifier{Algorithm: oidECDSA256},
		Signature:    asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)},
		Certificates: []asn1.RawValue{{FullBytes: a.responder.certificate.Raw}},
	})
	if err != nil {
		return nil, fmt.Errorf("write OCSP response: %w", err)
	}
	var response ocspResponse
	response.Bytes.Type, response.Bytes.Body = oidBasic, basic
	return asn1.Marshal(response)
}

func (a answer) data() ([]byte, error) {
	bits, err := keyBits(a.responder.certificate.PublicKey)
	if err != nil {
		return nil, err
	}
	name := sha1.Sum(bits) //nolint:gosec // see the import
	now := a.at.UTC().Truncate(time.Second)
	for i := range a.replies {
		a.replies[i].ThisUpdate, a.replies[i].NextUpdate = now, now.Add(ocspLife)
	}
	data := responseData{Responder: name[:], ProducedAt: now, Replies: a.replies}
	if a.nonce != nil {
		data.Extensions = []pkix.Extension{{Id: oidNonce, Value: a.nonce}}
	}
	return asn1.Marshal(data)
}
