package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxCRL is the largest CRL that is read, in bytes. The largest that public
// authorities publish for documents are a few megabytes.
const maxCRL = 16 << 20

var (
	oidDeltaCRL       = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidIssuingPoint   = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidExpiredOnCRL   = asn1.ObjectIdentifier{2, 5, 29, 60} // X.509, 9.5.2.8
	oidReasonCode     = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidAuthorityKeyID = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidCRLNumber      = asn1.ObjectIdentifier{2, 5, 29, 20}
)

// readCRL tells what a CRL says of a certificate at a time. A CRL of another
// issuer is not about it; one of this issuer that does not hold is an error.
func (c court) readCRL(der []byte, cert, issuer *x509.Certificate, at time.Time) (r Revocation, about bool, err error) {
	if name, ok := crlIssuer(der); !ok || !bytes.Equal(name, cert.RawIssuer) {
		return r, false, nil
	}
	if len(der) > maxCRL {
		return r, true, fmt.Errorf("read CRL: more than %d bytes", maxCRL)
	}
	crl, err := c.bench.list(der, issuer)
	if err != nil {
		return r, true, err
	}
	s := statement{from: "crl", issued: crl.ThisUpdate, next: crl.NextUpdate}
	if err := checkScope(crl, cert, &s); err != nil {
		return r, true, fmt.Errorf("check CRL of %s: %w", crl.ThisUpdate.Format(time.RFC3339), err)
	}
	if s.issued.Before(issuer.NotBefore) || s.issued.After(issuer.NotAfter) {
		return r, true, fmt.Errorf("check CRL of %s: its issuer was not valid then", crl.ThisUpdate.Format(time.RFC3339))
	}
	if err := s.search(crl, cert); err != nil {
		return r, true, fmt.Errorf("check CRL of %s: %w", crl.ThisUpdate.Format(time.RFC3339), err)
	}
	return s.about(cert, at), true, nil
}

// search looks for the certificate's entry. An entry with a critical extension that
// is unknown spoils the whole list (RFC 5280, 5.3): it may be about another issuer's
// certificate.
func (s *statement) search(crl *x509.RevocationList, cert *x509.Certificate) error {
	for _, entry := range crl.RevokedCertificateEntries {
		for _, e := range entry.Extensions {
			if e.Critical && !e.Id.Equal(oidReasonCode) {
				return fmt.Errorf("critical extension %v of an entry is unknown", e.Id)
			}
		}
		if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			s.revoked, s.revokedAt, s.reason = true, entry.RevocationTime, entry.ReasonCode
		}
	}
	return nil
}

// crlIssuer finds the issuer's name without reading the entries.
func crlIssuer(der []byte) ([]byte, bool) {
	s := cryptobyte.String(der)
	var list, tbs, name cryptobyte.String
	ok := s.ReadASN1(&list, cbasn1.SEQUENCE) && list.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(cbasn1.INTEGER) && tbs.SkipASN1(cbasn1.SEQUENCE) && tbs.ReadASN1Element(&name, cbasn1.SEQUENCE)
	return name, ok
}

// checkScope refuses a CRL that tells only part of the story: a delta, one for
// other kinds of certificates or other reasons, an indirect one, or one with a
// critical extension that says we know not what.
func checkScope(crl *x509.RevocationList, cert *x509.Certificate, s *statement) error {
	for _, e := range crl.Extensions {
		switch {
		case e.Id.Equal(oidDeltaCRL):
			return fmt.Errorf("it lists only what changed")
		case e.Id.Equal(oidIssuingPoint):
			if err := checkIssuingPoint(e.Value, cert); err != nil {
				return err
			}
		case e.Id.Equal(oidExpiredOnCRL):
			var since time.Time
			if _, err := asn1.UnmarshalWithParams(e.Value, &since, "generalized"); err == nil {
				s.remembers = since
			}
		case e.Critical && !e.Id.Equal(oidAuthorityKeyID) && !e.Id.Equal(oidCRLNumber):
			return fmt.Errorf("critical extension %v is unknown", e.Id)
		}
	}
	return nil
}

// issuingPoint is IssuingDistributionPoint of RFC 5280, 5.2.5.
type issuingPoint struct {
	Point      asn1.RawValue  `asn1:"optional,tag:0"`
	OnlyUsers  bool           `asn1:"optional,tag:1"`
	OnlyCAs    bool           `asn1:"optional,tag:2"`
	OnlyReason asn1.BitString `asn1:"optional,tag:3"`
	Indirect   bool           `asn1:"optional,tag:4"`
	OnlyAttrs  bool           `asn1:"optional,tag:5"`
}

func checkIssuingPoint(der []byte, cert *x509.Certificate) error {
	var p issuingPoint
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return fmt.Errorf("its scope cannot be read (%v)", err)
	}
	switch {
	case p.OnlyAttrs || p.OnlyUsers && cert.IsCA || p.OnlyCAs && !cert.IsCA:
		return fmt.Errorf("it is about another kind of certificates")
	case p.Indirect:
		return fmt.Errorf("it speaks for other issuers too, which is not followed here")
	case p.OnlyReason.BitLength > 0:
		return fmt.Errorf("it lists only some reasons")
	}
	return checkPoint(p.Point, cert)
}

// checkPoint wants the part of a divided CRL that the certificate points at. A
// certificate without points leaves only an undivided one.
func checkPoint(point asn1.RawValue, cert *x509.Certificate) error {
	if len(point.FullBytes) == 0 {
		return nil
	}
	var full asn1.RawValue
	if _, err := asn1.Unmarshal(point.Bytes, &full); err != nil {
		return fmt.Errorf("its distribution point cannot be read: %w", err)
	}
	for rest := full.Bytes; full.Tag == 0 && len(rest) > 0; {
		var name asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &name); err != nil {
			return fmt.Errorf("its distribution point cannot be read: %w", err)
		}
		if name.Tag == 6 && slices.Contains(cert.CRLDistributionPoints, string(name.Bytes)) { // a URI
			return nil
		}
	}
	return fmt.Errorf("it is the part for another distribution point")
}
