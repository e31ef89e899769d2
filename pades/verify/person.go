package verify

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"chancery/pades/pdf"
)

// describe takes what the signature dictionary says of itself.
func (s *signature) describe() error {
	s.report.Field, s.report.Revision = s.field.name, s.rev+1
	at, err1 := s.get(s.dict["M"])
	reason, err2 := s.text(s.dict["Reason"])
	if err := firstOf(err1, err2); err != nil {
		return err
	}
	if m, ok := at.(pdf.String); ok {
		s.report.SignedAt = date(string(m))
	}
	s.report.Reason = reason
	return nil
}

// identify takes who signed from the certificate, and from nothing else.
func (s *signature) identify() {
	c, r := s.certificate, &s.report
	r.Name, r.SerialNumber = c.Subject.CommonName, c.Subject.SerialNumber
	if len(c.Subject.Organization) > 0 {
		r.Organisation = c.Subject.Organization[0]
	}
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
