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
	"golang.org/x/crypto/ocsp"
)

// maxOCSP is the largest OCSP response that is read, in bytes.
const maxOCSP = 256 << 10

var oidArchiveCutoff = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6} // RFC 6960, 4.4.4

// readOCSP tells what a response says of a certificate at a time. A response for
// another certificate is not about it; one for this that does not hold is an error.
func (c court) readOCSP(der []byte, cert, issuer *x509.Certificate, at time.Time, depth int) (r Revocation, about bool, err error) {
	if len(der) > maxOCSP {
		return r, false, nil
	}
	if !mentions(der, cert) {
		return r, false, nil
	}
	if err := c.bench.spend(len(der)); err != nil {
		return r, true, err
	}
	response, err := ocsp.ParseResponseForCert(der, cert, nil)
	if err != nil {
		return r, false, nil // for another certificate, or nothing that can be read
	}
	if !names(response, cert, issuer) {
		return r, false, nil
	}
	responder, err := c.authorised(response, issuer, depth)
	if err != nil {
		return r, true, fmt.Errorf("check OCSP response of %s: %w", response.ProducedAt.Format(time.RFC3339), err)
	}
	s := statement{from: "ocsp", issued: response.ThisUpdate, next: response.NextUpdate}
	switch response.Status {
	case ocsp.Good:
	case ocsp.Revoked:
		s.revoked, s.revokedAt, s.reason = true, response.RevokedAt, response.RevocationReason
	default:
		return r, true, fmt.Errorf("check OCSP response of %s: the responder does not know the certificate", response.ProducedAt.Format(time.RFC3339))
	}
	s.remembers = archiveCutoff(response)
	r = s.about(cert, at)
	r.Responder = responder
	return r, true, nil
}

// mentions sorts out what cannot be about the certificate, without a signature
// being checked: its serial number must be somewhere.
func mentions(der []byte, cert *x509.Certificate) bool {
	return bytes.Contains(der, cert.SerialNumber.Bytes())
}

func archiveCutoff(response *ocsp.Response) (since time.Time) {
	for _, e := range response.Extensions {
		if e.Id.Equal(oidArchiveCutoff) {
			if _, err := asn1.UnmarshalWithParams(e.Value, &since, "generalized"); err != nil {
				return time.Time{}
			}
		}
	}
	return since
}

// authorised finds who signed the response and whether the issuer let them: the
// issuer itself, or a certificate for OCSP signing directly below it, valid and
// not revoked when it answered (RFC 6960, 4.2.2.2).
func (c court) authorised(response *ocsp.Response, issuer *x509.Certificate, depth int) (*x509.Certificate, error) {
	if weak(response.SignatureAlgorithm) {
		return nil, fmt.Errorf("it is signed with %v", response.SignatureAlgorithm)
	}
	responder := c.responder(response, issuer)
	if responder == nil {
		return nil, fmt.Errorf("its responder's certificate is missing")
	}
	if at := response.ProducedAt; at.Before(responder.NotBefore) || at.After(responder.NotAfter) {
		return nil, fmt.Errorf("its responder %q was not valid then", responder.Subject.CommonName)
	}
	if bytes.Equal(responder.RawSubject, issuer.RawSubject) && bytes.Equal(responder.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo) {
		return responder, nil
	}
	if !forOCSP(responder) {
		return nil, fmt.Errorf("%q may not answer for the issuer", responder.Subject.CommonName)
	}
	if err := responder.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("follow its responder %q to the issuer: %w", responder.Subject.CommonName, err)
	}
	if depth == maxResponders {
		return nil, fmt.Errorf("responders vouch for one another")
	}
	if r := c.revocation(responder, issuer, response.ProducedAt, depth+1); r.Status != Good && r.Status != NotNeeded {
		return nil, fmt.Errorf("its responder %q is %s (%s)", responder.Subject.CommonName, r.Status, r.Reason)
	}
	return responder, nil
}

// responder is whose key made the signature: the certificate inside, which the
// parser has checked, the issuer, or one of the candidates.
func (c court) responder(response *ocsp.Response, issuer *x509.Certificate) *x509.Certificate {
	if response.Certificate != nil {
		return response.Certificate
	}
	if response.CheckSignatureFrom(issuer) == nil {
		return issuer
	}
	for _, candidate := range c.candidates {
		if forOCSP(candidate) && bytes.Equal(candidate.RawIssuer, issuer.RawSubject) && response.CheckSignatureFrom(candidate) == nil {
			return candidate
		}
	}
	return nil
}

func forOCSP(c *x509.Certificate) bool {
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
}

// weak tells of the algorithms that the library still takes in responses.
func weak(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA, x509.UnknownSignatureAlgorithm:
		return true
	}
	return false
}

// names tells whether a response is about this issuer's certificate: the parser
// compares serial numbers alone, and two authorities may use the same.
func names(response *ocsp.Response, cert, issuer *x509.Certificate) bool {
	h := response.IssuerHash.New()
	h.Write(issuer.RawSubject)
	name := h.Sum(nil)
	h.Reset()
	h.Write(publicKey(issuer))
	key := h.Sum(nil)
	found := false
	eachAnswer(response.TBSResponseData, func(nameHash, keyHash, serial []byte) {
		found = found || bytes.Equal(nameHash, name) && bytes.Equal(keyHash, key) && bytes.Equal(serial, cert.SerialNumber.Bytes())
	})
	return found
}

// publicKey is the content of the subjectPublicKey bit string, which is what
// issuerKeyHash is of (RFC 6960, 4.1.1).
func publicKey(c *x509.Certificate) []byte {
	s := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var info cryptobyte.String
	var key asn1.BitString
	if !s.ReadASN1(&info, cbasn1.SEQUENCE) || !info.SkipASN1(cbasn1.SEQUENCE) || !info.ReadASN1BitString(&key) {
		return nil
	}
	return key.Bytes
}

// eachAnswer visits the CertIDs of a ResponseData (RFC 6960, 4.2.1).
func eachAnswer(der []byte, visit func(nameHash, keyHash, serial []byte)) {
	s := cryptobyte.String(der)
	var data, answers, responder cryptobyte.String
	var tag cbasn1.Tag
	ok := s.ReadASN1(&data, cbasn1.SEQUENCE) && data.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) &&
		data.ReadAnyASN1(&responder, &tag) && data.SkipASN1(cbasn1.GeneralizedTime) && data.ReadASN1(&answers, cbasn1.SEQUENCE)
	for ok && !answers.Empty() {
		var answer, id, name, key, serial cryptobyte.String
		ok = answers.ReadASN1(&answer, cbasn1.SEQUENCE) && answer.ReadASN1(&id, cbasn1.SEQUENCE) && id.SkipASN1(cbasn1.SEQUENCE) &&
			id.ReadASN1(&name, cbasn1.OCTET_STRING) && id.ReadASN1(&key, cbasn1.OCTET_STRING) && id.ReadASN1(&serial, cbasn1.INTEGER)
		if ok {
			visit(name, key, bytes.TrimLeft(serial, "\x00"))
		}
	}
}
