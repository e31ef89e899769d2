package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
)

// Algorithm is what kind of key is made. A signature by P-256 costs a thirtieth of one by RSA.
type Algorithm string

const (
	P256    Algorithm = "ecdsa-p256"
	RSA2048 Algorithm = "rsa-2048"
	RSA3072 Algorithm = "rsa-3072"
)

func (kind Algorithm) generate(random io.Reader) (crypto.Signer, error) {
	switch kind {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), random)
	case RSA2048:
		return rsa.GenerateKey(random, 2048)
	case RSA3072:
		return rsa.GenerateKey(random, 3072)
	}
	return nil, fmt.Errorf("there are no keys of the kind %q", kind)
}

// issue makes a key and a certificate for it; no issuer means that it signs itself.
func issue(random io.Reader, role Role, template *x509.Certificate, issuer *member, kind Algorithm) (member, error) {
	key, err := kind.generate(random)
	if err != nil {
		return member{}, fmt.Errorf("make key: %w", err)
	}
	if issuer == nil {
		issuer = &member{certificate: template, key: key}
	}
	certificate, err := sign(random, template, key.Public(), *issuer)
	return member{role: role, certificate: certificate, key: key}, err
}

// sign issues a certificate for a public key. It never outlives its issuer.
func sign(random io.Reader, template *x509.Certificate, public crypto.PublicKey, issuer member) (*x509.Certificate, error) {
	var err error
	if template.SerialNumber, err = serial(random); err != nil {
		return nil, err
	}
	if template.SubjectKeyId, err = keyIdentifier(public); err != nil {
		return nil, err
	}
	if template.NotAfter.After(issuer.certificate.NotAfter) {
		template.NotAfter = issuer.certificate.NotAfter
	}
	der, err := x509.CreateCertificate(random, template, issuer.certificate, public, issuer.key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate of %s: %w", template.Subject.CommonName, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back certificate of %s: %w", template.Subject.CommonName, err)
	}
	return certificate, nil
}

// serial is 128 random bits, positive and never zero (RFC 5280, 4.1.2.2).
func serial(random io.Reader) (*big.Int, error) {
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	n, err := rand.Int(random, limit)
	if err != nil {
		return nil, fmt.Errorf("draw serial number: %w", err)
	}
	return n.Add(n, big.NewInt(1)), nil
}

// keyIdentifier is the leftmost 160 bits of the key's SHA-256 (RFC 7093, 2, method 1).
func keyIdentifier(public crypto.PublicKey) ([]byte, error) {
	bits, err := keyBits(public)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bits)
	return sum[:20], nil
}

// keyBits is the subjectPublicKey alone, without its algorithm.
func keyBits(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("write public key: %w", err)
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("read public key: %w", err)
	}
	return info.Key.Bytes, nil
}

// KeyID names a CA in addresses and records: its subject key identifier in hex.
func KeyID(ca *x509.Certificate) string { return hex.EncodeToString(ca.SubjectKeyId) }
