package cms

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"time"
)

type attributeRecord struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

// maxAttributes of one kind, signed or not.
const maxAttributes = 64

// readSigned takes the signed attributes. Without any, the value covers the
// content itself, which RFC 5652 allows for plain data only.
func (c *Container) readSigned(raw asn1.RawValue) error {
	if len(raw.FullBytes) == 0 {
		if !c.Type.Equal(OIDData) {
			return fmt.Errorf("no signed attributes over content of type %v", c.Type)
		}
		return nil
	}
	c.attributes = append([]byte{0x31}, raw.FullBytes[1:]...)
	seen := map[string]bool{}
	err := members(raw.Bytes, maxAttributes, func(raw asn1.RawValue) error {
		var a attributeRecord
		if _, err := asn1.Unmarshal(raw.FullBytes, &a); err != nil {
			return fmt.Errorf("signed attribute: %w", err)
		}
		if seen[a.Type.String()] {
			return fmt.Errorf("attribute %v twice", a.Type)
		}
		seen[a.Type.String()] = true
		if err := c.readAttribute(a); err != nil {
			return fmt.Errorf("attribute %v: %w", a.Type, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !seen[oidContentType.String()] || len(c.digest) == 0 {
		return fmt.Errorf("content-type or message-digest is missing")
	}
	named := seen[oidSigningCertificate.String()] || seen[oidSigningCertificateV2.String()]
	c.BoundToCertificate = named && !c.namesAnother
	return nil
}

func (c *Container) readAttribute(a attributeRecord) error {
	switch {
	case a.Type.Equal(oidContentType):
		var kind asn1.ObjectIdentifier
		if err := single(a, &kind); err != nil || !kind.Equal(c.Type) {
			return fmt.Errorf("want %v, found %v (%v)", c.Type, kind, err)
		}
	case a.Type.Equal(oidMessageDigest):
		return single(a, &c.digest)
	case a.Type.Equal(oidSigningTime):
		c.HasSigningTime = true
		return c.readSigningTime(a)
	case a.Type.Equal(oidSigningCertificate):
		return c.readSigningCertificate(a, crypto.SHA1)
	case a.Type.Equal(oidSigningCertificateV2):
		return c.readSigningCertificate(a, crypto.SHA256)
	case a.Type.Equal(oidRevocationArchival):
		return c.readArchival(a)
	}
	return nil
}

// single reads the one value of an attribute.
func single(a attributeRecord, into any) error {
	rest, err := asn1.Unmarshal(a.Values.Bytes, into)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("more than one value")
	}
	return nil
}

// readSigningTime is lenient about how a foreign signer writes a time that is
// only a claim; one that is no time at all stays zero.
func (c *Container) readSigningTime(a attributeRecord) error {
	var at asn1.RawValue
	if err := single(a, &at); err != nil {
		return err
	}
	var t time.Time
	if _, err := asn1.Unmarshal(at.FullBytes, &t); err == nil {
		c.SigningTime = t.UTC()
	}
	return nil
}

type essCertID struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

// readSigningCertificate compares the first certificate named, which must be
// the signer's (RFC 2634, 5.4; RFC 5035, 4). Version 1 knows no hash but SHA-1.
func (c *Container) readSigningCertificate(a attributeRecord, hash crypto.Hash) error {
	var attribute struct {
		IDs      []essCertID
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := single(a, &attribute); err != nil {
		return err
	}
	if len(attribute.IDs) == 0 {
		return fmt.Errorf("names no certificate")
	}
	if oid := attribute.IDs[0].Algorithm.Algorithm; len(oid) > 0 {
		var err error
		if hash, err = hashOf(oid); err != nil {
			return err
		}
	}
	h := hash.New()
	h.Write(c.Signer.Raw)
	if !bytes.Equal(h.Sum(nil), attribute.IDs[0].Hash) {
		c.namesAnother = true
	}
	return nil
}

// readArchival takes the revocation data that Acrobat puts among the signed
// attributes: RevocationInfoArchival of ISO 32000-2, 12.8.3.3.2.
func (c *Container) readArchival(a attributeRecord) error {
	var archival struct {
		CRLs  []asn1.RawValue `asn1:"explicit,optional,tag:0"`
		OCSPs []asn1.RawValue `asn1:"explicit,optional,tag:1"`
		Other asn1.RawValue   `asn1:"explicit,optional,tag:2"`
	}
	if err := single(a, &archival); err != nil {
		return err
	}
	if len(archival.CRLs)+len(archival.OCSPs) > maxRevocations {
		return fmt.Errorf("more than %d pieces of revocation data", maxRevocations)
	}
	for _, raw := range archival.CRLs {
		c.CRLs = append(c.CRLs, raw.FullBytes)
	}
	for _, raw := range archival.OCSPs {
		c.OCSPs = append(c.OCSPs, raw.FullBytes)
	}
	return nil
}

// readUnsigned collects the signature time-stamps.
func (c *Container) readUnsigned(data signedData) error {
	return members(data.Signers[0].Unsigned.Bytes, maxAttributes, func(raw asn1.RawValue) error {
		var a attributeRecord
		if _, err := asn1.Unmarshal(raw.FullBytes, &a); err != nil {
			return fmt.Errorf("unsigned attribute: %w", err)
		}
		if !a.Type.Equal(oidTimestampToken) {
			return nil
		}
		if a.Values.Class != asn1.ClassUniversal || a.Values.Tag != asn1.TagSet { // the decoder takes any tag
			return fmt.Errorf("time-stamps in no set")
		}
		return members(a.Values.Bytes, maxTimestamps, func(token asn1.RawValue) error {
			c.Timestamps = append(c.Timestamps, token.FullBytes)
			return nil
		})
	})
}
