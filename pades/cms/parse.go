package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Container is a parsed SignedData with its one signer.
type Container struct {
	Certificates []*x509.Certificate
	Signer       *x509.Certificate
	Hash         crypto.Hash // of the content

	// HasSigningTime tells of the attribute that PAdES forbids (EN 319 142-1, 6.3).
	HasSigningTime bool
	// BoundToCertificate tells that signing-certificate-v2 names Signer.
	BoundToCertificate bool

	digest     []byte
	attributes []byte // DER SET
	value      []byte
	algorithm  pkix.AlgorithmIdentifier
}

// maxCertificates bounds what one container may bring along.
const maxCertificates = 64

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
	ID         issuerAndSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Value      []byte
	Unsigned   asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attributeRecord struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

// Parse reads a container. Zeros after it are the padding of a PDF's /Contents;
// anything else there is refused.
func Parse(der []byte) (*Container, error) {
	var info contentInfo
	rest, err := asn1.Unmarshal(der, &info)
	if err != nil {
		return nil, fmt.Errorf("parse CMS: %w", err)
	}
	if len(bytes.Trim(rest, "\x00")) > 0 || !info.Type.Equal(oidSignedData) {
		return nil, fmt.Errorf("parse CMS: no signed data, or bytes after it")
	}
	var data signedData
	if _, err := asn1.Unmarshal(info.Content.Bytes, &data); err != nil {
		return nil, fmt.Errorf("parse CMS signed data: %w", err)
	}
	if len(data.Signers) != 1 || len(data.Content.Content.Bytes) > 0 || !data.Content.Type.Equal(oidData) {
		return nil, fmt.Errorf("parse CMS: want one signer and detached content")
	}
	return container(data)
}

func container(data signedData) (*Container, error) {
	signer := data.Signers[0]
	c := &Container{value: signer.Value, algorithm: signer.Algorithm}
	var err error
	if c.Certificates, err = x509.ParseCertificates(data.Certificates.Bytes); err != nil {
		return nil, fmt.Errorf("parse CMS certificates: %w", err)
	}
	if len(c.Certificates) > maxCertificates {
		return nil, fmt.Errorf("parse CMS: %d certificates", len(c.Certificates))
	}
	for _, cert := range c.Certificates {
		if bytes.Equal(cert.RawIssuer, signer.ID.Issuer.FullBytes) && cert.SerialNumber.Cmp(signer.ID.Serial) == 0 {
			c.Signer = cert
		}
	}
	if c.Signer == nil {
		return nil, fmt.Errorf("parse CMS: the signer's certificate is missing")
	}
	if c.Hash, err = hashOf(signer.Digest.Algorithm); err != nil {
		return nil, err
	}
	return c, c.readAttributes(signer.Attributes)
}

// readAttributes insists on each of the attributes a baseline signature signs.
func (c *Container) readAttributes(raw asn1.RawValue) error {
	if len(raw.FullBytes) == 0 {
		return fmt.Errorf("parse CMS: no signed attributes")
	}
	c.attributes = append([]byte{0x31}, raw.FullBytes[1:]...)
	seen := map[string]bool{}
	for rest := raw.Bytes; len(rest) > 0; {
		var a attributeRecord
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return fmt.Errorf("parse CMS attributes: %w", err)
		}
		if seen[a.Type.String()] {
			return fmt.Errorf("parse CMS: attribute %v twice", a.Type)
		}
		seen[a.Type.String()] = true
		if err := c.readAttribute(a); err != nil {
			return fmt.Errorf("parse CMS attribute %v: %w", a.Type, err)
		}
	}
	if !seen[oidContentType.String()] || len(c.digest) == 0 {
		return fmt.Errorf("parse CMS: content-type or message-digest is missing")
	}
	return nil
}

func (c *Container) readAttribute(a attributeRecord) error {
	switch {
	case a.Type.Equal(oidContentType):
		var kind asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(a.Values.Bytes, &kind); err != nil || !kind.Equal(oidData) {
			return fmt.Errorf("want id-data, found %v (%v)", kind, err)
		}
	case a.Type.Equal(oidMessageDigest):
		rest, err := asn1.Unmarshal(a.Values.Bytes, &c.digest)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("want one value (%v)", err)
		}
	case a.Type.Equal(oidSigningTime):
		c.HasSigningTime = true
	case a.Type.Equal(oidSigningCertificateV2):
		return c.readSigningCertificate(a.Values.Bytes)
	}
	return nil
}

type essCertID struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

// readSigningCertificate compares the first certificate named, which must be
// the signer's (RFC 5035, 4).
func (c *Container) readSigningCertificate(raw []byte) error {
	var attribute struct {
		IDs      []essCertID
		Policies asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(raw, &attribute); err != nil {
		return err
	}
	if len(attribute.IDs) == 0 {
		return fmt.Errorf("names no certificate")
	}
	hash := crypto.SHA256
	if oid := attribute.IDs[0].Algorithm.Algorithm; len(oid) > 0 {
		var err error
		if hash, err = hashOf(oid); err != nil {
			return err
		}
	}
	h := hash.New()
	h.Write(c.Signer.Raw)
	c.BoundToCertificate = bytes.Equal(h.Sum(nil), attribute.IDs[0].Hash)
	return nil
}
