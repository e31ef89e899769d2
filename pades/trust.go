package pades

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"chancery/pades/pdf"
)

// trust checks what a baseline signature promises and follows the chain, at the
// time of signing: a signer's certificate lives for a day.
func (v *verification) trust(c *checked) {
	if c.container == nil {
		return
	}
	r := &c.report
	if name, _ := c.signature["SubFilter"].(pdf.Name); name != subFilter {
		r.find("not_pades", "The signature is not of the kind PAdES asks for.")
	}
	if !c.container.BoundToCertificate {
		r.find("certificate_not_bound", "The signature does not say which certificate it was made with.")
	}
	if c.container.HasSigningTime {
		r.find("signing_time_twice", "The signature holds a second time of signing, which PAdES forbids.")
	}
	if r.SignedAt.IsZero() || r.SignedAt.After(v.options.Now) {
		r.find("time", "The signature has no time, or one in the future.")
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range v.options.Roots {
		roots.AddCert(root)
	}
	for _, cert := range c.container.Certificates {
		between.AddCert(cert)
	}
	_, err := c.container.Signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: r.SignedAt, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if r.Trusted = err == nil; !r.Trusted {
		r.find("untrusted", "The signer's certificate does not lead to an authority that is trusted here.")
	}
	if usage := c.container.Signer.KeyUsage; usage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		r.find("key_usage", "The signer's certificate is not meant for signatures.")
	}
}

// describe takes what the signature dictionary says of itself.
func (r *SignatureReport) describe(d pdf.Dict) {
	if m, ok := d["M"].(pdf.String); ok {
		r.SignedAt = date(string(m))
	}
	if reason, ok := d["Reason"].(pdf.String); ok {
		r.Reason = text(reason)
	}
}

func (r *SignatureReport) identify(c *x509.Certificate) {
	r.Name, r.SerialNumber = c.Subject.CommonName, c.Subject.SerialNumber
	if len(c.EmailAddresses) > 0 {
		r.Email = c.EmailAddresses[0]
		return
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidSubjectAltName) {
			r.Email = utf8Mailbox(e.Value)
		}
	}
}

var (
	oidSubjectAltName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidSmtpUTF8Mailbox = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 9} // RFC 9598
)

// utf8Mailbox finds an internationalised address among the alternative names.
func utf8Mailbox(der []byte) string {
	context0 := cbasn1.Tag(0).ContextSpecific().Constructed()
	s := cryptobyte.String(der)
	var names, name, value, address cryptobyte.String
	if !s.ReadASN1(&names, cbasn1.SEQUENCE) {
		return ""
	}
	for !names.Empty() {
		var tag cbasn1.Tag
		var oid asn1.ObjectIdentifier
		if !names.ReadAnyASN1(&name, &tag) {
			return ""
		}
		if tag == context0 && name.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidSmtpUTF8Mailbox) &&
			name.ReadASN1(&value, context0) && value.ReadASN1(&address, cbasn1.UTF8String) {
			return string(address)
		}
	}
	return ""
}

// date reads a PDF date (ISO 32000-2, 7.9.4); one that is none is the zero time.
func date(s string) time.Time {
	s = strings.NewReplacer("D:", "", "'", "").Replace(s)
	for _, layout := range []string{"20060102150405Z0700", "20060102150405", "20060102150405Z0000"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// text reads a text string: UTF-16 or UTF-8 by its mark, else as Latin-1, which
// PDFDocEncoding is for the letters of Western languages.
func text(s pdf.String) string {
	switch {
	case len(s) >= 2 && s[0] == 0xFE && s[1] == 0xFF:
		units := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(units))
	case len(s) >= 3 && string(s[:3]) == "\xEF\xBB\xBF":
		return strings.ToValidUTF8(string(s[3:]), "")
	}
	runes := make([]rune, len(s))
	for i, b := range s {
		runes[i] = rune(b)
	}
	return string(runes)
}
