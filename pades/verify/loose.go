package verify

import (
	"bytes"
	"crypto/x509"
	"slices"

	"chancery/pades/tsp"
)

// loose finds what was changed inside the newest signature's container where no
// signature looks; what stands in older ones is covered by the newest. A strict
// reading allows nothing of the kind. The certificates that a container brings
// along are covered by their issuers' signatures alone.
func (b *bench) loose(s *signature) {
	if !b.options.Strict || s != b.newest || s.container == nil && s.token == nil {
		return
	}
	err := s.looseEnds()
	enclosed := slices.Clone(s.certificates)
	if s.container != nil {
		for _, der := range s.container.Timestamps {
			if token, err := tsp.Parse(der); err == nil {
				enclosed = append(enclosed, token.Certificates...)
			}
		}
	}
	known := slices.Concat(enclosed, b.final.certificates, b.options.Roots)
	if err != nil || s.weakStamp || slices.ContainsFunc(enclosed, func(c *x509.Certificate) bool { return forged(c, known) }) {
		s.report.find("container_changed", "The signature's container was changed where no signature covers it.")
	}
}

func (s *signature) looseEnds() error {
	if s.token != nil {
		return s.token.Loose()
	}
	return s.container.Loose()
}

// forged tells of a certificate that none of those who have its issuer's name
// signed. Where the issuer is not known, it is forged if it is the twin of a
// certificate that is known, with the same key and serial number.
func forged(c *x509.Certificate, known []*x509.Certificate) bool {
	named, twin := false, false
	for _, k := range known {
		if bytes.Equal(k.RawSubject, c.RawIssuer) {
			if k.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil {
				return false
			}
			named = true
		}
		twin = twin || !k.Equal(c) && k.SerialNumber.Cmp(c.SerialNumber) == 0 && bytes.Equal(k.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
	}
	return named || twin
}
