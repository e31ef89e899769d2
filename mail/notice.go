package mail

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	text "text/template"
	"time"
)

// Notice is a letter about somebody's account here: from the house, and about no
// envelope. Kind is the name of its words in templates/notice.
type Notice struct {
	ID   string
	Kind string
	Date time.Time // when it happened, not when it is sent
	To   Address
	Link string    // http or https; may be empty
	Good time.Time // until when the link is

	Who          string // invites
	Organisation string
	Team         string
	Level        string
	Key          string
	Email        string // the new address
	Reason       string // somebody's words; may have several lines or be empty
	Count        int
	From         string // network address
	Device       string // browser, as it names itself
}

// notices are the words of each kind, found by the names of their files.
var notices = noticeWords()

func noticeWords() map[string]*text.Template {
	const folder = "templates/notice"
	files, err := templates.ReadDir(folder)
	if err != nil {
		panic(err) // they are part of the program
	}
	shared := text.Must(text.ParseFS(templates, "templates/notice.tmpl"))
	all := map[string]*text.Template{}
	for _, file := range files {
		own := text.Must(shared.Clone())
		kind := strings.TrimSuffix(file.Name(), ".tmpl")
		all[kind] = text.Must(own.ParseFS(templates, folder+"/"+file.Name()))
	}
	return all
}

// RenderNotice writes a notice as Render writes a letter.
func (s *Stationery) RenderNotice(n Notice) ([]byte, error) {
	n, err := n.checked()
	if err != nil {
		return nil, fmt.Errorf("check notice %q: %w", n.ID, err)
	}
	letter := Letter{ID: n.ID, Date: n.Date, To: n.To, Link: n.Link, Who: cmp.Or(n.Who, s.house.Name), Reason: n.Reason}
	page, err := set(notices[n.Kind], struct {
		Notice
		House string
	}{n, s.house.Name}, sheet{Letter: letter, House: s.house.Name})
	if err != nil {
		return nil, fmt.Errorf("write notice %s: %w", n.ID, err)
	}
	message, err := s.pack(letter, page)
	if err != nil {
		return nil, fmt.Errorf("pack notice %s: %w", n.ID, err)
	}
	return message, nil
}

// checked returns the notice fit for headers, or the problem that forbids it.
func (n Notice) checked() (Notice, error) {
	for _, line := range []struct{ field, text string }{
		{"to.name", n.To.Name}, {"who", n.Who}, {"organisation", n.Organisation}, {"team", n.Team}, {"level", n.Level},
		{"key", n.Key}, {"email", n.Email}, {"link", n.Link}, {"from", n.From},
	} {
		if err := oneLine(line.field, line.text); err != nil {
			return n, err
		}
	}
	link, err := url.Parse(n.Link)
	switch {
	case !letterID.MatchString(n.ID) || len(n.ID) > maxIDBytes:
		return n, incomplete("id", "A letter needs an id of letters, digits and the signs . _ -")
	case notices[n.Kind] == nil:
		return n, incomplete("kind", fmt.Sprintf("There is no notice of the kind %q.", n.Kind))
	case n.Date.IsZero():
		return n, incomplete("date", "A letter needs a date.")
	case n.Link != "" && (err != nil || link.Host == "" || link.Scheme != "https" && link.Scheme != "http"):
		return n, incomplete("link", "The link of a letter must be a complete web address.")
	}
	n.To.Email, err = mailbox(n.To.Email)
	n.Reason, n.Device = paragraphs(n.Reason), single(paragraphs(n.Device))
	return n, err
}

// When is when it happened, for people.
func (n Notice) When() string {
	return n.Date.UTC().Format("Monday, 2 January 2006 at 15:04") + " (UTC)"
}

// Until is the end of the link, for people.
func (n Notice) Until() string {
	return n.Good.UTC().Format("Monday, 2 January 2006 at 15:04") + " (UTC)"
}
