package web_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
	"chancery/connectors"
	"chancery/envelope"
	"chancery/id"
	"chancery/links"
	"chancery/pages"
	"chancery/papers"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/team"
	"chancery/web"
	"chancery/webhooks"
)

// ground is where the visitors of the matrix stand.
type ground struct {
	*house
	root   *pgx.Conn
	links  *links.Keys
	teams  map[string]team.Team
	others map[string]account.User // somebody else in each team
	made   map[string]things       // by team and owner
	joined map[string]things       // by team: what it has of connectors
	hooks  map[string]string       // and its endpoint: it may have few
	calls  int
	asked  [2]string // the addresses that were asked for last, the newest last
}

// things are what a team has, made by one of its people, by what patterns call them.
type things map[string]string

var kinds = map[string]string{
	"envelope": id.Envelope, "document": id.Document, "endpoint": id.Endpoint, "key": id.Key, "connection": id.Connection, "mapping": id.Mapping,
	"template": id.Template, "journey": id.Journey, "application": id.Application, "organisation": id.Organisation, "team": id.Team,
}

// neighbours of a team, by the names of the teams.
var neighbours = map[string]struct{ child, sibling, other string }{
	"team": {"child", "sibling", "strange"}, "parent": {"team", "root", "strange"}, "trial": {"trial child", "team", "strange"},
	"sibling": {"sibling child", "team", "strange"}, "strange": {"strange child", "strange sibling", "team"}, "root": {"team", "sibling", "strange"},
}

func newGround(t *testing.T) *ground {
	keys, err := links.NewKeys([]byte(strings.Repeat("k", 32)))
	g := &ground{links: keys, teams: map[string]team.Team{}, others: map[string]account.User{}, made: map[string]things{}, joined: map[string]things{}, hooks: map[string]string{}}
	g.house = newHouse(t, func(c *web.Config) { c.Papers, c.Checker, c.Pages = archive{}, archive{}, archive{} })
	g.must(err)
	g.root = postgrestest.Connect(t, g.database.RootURL)
	ours, theirs := g.organisation(), g.organisation()
	for _, made := range []struct{ name, parent, organisation string }{
		{"parent", "", ours}, {"root", "", ours}, {"team", "parent", ours}, {"child", "team", ours}, {"sibling", "parent", ours},
		{"sibling child", "sibling", ours}, {"trial", "", ours}, {"trial child", "trial", ours},
		{"strange", "", theirs}, {"strange child", "strange", theirs}, {"strange sibling", "", theirs},
	} {
		kind := team.Production
		if strings.HasPrefix(made.name, "trial") {
			kind = team.Sandbox
		}
		next := team.Team{ID: id.New(id.Team), Organisation: made.organisation, Parent: g.teams[made.parent].ID, Name: made.name, Kind: kind,
			Sender: envelope.Person{Name: "Example", Email: ada}, CreatedAt: g.clock()}
		g.must(g.store.CreateTeam(t.Context(), next))
		g.teams[made.name] = next
		g.others[next.ID] = g.member(next, "Olga Other", team.TeamCreate)
	}
	return g
}

func (g *ground) organisation() string {
	o := team.Organisation{ID: id.New(id.Organisation), Name: "Example Ltd", Region: "eu"}
	g.must(g.store.CreateOrganisation(context.Background(), o))
	g.must(g.store.GrantFairUse(context.Background(), o.ID))
	return o.ID
}

// archive has a document of a few bytes.
type archive struct{}

var errNoPaper = errors.New("nothing is drawn here")

func (archive) Current(context.Context, envelope.Envelope, string) ([]byte, error) {
	return []byte("%PDF"), nil
}
func (archive) Final(context.Context, envelope.Envelope, string) ([]byte, error) {
	return []byte("%PDF"), nil
}
func (archive) AuditPDF(context.Context, envelope.Envelope) ([]byte, error) {
	return []byte("%PDF"), nil
}
func (archive) KeepPicture(context.Context, string, []byte) (string, error) { return "picture", nil }
func (archive) Written(string, string, bool) []byte                         { return []byte("<svg/>") }
func (archive) Check(context.Context, []byte) (papers.Opinion, error) {
	return papers.Opinion{}, errNoPaper
}
func (archive) Render(context.Context, pages.File, int, int) (pages.Picture, error) {
	return pages.Picture{Type: "image/png", Bytes: []byte("picture")}, nil
}
func (archive) Text(context.Context, pages.File, int) ([]pages.Line, error) { return nil, nil }

// stander is a visitor of the matrix: what their browser keeps, and who that makes
// them in which team. Without an id nothing opens for them.
type stander struct {
	name, team string
	cookie     func() *http.Cookie
	header     string // of authorisation
	actor      team.Actor
	link       bool // they came by a link, and have no name
}

func (g *ground) standers() []stander {
	of := func(name string) team.Team { return g.teams[name] }
	admin := g.member(of("team"), "Anna Admin", team.Administrator)
	g.keyOf(of("team"), admin.ID, id.New(id.Key), "ck_live_eu_key")
	keep := func(name, value string) func() *http.Cookie {
		return func() *http.Cookie { return &http.Cookie{Name: name, Value: value} }
	}
	mint := func(purpose links.Purpose, subject string, good time.Duration) string {
		return g.links.Mint(links.Link{Purpose: purpose, Subject: subject, Expires: g.clock().Add(good)})
	}
	who := g.sent(of("team"), admin.ID).Recipients[0].ID
	all := []stander{
		{name: "anonymous", team: "team"},
		{name: "with nonsense in a cookie", team: "team", cookie: keep("chancery", "nonsense")},
		{name: "with an API key", team: "team", header: "Bearer ck_live_eu_key"},
		{name: "with an API key in a cookie", team: "team", cookie: keep("chancery", "ck_live_eu_key")},
		{name: "half signed in", team: "team", cookie: keep("chancery", g.begun(admin, account.Pending))},
		{name: "signed out", team: "team", cookie: keep("chancery", g.ended(admin))},
		{name: "with a recipient's link for a cookie", team: "team", cookie: keep("chancery_dashboard", mint(links.Sign, who+".1", time.Hour))},
		{name: "with an expired link to the dashboard", team: "team", cookie: keep("chancery_dashboard", mint(web.Dashboard, of("team").ID, -time.Second))},
		{name: "with the link to the dashboard", team: "team", cookie: keep("chancery_dashboard", mint(web.Dashboard, of("team").ID, time.Hour)), link: true,
			actor: team.Actor{ID: "dashboard", Organisation: of("team").Organisation, Team: of("team").ID, Level: team.Administrator}},
	}
	signedIn := func(name, in string, u account.User) {
		all = append(all, g.signed(name, in, u))
	}
	for _, l := range team.Levels {
		signedIn("level "+string(l.Level), "team", g.member(of("team"), "Lev", l.Level))
	}
	signedIn("a sandbox's administrator", "trial", g.member(of("trial"), "Tess", team.Administrator))
	signedIn("parent's member", "parent", g.member(of("parent"), "Paul", team.TeamCreate))
	signedIn("parent's member with their own only", "parent", g.member(of("parent"), "Petra", team.OwnCreate))
	signedIn("sibling's administrator", "sibling", g.member(of("sibling"), "Sid", team.Administrator))
	signedIn("other organisation's administrator", "strange", g.member(of("strange"), "Eve", team.Administrator))
	boss := g.member(of("root"), "Hedy Head", team.TeamRead)
	g.must(g.accounts.SetHead(context.Background(), boss.Email, true))
	boss.Head = true
	signedIn("head of the organisation", "root", boss)
	gone := g.member(of("team"), "Xena Gone", team.Administrator)
	g.must(g.store.RemoveMember(context.Background(), of("team").ID, gone.ID))
	signedIn("ex-member", "team", gone)
	rita := g.operator()
	rita.Operator = true
	signedIn("operator", "team", rita)
	return all
}

// keyOf is a key of somebody who has been approved, or of nobody.
func (g *ground) keyOf(of team.Team, owner, keyID, key string) {
	ctx := context.Background()
	_, err := g.root.Exec(ctx, `update users set approved_at = now() where id = $1`, owner)
	g.must(err)
	g.must(g.store.CreateKey(ctx, team.Key{ID: keyID, Team: of.ID, User: owner, Name: "Till"}, team.HashKey(key)))
}

// signed is somebody who has signed in, for each request anew, since some end that.
func (g *ground) signed(name, in string, u account.User) stander {
	who := stander{name: name, team: in, cookie: func() *http.Cookie { return &http.Cookie{Name: "chancery", Value: g.begun(u, account.Open)} }}
	who.actor = team.Actor{ID: u.ID, Organisation: u.Organisation, Head: u.Head, Operator: u.Operator}
	joined, err := g.store.TeamsOf(context.Background(), u.ID)
	g.must(err)
	if len(joined) > 0 {
		who.actor, err = g.store.Actor(context.Background(), u, g.teams[in].ID)
		g.must(err)
	}
	return who
}

// begun is what the browser of somebody keeps whose session is at that stage.
func (g *ground) begun(u account.User, stage account.Stage) string {
	token := account.NewToken()
	g.must(g.store.OpenSession(context.Background(), account.HashToken(token), account.NewSession(id.New(id.Session), u.ID, stage, g.clock(), account.Origin{})))
	return token
}

func (g *ground) ended(u account.User) string {
	token := g.begun(u, account.Open)
	g.must(g.store.EndSessions(context.Background(), u.ID, ""))
	return token
}

// place is a column: whose thing it is.
type place struct {
	name  string
	team  team.Team
	owner string
	none  bool // there is no such thing
}

func (g *ground) places(who stander, r row) []place {
	near, own := neighbours[who.team], g.teams[who.team]
	mine := place{name: "own", team: own, owner: who.actor.ID}
	other := func(name, of string) place {
		return place{name: name, team: g.teams[of], owner: g.others[g.teams[of].ID].ID}
	}
	all := []place{mine, other("other's", who.team), other("child", near.child), other("sibling", near.sibling), other("other organisation", near.other), {name: "missing", none: true}}
	switch {
	case r.thing == "":
		return all[:1]
	case r.door == operators:
		return []place{all[0], all[4], all[5]}
	case r.thing == "team" || r.thing == "joined":
		return slices.Delete(all, 1, 2)
	}
	return all
}

// of returns what there is in the place, made when it is first needed.
func (g *ground) of(p place) things {
	next := things{"team": p.team.ID, "organisation": p.team.Organisation}
	for name, prefix := range kinds {
		if next[name] == "" {
			next[name] = id.New(prefix)
		}
	}
	if p.none {
		return next
	}
	key := p.team.ID + "/" + p.owner
	if there, ok := g.made[key]; ok {
		return there
	}
	ctx, owner := context.Background(), ""
	members, err := g.store.Members(ctx, p.team.ID)
	g.must(err)
	if slices.ContainsFunc(members, func(m team.Member) bool { return m.User == p.owner }) {
		owner = p.owner // nobody else has a key of their own
	}
	e := g.sent(p.team, p.owner)
	next["envelope"], next["document"] = e.ID, e.Documents[0].ID
	next["endpoint"] = g.endpoint(p.team.ID)
	g.keyOf(p.team, owner, next["key"], next["key"])
	applicant := g.others[p.team.ID]
	g.must(g.store.Apply(ctx, team.Application{ID: next["application"], Organisation: applicant.Organisation, User: g.newUser(applicant.Organisation, "Wanda", next["application"]+"@example.com").ID, CreatedAt: g.clock(),
		Form: team.ApplicationForm{Company: "A", Address: "B", Name: "C", Role: "D", UseCases: "E", Experience: "F"}}))
	g.connectedTo(p.team, next)
	g.made[key] = next
	return next
}

// endpoint is the one of a team.
func (g *ground) endpoint(of string) string {
	if there, ok := g.hooks[of]; ok {
		return there
	}
	secret, err := webhooks.NewSecret(strings.NewReader(strings.Repeat("s", 32)))
	g.must(err)
	made := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "http://127.0.0.1:9/", Secrets: []postgres.Secret{{Value: secret.Reveal()}}}
	g.must(g.store.CreateEndpoint(context.Background(), of, made))
	g.hooks[of] = made.ID
	return made.ID
}

// removed forgets what there was in a place, after it has been removed.
func (g *ground) removed(p place, thing string) {
	delete(g.made, p.team.ID+"/"+p.owner)
	if thing == "endpoint" { // all of the team had the same one
		delete(g.hooks, p.team.ID)
		maps.DeleteFunc(g.made, func(key string, _ things) bool { return strings.HasPrefix(key, p.team.ID) })
	}
}

// connectedTo makes what a team has of connectors, once for the team.
func (g *ground) connectedTo(of team.Team, next things) {
	ctx := context.Background()
	there, ok := g.joined[of.ID]
	if !ok {
		c := g.connected(of)
		m := g.mapped(c, g.others[of.ID])
		j := connectors.Journey{ID: id.New(id.Journey), Team: of.ID, Connection: c.ID, Mapping: m.ID, Version: 1, Ref: connectors.Ref{Type: "Deal", ID: "1"}}
		g.must(g.store.BeginJourney(ctx, j, nil))
		there = things{"connection": c.ID, "mapping": m.ID, "journey": j.ID}
		g.joined[of.ID] = there
	}
	for name, made := range there {
		next[name] = made
	}
	kept, err := g.integration.SaveTemplate(ctx, of.ID, next["template"], []byte("<p>{{Name}}"))
	g.must(err)
	next["template"] = kept.ID
}

// ask sends the row's form about what there is in the place, or asks for its page.
func (g *ground) ask(who stander, pattern string, r row, p place, accept string) *httptest.ResponseRecorder {
	there := g.of(p)
	there["token"] = account.NewToken()
	return g.send(who, pattern, there, r.form, accept)
}

// send sends a form, or asks for a page, from an address of its own.
func (g *ground) send(who stander, pattern string, there things, form, accept string) *httptest.ResponseRecorder {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = http.MethodGet, "/no/such/page"
	}
	fill := func(text string) string {
		for name, made := range there {
			text = strings.ReplaceAll(text, "{"+name+"}", made)
		}
		return text
	}
	path = strings.NewReplacer("{$}", "", "{name}", "none.js", "{page}", "1", "{delivery}", "none", "{system}", "till").Replace(fill(path))
	g.asked = [2]string{g.asked[1], path}
	request := httptest.NewRequest(method, path, strings.NewReader(fill(form)))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", accept)
	if who.header != "" {
		request.Header.Set("Authorization", who.header)
	}
	if who.cookie != nil {
		request.AddCookie(who.cookie())
	}
	g.calls++
	request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", g.calls>>16&255, g.calls>>8&255, g.calls&255)
	got := httptest.NewRecorder()
	g.server.Config.Handler.ServeHTTP(got, request)
	return got
}
