package verify

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/tsp"
)

// SubFilters name the kinds of signatures (ISO 32000-2, 12.8.3; EN 319 142-1, 5.1).
const (
	cadesDetached = "ETSI.CAdES.detached"
	rfc3161       = "ETSI.RFC3161"
	pkcs7Detached = "adbe.pkcs7.detached"
	pkcs7SHA1     = "adbe.pkcs7.sha1"
	rawRSA        = "adbe.x509.rsa_sha1"
)

// unlock parses what is in /Contents, so that it is known which digest is needed.
func (s *signature) unlock() error {
	contents, _ := s.dict["Contents"].(pdf.String)
	name, err := s.name(s.dict["SubFilter"])
	if err != nil {
		return err
	}
	switch name {
	case rfc3161:
		err = s.unlockToken(contents)
	case rawRSA:
		err = s.unlockRaw(contents)
	case pkcs7SHA1:
		if s.container, err = cms.Parse(contents); err == nil {
			s.hash = crypto.SHA1
		}
	default: // whatever it is called, it is a container or nothing
		if s.container, err = cms.Parse(contents); err == nil {
			s.hash = s.container.Hash
		}
	}
	if err != nil {
		s.report.find("cms", "The signature's cryptographic container cannot be read.")
		return nil
	}
	if s.container != nil {
		if s.container.Behind > 0 {
			s.report.find("padding", "Behind the signature's container stand bytes that nobody signed.")
		}
		s.certificate, s.certificates = s.container.Signer, s.container.Certificates
	}
	s.identify()
	return nil
}

// unlockToken opens the time-stamp token of a document timestamp. In a PDF
// nothing but zeros may follow it, either.
func (s *signature) unlockToken(contents []byte) error {
	var err error
	if s.token, err = tsp.Parse(contents); err != nil {
		return err
	}
	s.hash, s.certificate, s.certificates = s.token.Hash, s.token.Certificate, s.token.Certificates
	return nil
}

// unlockRaw reads a bare RSA value, with its certificates in /Cert (ISO 32000-1,
// 12.8.3.2; obsolete).
func (s *signature) unlockRaw(contents []byte) error {
	rest, err := asn1.Unmarshal(contents, &s.value)
	if err != nil || len(bytes.Trim(rest, "\x00")) > 0 {
		return fmt.Errorf("want one octet string (%v)", err)
	}
	cert, err := s.get(s.dict["Cert"])
	if err != nil {
		return err
	}
	list, ok := cert.(pdf.Array)
	if !ok {
		list = pdf.Array{cert}
	}
	for _, o := range list {
		der, _ := o.(pdf.String)
		c, err := cms.ParseCertificate(der)
		if err != nil {
			return err
		}
		s.certificates = append(s.certificates, c)
	}
	if len(s.certificates) == 0 {
		return fmt.Errorf("no certificate")
	}
	s.hash, s.certificate = crypto.SHA1, s.certificates[0]
	return nil
}

// compare holds the signature against the digest of what it covers.
func (s *signature) compare(digest []byte) {
	const changed = "The signed part of the file was changed after it was signed."
	switch {
	case s.token != nil:
		s.compareToken(digest)
	case s.container == nil:
		key, ok := s.certificate.PublicKey.(*rsa.PublicKey)
		if !ok || rsa.VerifyPKCS1v15(key, s.hash, digest, s.value) != nil {
			s.report.find("digest", changed)
		}
	default:
		if !s.contentMatches(digest) {
			s.report.find("digest", changed)
		}
		if err := s.container.Check(); err != nil {
			s.report.find("signature_value", "The signature does not belong to the signer's certificate.")
		}
	}
}

// contentMatches: adbe.pkcs7.sha1 signs the digest as content of its own.
func (s *signature) contentMatches(digest []byte) bool {
	if s.hash == crypto.SHA1 && s.dict["SubFilter"] == pdf.Object(pdf.Name(pkcs7SHA1)) {
		return bytes.Equal(s.container.Content, digest)
	}
	return s.container.Matches(digest)
}

func (s *signature) compareToken(digest []byte) {
	if !bytes.Equal(digest, s.token.Digest) {
		s.report.find("digest", "The part of the file that was timestamped was changed afterwards.")
	} else if err := s.token.Check(digest); err != nil {
		s.report.find("timestamp", "The timestamp does not hold.")
	}
}
