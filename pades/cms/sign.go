// Package cms makes and checks the CMS containers of PAdES baseline signatures
// (RFC 5652 profiled by ETSI EN 319 122-1 and EN 319 142-1): detached, SHA-256,
// one signer, the whole chain inside, and no signing-time attribute.
//
// Signing has two phases, so that the key may live elsewhere: Attributes gives
// the bytes to sign, Assemble puts the signature value in its place.
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

var (
	oidData                 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSA                  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSASHA256          = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// Sign makes a detached container over a SHA-256 digest of the content.
func Sign(digest []byte, certificate *x509.Certificate, chain []*x509.Certificate, key crypto.Signer) ([]byte, error) {
	attributes := Attributes(digest, certificate)
	hash := sha256.Sum256(attributes)
	value, err := key.Sign(rand.Reader, hash[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sign as %s: %w", certificate.Subject.CommonName, err)
	}
	return Assemble(attributes, value, certificate, chain)
}

// Room is how many bytes a container of this certificate and chain needs at
// most, found by building one with the longest value its key can give.
func Room(certificate *x509.Certificate, chain []*x509.Certificate) (int, error) {
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
	der, err := Assemble(Attributes(make([]byte, sha256.Size), certificate), make([]byte, longest), certificate, chain)
	return len(der), err
}

// Attributes are the signed attributes as the DER SET whose hash gets signed
// (RFC 5652, 5.4).
func Attributes(digest []byte, certificate *x509.Certificate) []byte {
	set := [][]byte{
		attribute(oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) }),
		attribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
		attribute(oidSigningCertificateV2, func(b *cryptobyte.Builder) { signingCertificate(b, certificate) }),
	}
	slices.SortFunc(set, bytes.Compare)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(set, nil)) })
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

// Assemble puts the container together around a finished signature value.
func Assemble(attributes, value []byte, certificate *x509.Certificate, chain []*x509.Certificate) ([]byte, error) {
	content0 := cbasn1.Tag(0).ContextSpecific().Constructed()
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(content0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1) // version, RFC 5652, 5.1
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { algorithm(b, oidSHA256, false) })
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) })
				b.AddASN1(content0, func(b *cryptobyte.Builder) { certificates(b, certificate, chain) })
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { signerInfo(b, attributes, value, certificate) })
			})
		})
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("assemble signature of %s: %w", certificate.Subject.CommonName, err)
	}
	return der, nil
}

// certificates is a SET, so DER wants them in the order of their bytes.
func certificates(b *cryptobyte.Builder, certificate *x509.Certificate, chain []*x509.Certificate) {
	raw := [][]byte{certificate.Raw}
	for _, c := range chain {
		raw = append(raw, c.Raw)
	}
	slices.SortFunc(raw, bytes.Compare)
	b.AddBytes(bytes.Join(raw, nil))
}

func signerInfo(b *cryptobyte.Builder, attributes, value []byte, certificate *x509.Certificate) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(certificate.RawIssuer)
			b.AddASN1BigInt(certificate.SerialNumber)
		})
		algorithm(b, oidSHA256, false)
		// The same bytes as were signed, with the tag [0] in the place of SET.
		b.AddBytes(append([]byte{0xA0}, attributes[1:]...))
		if _, ok := certificate.PublicKey.(*rsa.PublicKey); ok {
			algorithm(b, oidRSA, true)
		} else {
			algorithm(b, oidECDSASHA256, false)
		}
		b.AddASN1OctetString(value)
	})
}

func algorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, withNull bool) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if withNull {
			b.AddASN1NULL()
		}
	})
}
