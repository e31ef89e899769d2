package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes hashOf names
	_ "crypto/sha512"
	"crypto/subtle"
	"encoding/asn1"
	"fmt"
)

// hashes are the digest algorithms a signature may still use (ETSI TS 119 312).
var hashes = map[string]crypto.Hash{
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	h, ok := hashes[oid.String()]
	if !ok {
		return 0, fmt.Errorf("digest algorithm %v is not accepted", oid)
	}
	return h, nil
}

// Matches tells whether the content has the digest that was signed.
func (c *Container) Matches(digest []byte) bool {
	return subtle.ConstantTimeCompare(c.digest, digest) == 1
}

// oidRSAPSS is RSASSA-PSS (RFC 4055).
const oidRSAPSS = "1.2.840.113549.1.1.10"

// Check verifies the signature value over the signed attributes with the key of
// the signer's certificate. It says nothing about who trusts that certificate.
func (c *Container) Check() error {
	h := c.Hash.New()
	h.Write(c.attributes)
	sum := h.Sum(nil)
	switch key := c.Signer.PublicKey.(type) {
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, sum, c.value) {
			return nil
		}
	case *rsa.PublicKey:
		if c.algorithm.Algorithm.String() == oidRSAPSS {
			return rsa.VerifyPSS(key, c.Hash, sum, c.value, nil)
		}
		return rsa.VerifyPKCS1v15(key, c.Hash, sum, c.value)
	case ed25519.PublicKey:
		if ed25519.Verify(key, c.attributes, c.value) {
			return nil
		}
	default:
		return fmt.Errorf("no check for a %T", key)
	}
	return fmt.Errorf("the signature value does not belong to %s", c.Signer.Subject.CommonName)
}
