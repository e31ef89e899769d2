package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/account"
	"chancery/audit"
	"chancery/envelope"
	"chancery/id"
	"chancery/links"
	"chancery/pades/paper"
	"chancery/pages"
	"chancery/papers"
	"chancery/problem"
	"chancery/team"
	"chancery/web"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// token is what Sam's browser keeps when he has signed in.
const token = "token-of-sam"

// scene is the pages over records that remember, and a desk that does what the
// real one does, at once.
type scene struct {
	t      testing.TB
	server *httptest.Server
	links  *links.Keys
	client *http.Client
	paper  []byte
	team   team.Team
	user   account.User
	level  team.Level
	now    time.Time

	other team.Team // that Sam is in as well

	mu        sync.Mutex
	ended     bool   // Sam's session
	chosen    string // team
	e         envelope.Envelope
	acts      []envelope.Act
	voids     []envelope.Void
	resent    []envelope.Resending
	corrected []envelope.Correction
	pictures  [][]byte
	trail     []audit.Entry
	opinion   func(file []byte) (papers.Opinion, error)
}

func newScene(t testing.TB, change ...func(*envelope.Envelope)) *scene {
	t.Helper()
	s := &scene{t: t, now: noon, level: team.Administrator}
	s.team = team.Team{ID: id.New(id.Team), Organisation: id.New(id.Organisation), Name: "Sales", Kind: team.Sandbox, Preset: []string{"ann@example.com", "dan@example.com"}}
	s.other = team.Team{ID: id.New(id.Team), Organisation: s.team.Organisation, Name: "Purchasing", Kind: team.Production}
	s.user = account.User{ID: id.New(id.User), Organisation: s.team.Organisation, Name: "Sam Seller", Email: "sam@example.com"}
	s.e, s.paper = agreement(s.team.ID)
	s.e.Owner = s.user.ID
	for _, c := range change {
		c(&s.e)
	}
	s.send()
	keys, err := links.NewKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	s.links = keys
	drawn := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pages-cache")})
	handler, err := web.New(web.Config{
		Records: s, Envelopes: s.list, Desk: s, Papers: s, Pages: drawn, Links: keys, Checker: s, MaxUpload: 1 << 20,
		Accounts: &account.Accounts{Records: forgetful{}, Clock: s.clock},
		Clock:    s.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewServer(handler)
	jar, _ := cookiejar.New(nil)
	s.client = &http.Client{Jar: jar, Timeout: time.Minute}
	t.Cleanup(func() {
		s.server.Close()
		_ = drawn.Close()
	})
	return s
}

func (s *scene) clock() time.Time { return s.now }

// forgetful counts no guesses.
type forgetful struct{ account.Records }

func (forgetful) Try(context.Context, time.Time, ...account.Guarded) ([]account.Tally, error) {
	return nil, nil
}

// agreement is a paper with every kind of field for Ann, then Bob, and a copy for Cat.
func agreement(teamID string) (envelope.Envelope, []byte) {
	d := paper.New("Services agreement", noon)
	d.Title("Services agreement")
	d.Paragraph("This agreement is made between Example Ltd, in the following the supplier, and the client named below.")
	for _, part := range []string{"Services", "Fees", "Term", "Liability", "Confidentiality", "Law"} {
		d.Heading(part)
		d.Paragraph(strings.Repeat("The supplier delivers the services described in annex 1 with due care and skill, and reports on them every month. ", 4))
	}
	d.PageBreak()
	d.Heading("Signatures")
	where := map[envelope.FieldKind]paper.Place{
		envelope.TextField:      d.Blank("Place", 180),
		envelope.DateField:      d.Blank("Date", 110),
		envelope.CheckboxField:  d.Tick("I have got annex 1"),
		envelope.SignatureField: d.SignatureLine("For the client"),
	}
	bob := d.SignatureLine("For the supplier")
	document := envelope.Document{ID: id.New(id.Document), Name: "Services agreement.pdf", Pages: []envelope.Size{{Width: paper.Width, Height: paper.Height}, {Width: paper.Width, Height: paper.Height}}}
	e := envelope.Envelope{
		ID: id.New(id.Envelope), Team: teamID, Status: envelope.Draft, Test: true, Title: "Services agreement 2026",
		Message: "Dear Ann,\n\nhere is the agreement we spoke about.", Tags: []string{"only <for> us & you", longTag}, Sender: envelope.Person{Name: "Sam Seller", Email: "sam@example.com"},
		Documents: []envelope.Document{document}, Lifetime: 30 * 24 * time.Hour, CreatedAt: noon,
		Pace: envelope.Pace{First: 72 * time.Hour, Every: 48 * time.Hour, Most: 3},
	}
	for i, name := range []string{"Ann Client", "Bob Boss", "Cat Copy"} {
		r := envelope.Recipient{
			ID: id.New(id.Recipient), Person: envelope.Person{Name: name, Email: strings.ToLower(name[:3]) + "@example.com"},
			Role: envelope.Signer, Step: i + 1, Zone: "Europe/Prague", Status: envelope.Waiting, LinkVersion: 1,
		}
		r.Place = r.ID
		e.Recipients = append(e.Recipients, r)
	}
	e.Recipients[2].Role = envelope.CC
	place := func(r int, kind envelope.FieldKind, label string, at paper.Place) {
		e.Fields = append(e.Fields, envelope.Field{
			ID: id.New(id.Field), Recipient: e.Recipients[r].ID, Document: document.ID, Kind: kind, Label: label,
			Page: at.Page + 1, X: at.X, Y: at.Y, Width: at.Width, Height: at.Height,
		})
	}
	place(0, envelope.TextField, "Place", where[envelope.TextField])
	place(0, envelope.DateField, "Date", where[envelope.DateField])
	place(0, envelope.CheckboxField, "I have got annex 1", where[envelope.CheckboxField])
	place(0, envelope.SignatureField, "Signature of the client", where[envelope.SignatureField])
	place(0, envelope.InitialsField, "", paper.Place{Page: 0, X: 500, Y: 780, Width: 50, Height: 30})
	place(1, envelope.SignatureField, "", bob)
	return e, d.Bytes()
}

// longTag has nowhere to break.
const longTag = "Donaudampfschifffahrtsgesellschaftskapitänsmützen"

func (s *scene) send() {
	s.t.Helper()
	if err := s.apply(s.e.Send(envelope.Actor{Kind: "user", ID: s.user.ID}, envelope.Origin{}, s.now)); err != nil {
		s.t.Fatal(err)
	}
}

// apply takes a change as the store would.
func (s *scene) apply(c envelope.Change, err error) error {
	if err != nil {
		return err
	}
	s.e = c.After
	head := audit.Start(s.e.ID)
	if n := len(s.trail); n > 0 {
		head = s.trail[n-1].Hash
	}
	for _, ev := range c.Evidence {
		entry, err := audit.Append(head, audit.Event{
			Chain: s.e.ID, N: int64(len(s.trail) + 1), At: c.At, Kind: ev.Kind, Actor: audit.Actor{Kind: audit.ActorKind(ev.By.Kind), ID: ev.By.ID},
			Detail: ev.Detail, Personal: &audit.Personal{Name: ev.By.Person.Name, Address: ev.Origin.Address, Device: ev.Origin.Device, Detail: ev.Detail},
		}, strings.NewReader(strings.Repeat("s", 16)))
		if err != nil {
			return err
		}
		s.trail, head = append(s.trail, entry), entry.Hash
	}
	return nil
}

func (s *scene) Act(_ context.Context, a envelope.Act) (envelope.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.acts, func(b envelope.Act) bool { return b.ID == a.ID }) {
		if err := s.apply(s.e.Record(a, s.now)); err != nil {
			return envelope.Answer{}, err
		}
		s.acts = append(s.acts, a)
	}
	r, _ := s.e.Recipient(a.Recipient)
	return envelope.Answer{Recipient: r.Status, Envelope: s.e.Status, At: s.now}, nil
}

func (s *scene) Void(_ context.Context, _ string, w envelope.Void) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.voids = append(s.voids, w)
	return s.apply(s.e.Void(w, s.now))
}

func (s *scene) Resend(_ context.Context, _ string, w envelope.Resending) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resent = append(s.resent, w)
	return s.apply(s.e.Resend(w, s.now))
}

func (s *scene) Correct(_ context.Context, _ string, w envelope.Correction) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corrected = append(s.corrected, w)
	return s.apply(s.e.Correct(w, s.now))
}

// bounce lets the letters to the recipient at that place come back.
func (s *scene) bounce(i int) {
	s.t.Helper()
	r := s.e.Recipients[i]
	if err := s.apply(s.e.Bounce(envelope.Bounce{ID: "bounce." + r.ID, Recipient: r.ID, LinkVersion: r.LinkVersion, Reason: "5.1.1 There is no such mailbox at that address."}, s.now)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) Redeliver(context.Context, []string) error { return nil }

func (s *scene) Advance(context.Context, string, string, time.Duration) error { return nil }

func (s *scene) EnvelopeByRecipient(_ context.Context, recipient string) (envelope.Envelope, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.e.Recipient(recipient); !ok {
		return envelope.Envelope{}, problem.Missing("envelope_missing", "There is no such envelope.")
	}
	return s.e, nil
}

func (s *scene) EnvelopeAmong(_ context.Context, teams []string, envelopeID string) (envelope.Envelope, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(teams, s.e.Team) || envelopeID != s.e.ID {
		return envelope.Envelope{}, problem.Missing("envelope_missing", "There is no such envelope.")
	}
	return s.e, nil
}

func (s *scene) list(_ context.Context, teams []string, f web.Filter) ([]envelope.Envelope, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(teams, s.e.Team) || f.Status != "" && f.Status != s.e.Status || f.Owner != "" && f.Owner != s.e.Owner {
		return nil, "", nil
	}
	if f.After == "" {
		return []envelope.Envelope{s.e}, "cursor", nil
	}
	return []envelope.Envelope{s.e}, "", nil
}

func (s *scene) Trail(context.Context, string) ([]audit.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.trail), nil
}

func (s *scene) Team(_ context.Context, teamID string) (team.Team, error) {
	if teamID != s.team.ID {
		return team.Team{}, problem.Missing("team_missing", "There is no such team.")
	}
	return s.team, nil
}

func (s *scene) TeamByLink(ctx context.Context, teamID string) (team.Team, error) {
	return s.Team(ctx, teamID)
}

func (s *scene) Session(_ context.Context, hash []byte, stage account.Stage, _ time.Time) (account.Session, account.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if string(hash) != string(account.HashToken(token)) || stage != account.Open || s.ended {
		return account.Session{}, account.User{}, account.ErrSignedOut
	}
	return account.Session{ID: "ses_sam", User: s.user.ID, Stage: stage, Team: s.chosen}, s.user, nil
}

func (s *scene) EndSession(context.Context, string, string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return nil
}

func (s *scene) Sessions(context.Context, string, time.Time) ([]account.Session, error) {
	return nil, nil
}

func (s *scene) EndSessions(context.Context, string, string) error { return nil }

func (s *scene) Organisation(context.Context, string) (team.Organisation, error) {
	return team.Organisation{Name: "Example Ltd"}, nil
}

func (s *scene) Invitations(context.Context, string, time.Time) ([]account.Invitation, error) {
	return nil, nil
}

func (s *scene) Uninvite(context.Context, string, string, envelope.Evidence) error { return nil }

func (s *scene) ChooseTeam(_ context.Context, _, teamID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chosen = teamID
	return nil
}

func (s *scene) TeamsOf(context.Context, string) ([]team.Team, error) {
	if s.level == "" {
		return nil, nil
	}
	return []team.Team{s.team, s.other}, nil
}

func (s *scene) Actor(_ context.Context, u account.User, teamID string) (team.Actor, error) {
	return team.Actor{ID: u.ID, Organisation: u.Organisation, Team: teamID, Level: s.level, Head: u.Head}, nil
}

func (s *scene) Current(context.Context, envelope.Envelope, string) ([]byte, error) {
	return s.paper, nil
}

func (s *scene) Final(context.Context, envelope.Envelope, string) ([]byte, error) {
	return append([]byte("final "), s.paper...), nil
}

func (s *scene) AuditPDF(context.Context, envelope.Envelope) ([]byte, error) {
	return []byte("%PDF trail"), nil
}

func (s *scene) Check(_ context.Context, file []byte) (papers.Opinion, error) { return s.opinion(file) }

func (s *scene) Written(face, name string, initials bool) []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 9"><title>%s %q %t</title></svg>`, face, name, initials)
}

func (s *scene) KeepPicture(_ context.Context, _ string, picture []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pictures = append(s.pictures, picture)
	return id.New("pic"), nil
}

// link of a recipient, by position.
func (s *scene) link(i int) string {
	r := s.e.Recipients[i]
	token := s.links.Mint(links.Link{Purpose: links.Sign, Subject: r.ID + "." + strconv.Itoa(r.LinkVersion), Expires: s.e.ExpiresAt.Add(time.Hour)})
	return s.server.URL + "/s/" + token
}

func (s *scene) did() []envelope.Act {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.acts)
}

// answerAs lets a recipient answer without the pages.
func (s *scene) answerAs(i int, kind envelope.ActKind) {
	s.t.Helper()
	a := envelope.Act{ID: id.New(id.Act), Envelope: s.e.ID, Recipient: s.e.Recipients[i].ID, Kind: kind, Reason: "too dear", NewID: id.New(id.Recipient)}
	a.Delegate = envelope.Person{Name: "Dan", Email: "dan@example.com"}
	if kind == envelope.Sign {
		a.Ink, a.Values = envelope.Ink{Typed: "x"}, map[string]string{}
		for _, f := range s.e.FieldsOf(s.e.Recipients[i]) {
			a.Values[f.ID] = map[envelope.FieldKind]string{envelope.TextField: "Brno", envelope.DateField: "2026-03-02", envelope.CheckboxField: "yes"}[f.Kind]
		}
	}
	if _, err := s.Act(s.t.Context(), a); err != nil {
		s.t.Fatal(err)
	}
}

// ask sends a request and returns its status and body.
func (s *scene) ask(method, address, contentType, body string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	reply, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply, string(text)
}

func (s *scene) get(address string) (*http.Response, string) {
	s.t.Helper()
	return s.ask(http.MethodGet, address, "", "")
}
