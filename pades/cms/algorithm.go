package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // the hashes that hashes names
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// hashes are the digest algorithms that are read. SHA-1 is there for old files
// alone, see Container.Weak; MD5 is refused (ETSI TS 119 312).
var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// scheme is how a signature algorithm turns a key and a hash into a value. Hash 0
// means the digest algorithm of the signer's record.
type scheme struct {
	family string
	hash   crypto.Hash
}

const (
	pkcs1   = "PKCS #1 v1.5"
	pss     = "PSS"
	ecdsaDS = "ECDSA"
	eddsa   = "Ed25519"
)

// schemes are the signature algorithms that are read (RFC 3370, 4055, 5754, 5753, 8419).
var schemes = map[string]scheme{
	"1.2.840.113549.1.1.1":  {pkcs1, 0},
	"1.2.840.113549.1.1.5":  {pkcs1, crypto.SHA1},
	"1.2.840.113549.1.1.11": {pkcs1, crypto.SHA256},
	"1.2.840.113549.1.1.12": {pkcs1, crypto.SHA384},
	"1.2.840.113549.1.1.13": {pkcs1, crypto.SHA512},
	oidPSS:                  {pss, 0},
	"1.2.840.10045.2.1":     {ecdsaDS, 0}, // the key's own OID, as some signers write
	"1.2.840.10045.4.1":     {ecdsaDS, crypto.SHA1},
	"1.2.840.10045.4.3.2":   {ecdsaDS, crypto.SHA256},
	"1.2.840.10045.4.3.3":   {ecdsaDS, crypto.SHA384},
	"1.2.840.10045.4.3.4":   {ecdsaDS, crypto.SHA512},
	"1.3.101.112":           {eddsa, crypto.SHA512},
}

// oidPSS is RSASSA-PSS (RFC 4055, 3.1).
const oidPSS = "1.2.840.113549.1.1.10"

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	h, ok := hashes[oid.String()]
	if !ok {
		return 0, fmt.Errorf("digest algorithm %v is not accepted", oid)
	}
	return h, nil
}

// method is a scheme with everything a check needs.
type method struct {
	scheme
	salt int // of PSS, in bytes
}

func methodOf(algorithm pkix.AlgorithmIdentifier, digest crypto.Hash) (method, error) {
	s, ok := schemes[algorithm.Algorithm.String()]
	if !ok {
		return method{}, fmt.Errorf("signature algorithm %v is not accepted", algorithm.Algorithm)
	}
	m := method{scheme: s}
	if s.family == pss {
		return m, m.readPSS(algorithm.Parameters)
	}
	if m.hash == 0 {
		m.hash = digest
	}
	return m, nil
}

// check verifies value over message with the certificate's key.
func (m method) check(certificate *x509.Certificate, message, value []byte) error {
	if !m.hash.Available() {
		return fmt.Errorf("hash %v is not accepted", m.hash)
	}
	h := m.hash.New()
	h.Write(message)
	return m.checkSum(certificate, message, h.Sum(nil), value)
}

func (m method) checkSum(certificate *x509.Certificate, message, sum, value []byte) error {
	err := errFamily
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		err = m.checkRSA(key, sum, value)
	case *ecdsa.PublicKey:
		if m.family == ecdsaDS {
			err = verified(ecdsa.VerifyASN1(key, sum, value))
		}
	case ed25519.PublicKey:
		if m.family == eddsa {
			err = verified(ed25519.Verify(key, message, value))
		}
	default:
		return fmt.Errorf("no check for a %T", key)
	}
	if err != nil {
		return fmt.Errorf("the signature value does not belong to %s: %w", certificate.Subject.CommonName, err)
	}
	return nil
}

func (m method) checkRSA(key *rsa.PublicKey, sum, value []byte) error {
	large := key.E > largestExponent
	switch {
	case m.family == pkcs1 && large:
		return checkPKCS1(key, m.hash, sum, value)
	case m.family == pkcs1:
		return rsa.VerifyPKCS1v15(key, m.hash, sum, value)
	case m.family == pss && large:
		return checkPSS(key, m.hash, sum, value, m.salt)
	case m.family == pss:
		// A salt of 0 bytes would mean "any" to the library, which is laxer than
		// what the signer said, but forges nothing.
		return rsa.VerifyPSS(key, m.hash, sum, value, &rsa.PSSOptions{SaltLength: m.salt})
	}
	return errFamily
}

var errFamily = errors.New("the algorithm is not one of the key's")

func verified(good bool) error {
	if !good {
		return errors.New("verification error")
	}
	return nil
}
