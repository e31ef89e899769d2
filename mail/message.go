package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"

	gomail "github.com/wneessen/go-mail"
)

// pack puts a page into its wrapper: headers and a multipart/alternative of text
// and HTML, both quoted-printable.
func (s *Stationery) pack(letter Letter, page page) ([]byte, error) {
	m := gomail.NewMsg(
		gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP),
		gomail.WithBoundary(boundary(letter.ID, page)),
		gomail.WithNoDefaultUserAgent(),
	)
	from := s.house.Name
	if by := letter.By(); by != "" {
		from = by + " via " + from
	}
	m.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, address(from, s.house.Email))
	m.SetAddrHeaderFromMailAddress(gomail.HeaderTo, address(letter.To.Name, letter.To.Email))
	if letter.Sender.Email != "" {
		m.SetAddrHeaderFromMailAddress(gomail.HeaderReplyTo, address(letter.Sender.Name, letter.Sender.Email))
	}
	m.Subject(headerText(page.subject))
	m.SetDateWithValue(letter.Date.UTC())
	m.SetMessageIDWithValue(letter.ID + "@" + s.house.Domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: no holiday notices in return
	m.SetBodyString(gomail.TypeTextPlain, page.text)
	m.AddAlternativeString(gomail.TypeTextHTML, page.html)
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return out.Bytes(), nil
}

func address(name, email string) *mail.Address {
	return &mail.Address{Name: headerText(name), Address: email}
}

// boundary depends on all that lies between: nobody can write a note that holds
// its own hash, so no note can end its part.
func boundary(id string, page page) string {
	sum := sha256.New()
	for _, part := range []string{id, page.text, page.html} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return "letter-" + hex.EncodeToString(sum.Sum(nil)[:20])
}
