package cms

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue  `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue  `asn1:"optional,tag:1"`
	Signers      []signerRecord `asn1:"set"`
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signerRecord struct {
	Version    int
	ID         asn1.RawValue // IssuerAndSerialNumber, or [0] SubjectKeyIdentifier
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Value      []byte
	Unsigned   asn1.RawValue `asn1:"optional,tag:1"`
}

// Parse reads a container in BER or DER. Zeros after it are the padding of a
// PDF's /Contents; Behind tells of anything else there.
func Parse(ber []byte) (*Container, error) {
	o, err := openSigned(ber)
	if err != nil {
		return nil, fmt.Errorf("parse CMS: %w", err)
	}
	c := &Container{Type: o.data.Content.Type, Behind: o.behind}
	for _, step := range []func(signedData) error{
		c.readContent, c.readCertificates, c.readCRLs, c.readSigner, c.readUnsigned,
	} {
		if err := step(o.data); err != nil {
			return nil, fmt.Errorf("parse CMS: %w", err)
		}
	}
	if c.loose == nil {
		c.loose = o.findLoose(ber)
	}
	return c, nil
}

// opened is a container whose parts are known and not read yet.
type opened struct {
	der    []byte
	data   signedData
	behind int // bytes
}

// openSigned opens a container with one signer.
func openSigned(ber []byte) (opened, error) {
	o, err := open(ber)
	if err == nil && len(o.data.Signers) != 1 {
		err = fmt.Errorf("%d signers instead of one", len(o.data.Signers))
	}
	return o, err
}

func open(ber []byte) (o opened, err error) {
	der, rest, err := Normalise(ber)
	if err != nil {
		return o, err
	}
	o.der, o.behind = der, len(bytes.TrimRight(rest, "\x00"))
	var info contentInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return o, err
	}
	if !info.Type.Equal(oidSignedData) {
		return o, fmt.Errorf("content of type %v instead of signed data", info.Type)
	}
	if rest, err := asn1.Unmarshal(info.Content.Bytes, &o.data); err != nil || len(rest) > 0 {
		return o, fmt.Errorf("signed data with %d bytes left (%v)", len(rest), err)
	}
	return o, nil
}

// readContent takes the octets of encapsulated content. PKCS #7 (RFC 2315) let
// any value stand there; an octet string is all that PDF files use.
func (c *Container) readContent(data signedData) error {
	raw := data.Content.Content
	if len(raw.Bytes) == 0 {
		return nil
	}
	if rest, err := asn1.Unmarshal(raw.Bytes, &c.Content); err != nil || len(rest) > 0 {
		return fmt.Errorf("content that is no octet string (%v)", err)
	}
	if c.Content == nil {
		c.Content = []byte{}
	}
	return nil
}

// readCertificates leaves out attribute certificates, and certificates that
// cannot be read unless there is no other for the signer.
func (c *Container) readCertificates(data signedData) error {
	return members(data.Certificates.Bytes, maxCertificates, func(raw asn1.RawValue) error {
		if raw.Class != asn1.ClassUniversal {
			c.loose = fmt.Errorf("it brings an attribute certificate along")
			return nil
		}
		cert, err := ParseCertificate(raw.FullBytes)
		if err != nil {
			c.loose = fmt.Errorf("it brings a certificate along that cannot be read: %w", err)
			return nil
		}
		c.Certificates = append(c.Certificates, cert)
		return nil
	})
}

func (c *Container) readCRLs(data signedData) error {
	return members(data.CRLs.Bytes, maxRevocations, func(raw asn1.RawValue) error {
		if raw.Class == asn1.ClassUniversal {
			c.CRLs = append(c.CRLs, raw.FullBytes)
		}
		return nil
	})
}

// members visits the values of a SET or SEQUENCE, at most limit of them.
func members(content []byte, limit int, visit func(asn1.RawValue) error) error {
	for n := 0; len(content) > 0; n++ {
		if n == limit {
			return fmt.Errorf("more than %d values in a list", limit)
		}
		var raw asn1.RawValue
		var err error
		if content, err = asn1.Unmarshal(content, &raw); err != nil {
			return err
		}
		if err := visit(raw); err != nil {
			return err
		}
	}
	return nil
}

func (c *Container) readSigner(data signedData) error {
	record := data.Signers[0]
	var err error
	if c.Signer, err = c.find(record.ID); err != nil {
		return err
	}
	if c.Hash, err = hashOf(record.Digest.Algorithm); err != nil {
		return err
	}
	if c.method, err = methodOf(record.Algorithm, c.Hash); err != nil {
		return err
	}
	c.Value = record.Value
	return c.readSigned(record.Attributes)
}

// find looks up the certificate that a signer's record points at.
func (c *Container) find(id asn1.RawValue) (*x509.Certificate, error) {
	if id.Class == asn1.ClassContextSpecific && id.Tag == 0 {
		for _, cert := range c.Certificates {
			if len(id.Bytes) > 0 && bytes.Equal(cert.SubjectKeyId, id.Bytes) {
				return cert, nil
			}
		}
		return nil, fmt.Errorf("the signer's certificate with key id %x is missing", id.Bytes)
	}
	var name struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	if _, err := asn1.Unmarshal(id.FullBytes, &name); err != nil {
		return nil, fmt.Errorf("signer's id: %w", err)
	}
	for _, cert := range c.Certificates {
		if bytes.Equal(cert.RawIssuer, name.Issuer.FullBytes) && cert.SerialNumber.Cmp(name.Serial) == 0 {
			return cert, nil
		}
	}
	return nil, fmt.Errorf("the signer's certificate with serial number %x is missing", name.Serial)
}

// CertificatesOf reads a container that carries certificates and no signature, as
// authorities publish their own (RFC 5280, 4.2.2.1).
func CertificatesOf(ber []byte) ([]*x509.Certificate, error) {
	o, err := open(ber)
	if err != nil {
		return nil, fmt.Errorf("parse CMS: %w", err)
	}
	var c Container
	if err := c.readCertificates(o.data); err != nil {
		return nil, fmt.Errorf("parse CMS: %w", err)
	}
	return c.Certificates, nil
}
