// Package cms makes, reads and checks CMS containers (RFC 5652), the part of a
// PDF signature that holds the cryptography.
//
// What it makes is the container of a PAdES baseline signature (ETSI EN 319 122-1
// and EN 319 142-1): detached, DER, SHA-256, one signer, the whole chain inside,
// the certificate bound by signing-certificate-v2, no signing-time attribute.
//
//	container, err := cms.Sign(digest, certificate, chain, key) // of the signed bytes
//
// Signing has two phases, so that the key may live elsewhere: Attributes gives
// the bytes to sign, Assemble puts the signature value in its place. A time-stamp
// comes after the value, since it covers it:
//
//	value, err := cms.SignatureValue(container)
//	token, err := timestamper.Timestamp(ctx, sha256.Sum256(value))
//	container, err = cms.AddTimestamp(container, token)
//
// What it reads is wider, because others sign too: BER, SHA-1 (which Weak tells),
// RSA with PSS, content inside, key identifiers, Adobe's revocation data. Parse
// finds the parts, Check verifies the value, Matches compares the digest of the
// signed bytes. Whether anybody trusts the certificate is package trust's matter.
package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Sign makes a detached container over a SHA-256 digest of the content.
func Sign(digest []byte, certificate *x509.Certificate, chain []*x509.Certificate, key crypto.Signer) ([]byte, error) {
	attributes := Attributes(digest, certificate)
	value, err := sign(attributes, certificate, key)
	if err != nil {
		return nil, err
	}
	return Assemble(attributes, value, certificate, chain)
}

// SignContent makes a container with the content inside, such as a time-stamp
// token. Of the certificates it holds those in enclosed, in DER's order; they may
// be none, where the reader has them already.
func SignContent(kind asn1.ObjectIdentifier, content []byte, certificate *x509.Certificate, enclosed []*x509.Certificate, key crypto.Signer) ([]byte, error) {
	digest := sha256.Sum256(content)
	attributes := attributesOf(kind, digest[:], certificate)
	value, err := sign(attributes, certificate, key)
	if err != nil {
		return nil, err
	}
	return parts{
		kind: kind, content: content, certificates: enclosed, signer: certificate,
		attributes: attributes, value: value,
	}.der()
}

func sign(attributes []byte, certificate *x509.Certificate, key crypto.Signer) ([]byte, error) {
	hash := sha256.Sum256(attributes)
	value, err := key.Sign(rand.Reader, hash[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sign as %s: %w", certificate.Subject.CommonName, err)
	}
	return value, nil
}

// Room is how many bytes a container of this certificate and chain needs at
// most, found by building one with the longest value its key can give. It counts
// a time-stamp token of the given size; 0 means there will be none.
func Room(certificate *x509.Certificate, chain []*x509.Certificate, token int) (int, error) {
	if certificate == nil {
		return 0, fmt.Errorf("sign: the holder has no certificate")
	}
	longest := 0
	switch key := certificate.PublicKey.(type) {
	case *ecdsa.PublicKey:
		longest = 2*((key.Params().BitSize+7)/8+3) + 6 // two integers and a sequence, DER
	case *rsa.PublicKey:
		longest = key.Size()
	default:
		return 0, fmt.Errorf("sign as %s: no signatures with a %T", certificate.Subject.CommonName, key)
	}
	p := detached(Attributes(make([]byte, sha256.Size), certificate), make([]byte, longest), certificate, chain)
	if token > 0 {
		p.unsigned = [][]byte{timestampAttribute(make([]byte, token))}
	}
	der, err := p.der()
	return len(der), err
}

// Attributes are the signed attributes as the DER SET whose hash gets signed
// (RFC 5652, 5.4).
func Attributes(digest []byte, certificate *x509.Certificate) []byte {
	return attributesOf(OIDData, digest, certificate)
}

func attributesOf(kind asn1.ObjectIdentifier, digest []byte, certificate *x509.Certificate) []byte {
	set := [][]byte{
		attribute(oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(kind) }),
		attribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
		attribute(oidSigningCertificateV2, func(b *cryptobyte.Builder) { signingCertificate(b, certificate) }),
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(sorted(set)) })
	return b.BytesOrPanic() // fixed structure around bytes: nothing can fail
}

func attribute(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1(cbasn1.SET, value)
	})
	return b.BytesOrPanic()
}

// sorted joins the members of a SET OF in the order of their bytes, as DER wants.
func sorted(set [][]byte) []byte {
	slices.SortFunc(set, bytes.Compare)
	return bytes.Join(set, nil)
}

// signingCertificate is SigningCertificateV2 of RFC 5035 with the default hash,
// SHA-256, which DER leaves out.
func signingCertificate(b *cryptobyte.Builder, certificate *x509.Certificate) {
	hash := sha256.Sum256(certificate.Raw)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(hash[:]) })
		})
	})
}
