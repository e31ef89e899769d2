package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/net/idna"
)

// nameLimit is the upper bound of a common or organisation name in characters
// (RFC 5280, appendix A.1, ub-common-name). A longer name is cut in the
// certificate and whole in the evidence.
const nameLimit = 64

// subject names the organisation (EN 319 412-3, 4.2.1).
func subject(o Options, name string) pkix.Name {
	s := pkix.Name{CommonName: name, Organization: []string{clip(clean(o.Organisation), nameLimit)}}
	if o.Country != "" {
		s.Country = []string{o.Country}
	}
	if id := clip(clean(o.OrganisationID), nameLimit); id != "" {
		s.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidOrganisationID, Value: id}}
	}
	return s
}

// titled is the organisation's name with what a certificate is for behind it.
func titled(o Options, title string) pkix.Name {
	return subject(o, clip(clean(o.Organisation), nameLimit-len(title)-1)+" "+title)
}

func country(s string) bool {
	return len(s) == 2 && s == strings.ToUpper(s) && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// setAddress puts an email address into the subjectAltName. A domain goes in as
// A-labels; only a local part outside ASCII needs the newer form (RFC 9598, 3).
func setAddress(t *x509.Certificate, address string) {
	local, domain := address, ""
	if at := strings.LastIndex(address, "@"); at >= 0 {
		local, domain = address[:at], address[at:]
		if label, err := idna.Lookup.ToASCII(domain[1:]); err == nil {
			domain = "@" + label
		}
	}
	switch address = local + domain; {
	case address == "":
	case ascii(address):
		t.EmailAddresses = []string{address}
	default:
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidSubjectAltName, Value: utf8Mailbox(address)})
	}
}

// utf8Mailbox is a subjectAltName for an address that does not fit the ASCII of an
// rfc822Name.
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

// printable is an id in the letters of a PrintableString, which a serial number has
// to be (X.520, 6.2.9): an underscore becomes a hyphen.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_':
			return '-'
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" '()+,-./:=?", r):
			return r
		}
		return -1
	}, s)
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

var (
	oidOrganisationID  = asn1.ObjectIdentifier{2, 5, 4, 97} // X.520, 6.4.4
	oidSmtpUTF8Mailbox = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 8, 9}
)
