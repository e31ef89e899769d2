package cms

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// parts are what a container is put together from.
type parts struct {
	kind         asn1.ObjectIdentifier
	content      []byte // nil when detached
	certificates []*x509.Certificate
	signer       *x509.Certificate
	attributes   []byte // the DER SET that was signed
	value        []byte
	unsigned     [][]byte // attributes in DER
}

var (
	context0 = cbasn1.Tag(0).ContextSpecific().Constructed()
	context1 = cbasn1.Tag(1).ContextSpecific().Constructed()
)

// Assemble puts the container together around a finished signature value.
func Assemble(attributes, value []byte, certificate *x509.Certificate, chain []*x509.Certificate) ([]byte, error) {
	return detached(attributes, value, certificate, chain).der()
}

func detached(attributes, value []byte, certificate *x509.Certificate, chain []*x509.Certificate) parts {
	return parts{
		kind: OIDData, certificates: append([]*x509.Certificate{certificate}, chain...), signer: certificate,
		attributes: attributes, value: value,
	}
}

// version of SignedData is 3 for content that is no plain data (RFC 5652, 5.1).
func (p parts) version() int64 {
	if p.kind.Equal(OIDData) {
		return 1
	}
	return 3
}

func (p parts) der() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, p.signedData)
		})
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("assemble signature of %s: %w", p.signer.Subject.CommonName, err)
	}
	return der, nil
}

func (p parts) signedData(b *cryptobyte.Builder) {
	b.AddASN1Int64(p.version())
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { algorithm(b, oidSHA256, false) })
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(p.kind)
		if p.content != nil {
			b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(p.content) })
		}
	})
	if len(p.certificates) > 0 {
		b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddBytes(sorted(rawOf(p.certificates))) })
	}
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, p.signerInfo)
	})
}

func rawOf(certificates []*x509.Certificate) [][]byte {
	var raw [][]byte
	for _, c := range certificates {
		raw = append(raw, c.Raw)
	}
	return raw
}

func (p parts) signerInfo(b *cryptobyte.Builder) {
	b.AddASN1Int64(1)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(p.signer.RawIssuer)
		b.AddASN1BigInt(p.signer.SerialNumber)
	})
	algorithm(b, oidSHA256, false)
	// The same bytes as were signed, with the tag [0] in the place of SET.
	b.AddBytes(append([]byte{0xA0}, p.attributes[1:]...))
	if _, ok := p.signer.PublicKey.(*rsa.PublicKey); ok {
		algorithm(b, oidRSA, true)
	} else {
		algorithm(b, oidECDSASHA256, false)
	}
	b.AddASN1OctetString(p.value)
	if len(p.unsigned) > 0 {
		b.AddASN1(context1, func(b *cryptobyte.Builder) { b.AddBytes(sorted(p.unsigned)) })
	}
}

func algorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, withNull bool) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if withNull {
			b.AddASN1NULL()
		}
	})
}
