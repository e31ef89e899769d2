package cms

import (
	"bytes"
	"crypto/x509"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ParseCertificate reads a certificate in DER, also one with a negative serial
// number. RFC 5280, 4.1.2.2 forbids those and crypto/x509 refuses them, but
// signatures made with them are old, many and valid. Its SerialNumber is negative
// then.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	c, err := x509.ParseCertificate(der)
	if err == nil {
		return c, nil
	}
	twin, serial := positiveTwin(der)
	if twin == nil {
		return nil, err
	}
	// The twin lends every part but the serial number and the signed bytes, so a
	// signature is checked over what was really signed.
	if c, twinErr := x509.ParseCertificate(twin); twinErr == nil {
		offset := bytes.Index(twin, c.RawTBSCertificate)
		c.Raw = bytes.Clone(der)
		c.RawTBSCertificate = c.Raw[offset : offset+len(c.RawTBSCertificate)]
		c.SerialNumber = serial
		return c, nil
	}
	return nil, err
}

// positiveTwin is a copy whose serial number is positive and as long; nil when it
// was so before.
func positiveTwin(der []byte) ([]byte, *big.Int) {
	twin := bytes.Clone(der)
	s := cryptobyte.String(twin)
	var certificate, tbs, serial cryptobyte.String
	ok := s.ReadASN1(&certificate, cbasn1.SEQUENCE) && certificate.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(context0) && tbs.ReadASN1(&serial, cbasn1.INTEGER)
	if !ok || len(serial) == 0 || serial[0]&0x80 == 0 {
		return nil, nil
	}
	negative := new(big.Int).SetBytes(serial)
	negative.Sub(negative, new(big.Int).Lsh(big.NewInt(1), uint(8*len(serial)))) // two's complement
	serial[0] = 0x7F                                                             // serial shares the copy's bytes
	return twin, negative
}
