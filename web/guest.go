package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"chancery/envelope"
	"chancery/links"
	"chancery/problem"
)

// guest is the recipient whose link was opened.
type guest struct {
	envelope.Envelope
	who   envelope.Recipient
	base  string // path of the signing page
	frame string // origin that may show the page in a frame; "" is nobody
	late  bool   // the deadline is over, even if the alarm has not rung yet
}

// errLink is one answer for all links that do not open: forged, expired, older
// than a correction, or of an envelope that is gone.
var errLink = problem.Denied("link_invalid", "This link is not valid or has expired.")

// opened is the link in the request's address, if it is for one of these purposes.
// Whoever brings links that nobody has made is slowed.
func (s *site) opened(r *http.Request, purposes ...links.Purpose) (link links.Link, err error) {
	for _, purpose := range purposes {
		if link, err = s.Links.Open(purpose, r.PathValue("token"), s.Clock()); err == nil {
			return link, nil
		}
	}
	return link, s.guessed(r, err)
}

// guessed counts a link that nobody has made against whoever brings it; every other
// error stays as it is.
func (s *site) guessed(r *http.Request, err error) error {
	if !errors.Is(err, links.ErrForged) {
		return err
	}
	return s.Accounts.Guessed(r.Context(), err, s.from(r))
}

// guest opens the link of the request.
func (s *site) guest(r *http.Request) (guest, error) {
	link, err := s.opened(r, links.Sign, links.Embed)
	if err != nil {
		return guest{}, err
	}
	subject, frame, _ := strings.Cut(link.Subject, " ")
	recipient, version, _ := strings.Cut(subject, ".")
	e, err := s.Records.EnvelopeByRecipient(r.Context(), recipient)
	if err != nil {
		if problem.Of(err).Kind == problem.KindMissing {
			return guest{}, errLink.Because(err)
		}
		return guest{}, err
	}
	who, ok := e.Recipient(recipient)
	if !ok || version != strconv.Itoa(who.LinkVersion) || e.Status == envelope.Draft {
		return guest{}, errLink
	}
	return guest{Envelope: e, who: who, base: "/s/" + r.PathValue("token"), frame: frame, late: !e.Clock(s.Clock()).Before(e.ExpiresAt)}, nil
}

// mayRead tells whether the documents are shown to them now.
func (g guest) mayRead() bool {
	switch {
	case g.Status == envelope.Completed:
		return g.who.Status != envelope.Delegated && g.who.Status != envelope.HasDeclined
	case g.Status.Final():
		return false
	}
	return g.asked() || g.who.Status.Agreed()
}

// asked tells whether the page is open for them: to act, or to read their copy.
func (g guest) asked() bool {
	return g.Status == envelope.Sent && !g.late && (g.who.Status == envelope.Released || g.who.Status == envelope.Copied)
}

// before is how many people must act before their turn comes. Who they are is not told.
func (g guest) before() int {
	count := 0
	for _, r := range g.Recipients {
		if r.Step < g.who.Step && r.Role.Acts() && r.Status.Open() {
			count++
		}
	}
	return count
}

// readable opens the link for reading a document.
func (s *site) readable(r *http.Request) (guest, envelope.Document, error) {
	g, err := s.guest(r)
	if err != nil {
		return g, envelope.Document{}, err
	}
	document, ok := g.Document(r.PathValue("document"))
	if !ok || !g.mayRead() {
		return g, document, problem.Missing("document_missing", "There is no such document.")
	}
	return g, document, nil
}

// mine are the fields that this person fills on a page.
func (g guest) mine(document string, page int) []envelope.Field {
	return slices.DeleteFunc(g.FieldsOf(g.who), func(f envelope.Field) bool { return f.Document != document || f.Page != page })
}
