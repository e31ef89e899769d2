package mail

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"chancery/problem"
)

var letterID = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

const (
	maxIDBytes    = 200 // keeps the Message-ID within one line
	maxEmailBytes = 254 // RFC 5321 §4.5.3.1, as corrected by erratum 1690
)

// checked returns the letter fit for headers, or the problem that forbids it. It
// runs before anything is signed: a DKIM signature would vouch for an injected
// header as well as for ours.
func (l Letter) checked() (Letter, error) {
	for _, line := range []struct{ field, text string }{
		{"to.name", l.To.Name}, {"sender.name", l.Sender.Name},
		{"sender.organisation", l.Sender.Organisation},
		{"title", l.Title}, {"who", l.Who}, {"link", l.Link},
		{"returned.email", l.Returned.Email}, {"returned.why", l.Returned.Why},
	} {
		if err := oneLine(line.field, line.text); err != nil {
			return l, err
		}
	}
	if err := l.complete(); err != nil {
		return l, err
	}
	var err error
	if l.To.Email, err = mailbox(l.To.Email); err != nil {
		return l, err
	}
	if l.Sender.Email != "" {
		if l.Sender.Email, err = mailbox(l.Sender.Email); err != nil {
			return l, err
		}
	}
	l.Title = single(l.Title)
	l.Note, l.Reason = paragraphs(l.Note), paragraphs(l.Reason)
	return l, nil
}

// complete tells what a letter lacks to make sense.
func (l Letter) complete() error {
	asks := l.Kind == Invitation || l.Kind == Reminder || l.Kind == Delegated
	link, err := url.Parse(l.Link)
	switch {
	case !letterID.MatchString(l.ID) || len(l.ID) > maxIDBytes:
		return incomplete("id", "A letter needs an id of letters, digits and the signs . _ -")
	case !known(l.Kind):
		return incomplete("kind", fmt.Sprintf("There is no letter of the kind %q.", string(l.Kind)))
	case l.Date.IsZero():
		return incomplete("date", "A letter needs a date.")
	case strings.TrimSpace(l.Title) == "" || l.By() == "":
		return incomplete("title", "A letter needs a title and a sender.")
	case asks && l.Action != Sign && l.Action != Approve && l.Action != Witness && l.Action != View:
		return incomplete("action", "A letter that asks for something must say for what.")
	case asks && l.Link == "":
		return incomplete("link", "A letter that asks for something needs a link.")
	case l.Link != "" && (err != nil || link.Host == "" || link.Scheme != "https" && link.Scheme != "http"):
		return incomplete("link", "The link of a letter must be a complete web address.")
	}
	return nil
}

func incomplete(field, sentence string) error {
	return problem.Invalid("mail_letter_invalid", sentence).At("%s", field)
}

// oneLine refuses what could end a header, or make a reader see another order of
// characters than the one we sign.
func oneLine(field, text string) error {
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || reorders(r) || r == unicode.ReplacementChar {
			return problem.Invalid("mail_control_character",
				"A name or title may not contain line breaks or other control characters.").At("%s", field)
		}
	}
	return nil
}

// reorders finds the embeddings and overrides of UAX #9. The two marks U+200E and
// U+200F stay: names in Arabic and Hebrew need them.
func reorders(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// mailbox returns an address as the wire wants it, with the domain in its ASCII
// form. Local parts outside ASCII would need SMTPUTF8 on every server of the
// journey, so they are refused where somebody can still mend them.
func mailbox(email string) (string, error) {
	wrong := problem.Invalid("mail_address_invalid", "This is not an email address that mail can be sent to.")
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || oneLine("email", email) != nil {
		return "", wrong.Because(err)
	}
	at := strings.LastIndexByte(email, '@')
	domain, err := idna.Lookup.ToASCII(email[at+1:])
	if err != nil {
		return "", wrong.Because(err)
	}
	email = email[:at+1] + domain
	for _, r := range email {
		if r >= unicode.MaxASCII || r == ' ' {
			return "", wrong
		}
	}
	if len(email) > maxEmailBytes {
		return "", wrong
	}
	return email, nil
}

// single makes runs of white space one space.
func single(text string) string { return strings.Join(strings.Fields(text), " ") }

// headerText makes text safe for readers that decode more than they should: an
// encoded word (RFC 2047) that somebody typed must stay what they typed.
func headerText(text string) string {
	return strings.ReplaceAll(single(text), "=?", "= ?")
}

// paragraphs keeps line breaks and drops the other control characters that word
// processors leave in pasted text.
func paragraphs(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || reorders(r)) {
			return -1
		}
		return r
	}, text))
}
