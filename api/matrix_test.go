package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chancery/api"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/rate"
	"chancery/team"
)

// row is what the matrix knows of a route: what it does, to what, and a request that
// gets as far as the judge. The verbs are written down here a second time.
type row struct {
	verb  team.Verb
	thing string // its path names an envelope, a document or an endpoint, or a thing of connectors, or ?team= a team
	body  any
}

var aField = object{"recipient": 1, "page": 1, "kind": "text", "x": 1, "y": 1, "width": 9, "height": 9}

// rows are all routes, by their operation. A route without a row fails the test.
var rows = map[string]row{
	"get-team": {team.SeeTeam, "", nil}, "list-teams": {team.SeeTeam, "", nil}, "get-clock": {team.SeeTeam, "", nil},
	"get-preset": {team.ManageTeam, "", nil}, "set-preset": {team.ManageTeam, "", object{"preset": []any{}}},
	"advance-clock": {team.ManageTeam, "", object{"advance": "0s"}},
	"list-requests": {team.ReadLogs, "team", nil}, "get-usage": {team.ReadLogs, "whole", nil}, "get-usage-csv": {team.ReadLogs, "whole", nil},

	"upload-document": {team.BringDocuments, "", "file"}, "verify-document": {team.SeeTeam, "", "file"},
	"get-document": {team.ReadEnvelopes, "document", nil},

	"list-envelopes": {team.ReadEnvelopes, "team", nil}, "list-events": {team.ReadEnvelopes, "team", nil},
	"get-envelope": {team.ReadEnvelopes, "envelope", nil}, "get-current-document": {team.ReadEnvelopes, "envelope", nil},
	"get-final-document": {team.ReadEnvelopes, "envelope", nil}, "get-audit-trail": {team.ReadEnvelopes, "envelope", nil},
	"get-audit-trail-pdf": {team.ReadEnvelopes, "envelope", nil},

	"create-envelope":  {team.SendEnvelopes, "", object{"title": ""}},
	"replace-envelope": {team.SendEnvelopes, "envelope", object{"title": ""}}, "change-envelope": {team.SendEnvelopes, "envelope", object{"title": "New"}},
	"delete-envelope": {team.SendEnvelopes, "envelope", nil}, "send-envelope": {team.SendEnvelopes, "envelope", nil},
	"void-envelope": {team.SendEnvelopes, "envelope", object{"reason": "No."}}, "resend-envelope": {team.SendEnvelopes, "envelope", nil},
	"add-recipient":    {team.SendEnvelopes, "envelope", object{"name": ""}},
	"change-recipient": {team.SendEnvelopes, "envelope", object{"name": "Eve"}}, "remove-recipient": {team.SendEnvelopes, "envelope", nil},
	"create-signing-link": {team.SendEnvelopes, "envelope", nil}, "add-field": {team.SendEnvelopes, "envelope", aField},
	"change-field": {team.SendEnvelopes, "envelope", object{"x": 1}}, "remove-field": {team.SendEnvelopes, "envelope", nil},

	"create-webhook-endpoint": {team.ManageWebhooks, "", object{"url": "nowhere"}}, "list-webhook-endpoints": {team.ManageWebhooks, "", nil},
	"delete-webhook-endpoint": {team.ManageWebhooks, "endpoint", nil}, "rotate-webhook-secret": {team.ManageWebhooks, "endpoint", nil},
	"enable-webhook-endpoint": {team.ManageWebhooks, "endpoint", nil}, "list-webhook-deliveries": {team.ManageWebhooks, "endpoint", nil},
	"test-webhook-endpoint": {team.ManageWebhooks, "endpoint", nil}, "get-webhook-delivery": {team.ManageWebhooks, "endpoint", nil},
	"replay-webhook-deliveries": {team.ManageWebhooks, "endpoint", object{"since": "2026-01-01T00:00:00Z"}},

	"list-systems": {team.ManageConnectors, "", nil}, "list-connections": {team.ManageConnectors, "", nil}, "create-connection": {team.ManageConnectors, "", object{}},
	"get-connection": {team.ManageConnectors, "connection", nil}, "compare-connection": {team.ManageConnectors, "connection", nil}, "delete-connection": {team.ManageConnectors, "connection", nil},
	"replace-connection": {team.ManageConnectors, "connection", object{"system": "till", "name": "", "settings": object{}}},
	"list-record-types":  {team.ManageConnectors, "connection", nil}, "get-record-type": {team.ManageConnectors, "connection", nil},
	"list-mappings": {team.ManageConnectors, "", nil}, "create-mapping": {team.ManageConnectors, "", object{}}, "check-mapping": {team.ManageConnectors, "", object{}},
	"preview-mapping": {team.ManageConnectors, "", object{}}, "get-mapping": {team.ManageConnectors, "mapping", nil},
	"replace-mapping": {team.ManageConnectors, "mapping", object{"version": 1, "text": "a", "enabled": false}},
	"list-templates":  {team.ManageConnectors, "", nil}, "get-template": {team.ManageConnectors, "template", nil},
	"retire-template": {team.ManageConnectors, "template", nil}, "upload-template": {team.ManageConnectors, "", "file"},
	"begin-journey": {team.ManageConnectors, "", object{}}, "list-journeys": {team.ManageConnectors, "", nil},
	"get-journey": {team.ManageConnectors, "journey", nil}, "retry-journey": {team.ManageConnectors, "journey", object{}},
}

// things are what a team has, made by one of its people.
type things struct {
	envelope, document, endpoint, recipient, field string
	connection, mapping, template, journey         string
}

// ground is where the callers of the matrix stand.
type ground struct {
	*scene
	teams  map[string]team.Team
	made   map[string]things // by team and owner
	joined map[string]things // by team: what it has of connectors
	hooks  map[string]string // and its endpoint: it may have few
	asked  int
	routes map[string]*huma.Operation
}

// neighbours of a team, by the names of the teams.
var neighbours = map[string]struct{ child, sibling, other string }{
	"team": {"child", "sibling", "strange"}, "parent": {"team", "root", "strange"}, "trial": {"trial child", "team", "strange"},
	"sibling": {"sibling child", "team", "strange"}, "strange": {"strange child", "strange sibling", "team"},
}

func newGround(t *testing.T) *ground {
	g := &ground{teams: map[string]team.Team{}, made: map[string]things{}, joined: map[string]things{}, hooks: map[string]string{}, routes: map[string]*huma.Operation{}}
	g.scene = open(t, func(c *api.Config) { c.Window = unlimited{} })
	contract, err := api.Contract(g.config)
	must(t, err)
	for _, item := range contract.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				g.routes[op.OperationID] = op
			}
		}
	}
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
		next := team.Team{ID: id.New(id.Team), Organisation: made.organisation, Parent: g.teams[made.parent].ID, Name: made.name, Kind: kind}
		must(t, g.store.CreateTeam(t.Context(), next))
		g.teams[made.name] = next
	}
	return g
}

func (g *ground) organisation() string {
	o := team.Organisation{ID: id.New(id.Organisation), Name: "Example Ltd", Region: "eu"}
	must(g.t, g.store.CreateOrganisation(context.Background(), o))
	must(g.t, g.store.GrantFairUse(context.Background(), o.ID))
	return o.ID
}

// unlimited is a window that never closes.
type unlimited struct{}

func (unlimited) Take(context.Context, string, rate.Limit) rate.Standing {
	return rate.Standing{Allowed: true, Left: 1}
}

// stander is a caller of the matrix: in which team, with which key.
type stander struct {
	name, team, key string
	actor           team.Actor
	good            bool // the key opens something
}

func (g *ground) standers() []stander {
	of := func(name string) team.Team { return g.teams[name] }
	nobodys := func(name string, k team.Key) string { return g.keyOf(of(name), k) }
	members := nobodys("team", team.Key{})
	all := []stander{
		{name: "anonymous", team: "team"},
		{name: "sandbox key", team: "trial", key: nobodys("trial", team.Key{}), good: true},
		{name: "production key", team: "team", key: members, good: true},
		{name: "other team's key", team: "sibling", key: nobodys("sibling", team.Key{}), good: true},
		{name: "other organisation's key", team: "strange", key: nobodys("strange", team.Key{}), good: true},
		{name: "expired key", team: "team", key: nobodys("team", team.Key{ExpiresAt: time.Now().Add(-time.Second)})},
		{name: "revoked key", team: "team", key: g.ended("team", `update api_keys set revoked_at = now() where user_id = $1`)},
		{name: "ex-member", team: "team", key: g.ended("team", `delete from members where user_id = $1`)},
		{name: "unapproved user's key", team: "team", key: g.ended("team", `update users set approved_at = null where id = $1`)},
		{name: "unsecured user's key", team: "team", key: g.ended("team", `update users set secured_at = null where id = $1`)},
		{name: "parent's member", team: "parent", key: g.person(nobodys("parent", team.Key{}), team.TeamCreate).key, good: true},
		{name: "parent's member with their own only", team: "parent", key: g.person(nobodys("parent", team.Key{}), team.OwnCreate).key, good: true},
	}
	for _, l := range team.Levels {
		all = append(all, stander{name: "level " + string(l.Level), team: "team", key: g.person(members, l.Level).key, good: true})
	}
	for _, scope := range team.Scopes {
		all = append(all, stander{name: "key for " + string(scope.Scope) + " only", team: "team", good: true,
			key: g.person(members, team.Administrator, scope.Scope).key})
	}
	for i := range all {
		if all[i].good {
			bearer, err := g.store.TeamByKey(context.Background(), team.HashKey(all[i].key))
			must(g.t, err)
			all[i].actor = bearer.Actor
		}
	}
	return all
}

// ended is a key of somebody to whom this has happened since.
func (g *ground) ended(of, what string) string {
	who := g.person(g.keyOf(g.teams[of], team.Key{}), team.Administrator)
	_, err := postgrestest.Connect(g.t, g.database.RootURL).Exec(context.Background(), what, who.ID)
	must(g.t, err)
	return who.key
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
	switch r.thing {
	case "":
		return []place{mine}
	case "whole":
		return []place{{name: "own", team: own}}
	}
	all := []place{mine, {name: "other's", team: own, owner: "usr_other"}, {name: "child", team: g.teams[near.child], owner: "usr_other"},
		{name: "sibling", team: g.teams[near.sibling], owner: "usr_other"}, {name: "other organisation", team: g.teams[near.other], owner: "usr_other"},
		{name: "missing", none: true}}
	if r.thing == "team" {
		return slices.Delete(all, 1, 2)
	}
	return all
}

// of returns what there is in the place, made when it is first needed.
func (g *ground) of(p place) things {
	missing := things{id.New(id.Envelope), id.New(id.Document), id.New(id.Endpoint), id.New(id.Recipient), id.New(id.Field),
		id.New(id.Connection), id.New(id.Mapping), id.New(id.Template), id.New(id.Journey)}
	if p.none {
		return missing
	}
	key := p.team.ID + "/" + p.owner
	if there, ok := g.made[key]; ok {
		return there
	}
	ctx, next := context.Background(), missing
	doc := envelope.Document{ID: next.document, Name: "a.pdf", Pages: []envelope.Size{{Width: 595, Height: 842}}, Size: 1, SHA256: "ab"}
	must(g.t, g.store.AddDocument(ctx, p.team.ID, doc, envelope.Revision{Document: doc.ID, Size: 1, SHA256: "ab", Blob: "uploads/" + doc.ID}))
	draft := envelope.Envelope{ID: next.envelope, Team: p.team.ID, Owner: p.owner, Status: envelope.Draft, Title: "Draft", Documents: []envelope.Document{doc},
		Lifetime: envelope.DefaultLifetime, CreatedAt: time.Now().UTC()}
	must(g.t, g.store.CreateDraft(ctx, draft, envelope.Evidence{Kind: envelope.NotedCreated}))
	if there, ok := g.hooks[p.team.ID]; ok {
		next.endpoint = there
	} else {
		must(g.t, g.store.CreateEndpoint(ctx, p.team.ID, postgres.Endpoint{ID: next.endpoint, URL: "http://127.0.0.1:1/"}))
		g.hooks[p.team.ID] = next.endpoint
	}
	g.connected(p.team.ID, &next)
	g.made[key] = next
	return next
}

// removed forgets what there was in a place, after it has been removed.
func (g *ground) removed(p place, thing string) {
	delete(g.made, p.team.ID+"/"+p.owner)
	if thing == "endpoint" { // all of the team had the same one
		delete(g.hooks, p.team.ID)
		maps.DeleteFunc(g.made, func(key string, _ things) bool { return strings.HasPrefix(key, p.team.ID) })
	}
}

// connected makes what a team has of connectors.
func (g *ground) connected(of string, next *things) {
	ctx := context.Background()
	if there, ok := g.joined[of]; ok { // a team has few of them, whoever made them
		next.connection, next.mapping, next.journey = there.connection, there.mapping, there.journey
		must(g.t, g.store.AddTemplate(ctx, postgres.Template{ID: next.template, Team: of, Name: next.template, Kind: "pdf", Blob: "templates/none"}))
		return
	}
	must(g.t, g.store.SaveConnection(ctx, connectors.Connection{ID: next.connection, Team: of, System: "till", Name: "Ours", CreatedAt: time.Now(),
		Settings: map[string]string{"shop": "7", "pin": "1234"}}))
	m, err := mapping.Read([]byte(dealMapping))
	must(g.t, err)
	kept, err := g.store.SaveMapping(ctx, mapping.Kept{Team: of, Connection: next.connection, Mapping: m})
	must(g.t, err)
	next.mapping = kept.ID
	must(g.t, g.store.AddTemplate(ctx, postgres.Template{ID: next.template, Team: of, Name: next.template, Kind: "pdf", Blob: "templates/none"}))
	must(g.t, g.store.BeginJourney(ctx, connectors.Journey{ID: next.journey, Team: of, Connection: next.connection, Mapping: kept.ID, Version: 1,
		Ref: connectors.Ref{Type: "Deal", ID: "1"}}, nil))
	g.joined[of] = *next
}

// ask sends the request from an address of its own, as the hub would hand it on.
func (g *ground) ask(who stander, op *huma.Operation, r row, p place) reply {
	there := g.of(p)
	named := map[string]string{"envelope": there.envelope, "document": there.document, "endpoint": there.endpoint,
		"connection": there.connection, "mapping": there.mapping, "template": there.template, "journey": there.journey}[r.thing]
	path := strings.NewReplacer("{id}", named, "{doc}", there.document, "{rid}", there.recipient, "{fid}", there.field, "{type}", "Deal").Replace(op.Path)
	if r.thing == "team" {
		path += "?team=" + p.team.ID
		if p.none {
			path += id.New(id.Team)
		}
	}
	sent, kind := bodyOf(g.t, r.body)
	request := httptest.NewRequest(op.Method, path, sent).WithContext(postgres.Guard(context.Background()))
	request.Header.Set("Content-Type", kind)
	g.asked++
	request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", g.asked>>16&255, g.asked>>8&255, g.asked&255)
	return caller{scene: g.scene, contract: g.sandbox.contract, key: who.key}.do(request)
}

func bodyOf(t testing.TB, body any) (*bytes.Buffer, string) {
	var sent bytes.Buffer
	if body == "file" {
		form := multipart.NewWriter(&sent)
		part, err := form.CreateFormFile("file", "a.pdf")
		must(t, err)
		_, _ = part.Write(onePage(""))
		must(t, form.Close())
		return &sent, form.FormDataContentType()
	}
	if body != nil {
		must(t, json.NewEncoder(&sent).Encode(body))
	}
	return &sent, "application/json"
}

// expected asks the one judge: first about the caller's own team, then about the thing.
func (g *ground) expected(who stander, r row, p place) string {
	if !who.good {
		return "401"
	}
	own := team.Thing{Organisation: who.actor.Organisation, Team: who.actor.Team, Owner: who.actor.ID}
	if team.May(who.actor, r.verb, own) != team.Granted {
		return "403"
	}
	if p.none {
		return "404"
	}
	thing := team.Thing{Organisation: p.team.Organisation, Team: p.team.ID, Owner: p.owner}
	if r.thing == "document" && p.team.ID == who.actor.Team {
		thing.Owner = who.actor.ID // what a team has brought counts as everybody's own
	}
	if r.thing == "endpoint" {
		thing.Owner = ""
	}
	if slices.Contains([]string{"connection", "mapping", "template", "journey"}, r.thing) && p.team.ID != who.actor.Team {
		return "404" // they are their team's alone: nobody above sees how it is connected
	}
	return map[team.Answer]string{team.Granted: "may", team.Refused: "403", team.Unseen: "404"}[team.May(who.actor, r.verb, thing)]
}

// judged reads the reply: may is everything that comes after the judge has let it pass.
func judged(got reply) string {
	var told struct{ Code string }
	_ = json.Unmarshal(got.Body, &told)
	missing := []string{"envelope_missing", "document_missing", "endpoint_missing", "team_missing",
		"connection_missing", "mapping_missing", "template_missing", "journey_missing"}
	switch {
	case got.Status == 401:
		return "401"
	case told.Code == "not_allowed":
		return "403"
	case slices.Contains(missing, told.Code) && got.Status == 404:
		return "404"
	case got.Status >= 500 || got.Status == 405 || got.Status == 429 || told.Code == "route_missing":
		return fmt.Sprint(got.Status)
	}
	return "may"
}

// bare is what a reply says, without what differs between any two.
func bare(got reply) string {
	header := got.Header.Clone()
	name := header.Get("X-Request-Id")
	for _, each := range []string{"X-Request-Id", "Date", "Ratelimit"} {
		header.Del(each)
	}
	var all bytes.Buffer
	_ = header.Write(&all)
	return fmt.Sprintf("%d\n%s\n%s", got.Status, all.String(), bytes.ReplaceAll(got.Body, []byte(name), nil))
}

func TestEveryRouteAnswersEveryCallerAsTheJudgeSays(t *testing.T) {
	g := newGround(t)
	standers := g.standers()
	for operation := range rows {
		if g.routes[operation] == nil {
			t.Errorf("the matrix has a row for %s, which is no route", operation)
		}
	}
	cells, wrong, same := 0, 0, 0
	var table strings.Builder
	for _, operation := range slices.Sorted(maps.Keys(g.routes)) {
		op := g.routes[operation]
		r, known := rows[operation]
		if !known {
			t.Errorf("%s %s has no row in the matrix", op.Method, op.Path)
			continue
		}
		for _, who := range standers {
			replies := map[string]string{}
			for _, p := range g.places(who, r) {
				got := g.ask(who, op, r, p)
				cells++
				want, is := g.expected(who, r, p), judged(got)
				if is != want {
					wrong++
					t.Errorf("%s, %s, %s: %s, want %s: %d %s", operation, who.name, p.name, is, want, got.Status, got.Body)
				}
				if is == "may" && op.Method == http.MethodDelete {
					g.removed(p, r.thing)
				}
				replies[p.name] = bare(got)
				fmt.Fprintf(&table, "%s\t%s\t%s\t%s\t%d\n", operation, who.name, p.name, is, got.Status)
			}
			if replies["other organisation"] != "" {
				same++
				if replies["other organisation"] != replies["missing"] {
					wrong++
					t.Errorf("%s, %s: another organisation's is told apart:\n%s\n%s", operation, who.name, replies["other organisation"], replies["missing"])
				}
			}
		}
	}
	t.Logf("%d routes × %d callers: %d cells, %d wrong; in %d of them another organisation's is compared with missing",
		len(g.routes), len(standers), cells, wrong, same)
	if dir := os.Getenv("CHANCERY_ARTEFACTS"); dir != "" {
		must(t, os.MkdirAll(dir, 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "matrix.tsv"), []byte(table.String()), 0o644))
	}
}
