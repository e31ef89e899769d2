package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// nameLimit is the upper bound of a common or organisation name in characters
// (RFC 5280, appendix A.1, ub-common-name).
const nameLimit = 64

// The two extensions say there is no revocation data to look for: the
// certificate is over before anyone could revoke it.
var (
	oidValidityAssured = asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1} // EN 319 412-1, 5.2
	oidNoRevAvail      = asn1.ObjectIdentifier{2, 5, 29, 56}          // RFC 9608
	oidSubjectAltName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidSmtpUTF8Mailbox = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 9}  // RFC 9598
	oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36} // RFC 9336
)

func caTemplate(options Options, role string, now time.Time, years, below int) *x509.Certificate {
	return &x509.Certificate{
		Subject:               subject(options, clip(clean(options.Organisation), nameLimit-len(role)-1)+" "+role),
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.AddDate(years, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLen:            below,
		MaxPathLenZero:        below == 0,
	}
}

func organTemplate(options Options, role string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:            subject(options, clip(clean(options.Organisation), nameLimit-len(role)-1)+" "+role),
		NotBefore:          now.Add(-backdated),
		NotAfter:           now.AddDate(organYears, 0, 0),
		KeyUsage:           x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage:        []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidDocumentSigning},
	}
}

func personTemplate(p Person, now time.Time) *x509.Certificate {
	t := &x509.Certificate{
		Subject:   pkix.Name{CommonName: p.commonName(), SerialNumber: clip(clean(p.ID), nameLimit)},
		NotBefore: now.Add(-backdated),
		NotAfter:  now.Add(signerLife),
		KeyUsage:  x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		// NSS asks for email protection before it accepts a document signature.
		ExtKeyUsage:        []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidDocumentSigning},
		ExtraExtensions: []pkix.Extension{
			{Id: oidValidityAssured, Value: asn1.NullBytes},
			{Id: oidNoRevAvail, Value: asn1.NullBytes},
		},
	}
	address := clean(p.Email)
	switch {
	case address == "":
	case ascii(address):
		t.EmailAddresses = []string{address}
	default:
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidSubjectAltName, Value: utf8Mailbox(address)})
	}
	return t
}

// utf8Mailbox is a subjectAltName for an address that does not fit the ASCII
// of an rfc822Name (RFC 9598, 3).
func utf8Mailbox(address string) []byte {
	var b cryptobyte.Builder
	context0 := cbasn1.Tag(0).ContextSpecific().Constructed()
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidSmtpUTF8Mailbox)
			b.AddASN1(context0, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(address)) })
			})
		})
	})
	return b.BytesOrPanic() // only fixed tags and our own bytes: nothing can fail
}

// clean drops what has no place in a certificate name: bytes that are no UTF-8,
// control characters, and spaces around.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}

func clip(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most]))
	}
	return s
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
