package cms

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Loose tells of a part of the container that no signature covers and that says
// something else than it must, so that somebody may have changed it unseen:
// encoding, versions, algorithms named twice, additions. The containers of this
// package have no such part, nor have those of most others. Certificates are a
// question of their own, which their issuers' signatures answer.
func (c *Container) Loose() error {
	if c.loose != nil {
		return c.loose
	}
	for _, der := range c.Timestamps {
		token, err := Parse(der)
		if err != nil {
			return fmt.Errorf("a time-stamp that cannot be read: %w", err)
		}
		if err := token.Loose(); err != nil {
			return fmt.Errorf("in a time-stamp: %w", err)
		}
	}
	return nil
}

// findLoose compares what is said with what must be said.
func (o opened) findLoose(ber []byte) error {
	record := o.data.Signers[0]
	byKey := record.ID.Class == asn1.ClassContextSpecific
	version, signerVersion := 1, 1
	if byKey {
		signerVersion = 3
	}
	if byKey || !o.data.Content.Type.Equal(OIDData) {
		version = 3
	}
	switch {
	case o.behind > 0 || !bytes.HasPrefix(ber, o.der):
		return fmt.Errorf("it is not DER, or bytes follow")
	case o.data.Version != version || record.Version != signerVersion:
		return fmt.Errorf("it has versions %d and %d", o.data.Version, record.Version)
	case len(o.data.Digests) != 1 || !o.data.Digests[0].Algorithm.Equal(record.Digest.Algorithm):
		return fmt.Errorf("it announces another digest than it has")
	case !plain(o.data.Digests[0]) || !plain(record.Digest):
		return fmt.Errorf("a digest has parameters")
	case record.Algorithm.Algorithm.String() != oidPSS && !plain(record.Algorithm):
		return fmt.Errorf("its signature algorithm has parameters")
	case len(o.data.CRLs.FullBytes) > 0:
		return fmt.Errorf("it brings revocation lists along")
	}
	if err := onlyTimestamps(record.Unsigned); err != nil {
		return err
	}
	return o.shape()
}

// plain algorithms have no parameters, or NULL.
func plain(a pkix.AlgorithmIdentifier) bool {
	return len(a.Parameters.FullBytes) == 0 || bytes.Equal(a.Parameters.FullBytes, asn1.NullBytes)
}

func onlyTimestamps(unsigned asn1.RawValue) error {
	return members(unsigned.Bytes, maxAttributes, func(raw asn1.RawValue) error {
		var a attributeRecord
		if _, err := asn1.Unmarshal(raw.FullBytes, &a); err != nil || !a.Type.Equal(oidTimestampToken) {
			return fmt.Errorf("it has an unsigned attribute of type %v (%v)", a.Type, err)
		}
		return nil
	})
}

// shape insists on the members that each sequence has, and no more: the decoder
// passes over additions at the end.
func (o opened) shape() error {
	s := cryptobyte.String(o.der)
	var info, wrapped, data, signers, record cryptobyte.String
	ok := s.ReadASN1(&info, cbasn1.SEQUENCE) && info.SkipASN1(cbasn1.OBJECT_IDENTIFIER) &&
		info.ReadASN1(&wrapped, context0) && info.Empty() && wrapped.ReadASN1(&data, cbasn1.SEQUENCE) && wrapped.Empty() &&
		data.SkipASN1(cbasn1.INTEGER) && data.SkipASN1(cbasn1.SET) && data.SkipASN1(cbasn1.SEQUENCE) &&
		data.SkipOptionalASN1(context0) && data.ReadASN1(&signers, cbasn1.SET) && data.Empty() &&
		signers.ReadASN1(&record, cbasn1.SEQUENCE) && signers.Empty()
	var id cryptobyte.String
	var tag cbasn1.Tag
	ok = ok && record.SkipASN1(cbasn1.INTEGER) && record.ReadAnyASN1(&id, &tag) && record.SkipASN1(cbasn1.SEQUENCE) &&
		record.SkipOptionalASN1(context0) && record.SkipASN1(cbasn1.SEQUENCE) && record.SkipASN1(cbasn1.OCTET_STRING) &&
		record.SkipOptionalASN1(context1) && record.Empty()
	if !ok {
		return fmt.Errorf("it has more members than a container has")
	}
	return nil
}
