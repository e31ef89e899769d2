package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/team"
	"chancery/web"
)

// root runs the hub.
const root = "root@example.com"

func (h *house) open() {
	store, err := postgres.Open(h.t.Context(), postgres.Config{URL: h.database.URL, Sealer: postgrestest.Sealer{}, MaxConns: 8, Operators: account.Operators{root}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(store.Close)
	h.store = store
}

func (h *house) list(ctx context.Context, teams []string, f web.Filter) ([]envelope.Envelope, string, error) {
	return h.store.Envelopes(ctx, teams, postgres.Filter{Status: f.Status, Owner: f.Owner, Tag: f.Tag, After: f.After, Limit: f.Limit})
}

func (h *house) decide(ctx context.Context, application string, status team.ApplicationStatus, reason string) (team.Application, error) {
	letter := account.Notice{ID: id.New(id.Notice), Kind: account.AccessApproved, At: h.clock()}
	decided, err := h.store.Decide(ctx, application, status, reason, h.clock(), func(a team.Application, u account.User) account.Notice {
		letter.User, letter.To, letter.Reason = u.ID, u.Address(), a.Reason
		return letter
	})
	if err == nil && letter.User != "" {
		h.post(ctx, letter.ID)
	}
	return decided, err
}

// asked remembers what the desk was asked for.
func (h *house) asked(wish string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wishes = append(h.wishes, wish)
	return nil
}

func (h *house) Act(context.Context, envelope.Act) (envelope.Answer, error) {
	return envelope.Answer{}, h.asked("act")
}
func (h *house) Void(context.Context, string, envelope.Void) error { return h.asked("void") }
func (h *house) Correct(context.Context, string, envelope.Correction) error {
	return h.asked("correct")
}
func (h *house) Resend(context.Context, string, envelope.Resending) error { return h.asked("resend") }
func (h *house) Redeliver(context.Context, []string) error                { return h.asked("redeliver") }
func (h *house) Advance(context.Context, string, string, time.Duration) error {
	return h.asked("advance")
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// head is the account of whoever signed up first, with their sandbox.
func (h *house) head() (account.User, team.Team) {
	h.t.Helper()
	u, err := h.store.UserByEmail(h.t.Context(), ada)
	h.must(err)
	teams, err := h.store.TeamsOf(h.t.Context(), u.ID)
	h.must(err)
	return u, teams[0]
}

// newUser is somebody with an account who needs no sign-up.
func (h *house) newUser(organisation, name, email string) account.User {
	h.t.Helper()
	u := account.User{ID: id.New(id.User), Organisation: organisation, Name: name, Email: email, CreatedAt: h.clock(), ProvedAt: h.clock(), SecuredAt: h.clock()}
	h.must(h.store.CreateUser(h.t.Context(), u, account.Secrets{}))
	return u
}

// member is somebody in a team at a level.
func (h *house) member(of team.Team, name string, level team.Level) account.User {
	h.t.Helper()
	u := h.newUser(of.Organisation, name, id.New("x")+"@example.com")
	h.must(h.store.SetMember(h.t.Context(), team.Member{Team: of.ID, User: u.ID, Level: level}))
	return u
}

// operator is who runs the hub, with a team in an organisation of their own.
func (h *house) operator() account.User {
	h.t.Helper()
	o := team.Organisation{ID: id.New(id.Organisation), Name: "The hub", Region: "eu"}
	h.must(h.store.CreateOrganisation(h.t.Context(), o))
	return h.newUser(o.ID, "Rita Root", root)
}

// session lets a user be signed in, and returns what their browser keeps.
func (h *house) session(u account.User) string {
	h.t.Helper()
	token := account.NewToken()
	begun := account.NewSession(id.New(id.Session), u.ID, account.Open, h.clock(), account.Origin{})
	h.must(h.store.OpenSession(h.t.Context(), account.HashToken(token), begun))
	return token
}

// as is a browser in which the user is signed in.
func (h *house) as(u account.User) *http.Client {
	h.t.Helper()
	client := h.browser()
	at, err := url.Parse(h.server.URL)
	h.must(err)
	client.Jar.SetCookies(at, []*http.Cookie{{Name: "chancery", Value: h.session(u), Path: "/"}})
	return client
}

func (h *house) subscribe(organisation string, documents int) {
	h.t.Helper()
	h.must(h.store.Subscribe(h.t.Context(), team.Subscription{Organisation: organisation, Plan: "Business", MonthlyDocuments: documents, Since: h.clock().Add(-time.Hour)}))
}

// below adds a production team below another one.
func (h *house) below(parent team.Team, name string) team.Team {
	h.t.Helper()
	made := team.Team{ID: id.New(id.Team), Organisation: parent.Organisation, Parent: parent.ID, Name: name, Kind: team.Production,
		Sender: envelope.Person{Name: name, Email: ada}, CreatedAt: h.clock()}
	h.must(h.store.AddTeam(h.t.Context(), made, h.clock()))
	return made
}

// draft is an envelope of the team that nobody has sent yet.
func (h *house) draft(of team.Team, owner string) envelope.Envelope {
	h.t.Helper()
	ctx := h.t.Context()
	e, _ := agreement(of.ID)
	e.Owner, e.Test, e.CreatedAt = owner, of.Test(), h.clock()
	doc := e.Documents[0]
	doc.Size, doc.SHA256 = 1234, "ab12"
	h.must(h.store.AddDocument(ctx, of.ID, doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: "uploads/" + doc.ID, Plan: []byte("plan")}))
	h.must(h.store.CreateDraft(ctx, e, envelope.Evidence{Kind: envelope.NotedCreated, By: envelope.Actor{Kind: "user", ID: owner}}))
	return e
}

// sent is an envelope on its way. While it is a draft, then is done with it.
func (h *house) sent(of team.Team, owner string, then ...func(envelope.Envelope)) envelope.Envelope {
	h.t.Helper()
	e := h.draft(of, owner)
	for _, do := range then {
		do(e)
	}
	doc := e.Documents[0]
	change, err := e.Send(envelope.Actor{Kind: "user", ID: owner}, envelope.Origin{}, h.clock())
	h.must(err)
	change.Revisions = []envelope.Revision{{Document: doc.ID, Number: 1, Size: 2000, SHA256: "cd34", Blob: "revisions/" + doc.ID, Plan: []byte("plan")}}
	h.must(h.store.Commit(h.t.Context(), change))
	return change.After
}

// hidden is the value of a form's field that people do not see.
func hidden(page, name string) string { return between(page, `name="`+name+`" value="`, `"`) }

// says fails unless the page has all of the words.
func says(t testing.TB, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in\n%s", w, page)
		}
	}
}
