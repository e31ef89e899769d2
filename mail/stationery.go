package mail

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a letter names the same hour on a machine without a zone database
	"unicode"
)

// House is who sends the letters of all envelopes.
type House struct {
	Name   string // how people know this hub, such as "Chancery" or "Example Signatures"
	Email  string // the From of every letter
	Domain string // right side of Message-IDs; empty means the domain of Email
}

// Stationery turns letters into messages.
type Stationery struct{ house House }

// NewStationery checks the house; a wrong name or address is a problem like that
// of a letter.
func NewStationery(house House) (*Stationery, error) {
	email, err := mailbox(house.Email)
	if err != nil {
		return nil, fmt.Errorf("read the address letters come from: %w", err)
	}
	house.Email = email
	if house.Domain == "" {
		house.Domain = email[strings.LastIndexByte(email, '@')+1:]
	}
	if err := oneLine("name", house.Name); err != nil {
		return nil, err
	}
	return &Stationery{house: house}, nil
}

// Render writes a letter as an unsigned message with CRLF line ends. The same
// letter always becomes the same bytes. The problems it can meet are
// mail_control_character, mail_address_invalid and mail_letter_invalid.
func (s *Stationery) Render(letter Letter) ([]byte, error) {
	letter, err := letter.checked()
	if err != nil {
		return nil, fmt.Errorf("check letter %q: %w", letter.ID, err)
	}
	page, err := write(letter, s.house)
	if err != nil {
		return nil, fmt.Errorf("write letter %s: %w", letter.ID, err)
	}
	message, err := s.pack(letter, page)
	if err != nil {
		return nil, fmt.Errorf("pack letter %s: %w", letter.ID, err)
	}
	return message, nil
}

// By names the sender the way a letter does.
func (l Letter) By() string {
	if l.Sender.Organisation == "" {
		return l.Sender.Name
	}
	if l.Sender.Name == "" {
		return l.Sender.Organisation
	}
	return l.Sender.Name + " (" + l.Sender.Organisation + ")"
}

// Until is the deadline in the reader's zone, named so that nobody has to guess.
func (l Letter) Until() string {
	zone, err := time.LoadLocation(l.Zone)
	// Local would be the zone of whichever machine writes the letter.
	if err != nil || l.Zone == "Local" {
		zone = time.UTC
	}
	return l.Deadline.In(zone).Format("Monday, 2 January 2006 at 15:04") + " (" + zone.String() + ")"
}

// Verb is the action in the middle of a sentence.
func (l Letter) Verb() string {
	if l.Action == View {
		return "read"
	}
	return string(l.Action)
}

// maxSubjectTitle is how much of a title a subject shows, in characters: more is
// cut by every mail program, and RFC 5322 §2.1.1 limits a line.
const maxSubjectTitle = 120

// ShortTitle is the title as a subject can bear it.
func (l Letter) ShortTitle() string {
	title := []rune(l.Title)
	if len(title) <= maxSubjectTitle {
		return l.Title
	}
	return strings.TrimRightFunc(string(title[:maxSubjectTitle]), unicode.IsSpace) + "…"
}
