package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/team"
	"chancery/web"
)

// door is whom a page is for, before anybody asks what it is about.
type door string

const (
	everybody door = "everybody"
	letter    door = "letter" // whoever has the link from a letter
	guests    door = "guests" // recipients with their link; the matrix of links has them
	signedIn  door = "signed in"
	named     door = "named"    // signed in, and looking at a team
	visitors  door = "visitors" // or with the link to a team's dashboard
	members   door = "members"  // in a team, or with that link
	operators door = "operators"
	head      door = "head"
	ofTheTeam door = "judged" // in a team, if the judge grants the verb there
)

// row is what the matrix knows of a page: whom it is for, what it does to what, and
// the form that gets as far as the judge. All of it is written down here a second time.
type row struct {
	door  door
	verb  team.Verb
	thing string
	form  string
	ends  bool // the thing is gone afterwards
}

// rows are all pages, by their pattern. One without a row fails the test.
var rows = map[string]row{
	"GET /{$}": {door: everybody}, "GET /assets/{name}": {door: everybody}, "/": {door: everybody},
	"GET /verify": {door: everybody}, "POST /verify": {door: everybody},

	"POST /news/{connection}/{token}": {door: everybody},

	"GET /sign-up": {door: everybody}, "POST /sign-up": {door: everybody}, "GET /sign-in": {door: everybody}, "POST /sign-in": {door: everybody},
	"GET /sign-in/code": {door: everybody}, "POST /sign-in/code": {door: everybody}, "POST /sign-in/passkey/ask": {door: everybody}, "POST /sign-in/passkey": {door: everybody},
	"GET /sign-in/with/{organisation}": {door: everybody}, "GET /sign-in/return": {door: everybody}, "POST /sign-out": {door: everybody},
	"GET /forgotten": {door: everybody}, "POST /forgotten": {door: everybody},

	"GET /prove/{token}": {door: letter}, "POST /prove/{token}": {door: letter}, "GET /reset/{token}": {door: letter}, "POST /reset/{token}": {door: letter, form: "password=Lantern8+owl"},
	"GET /invitations/{token}": {door: letter}, "POST /invitations/{token}": {door: letter}, "GET /account/email/{token}": {door: letter}, "POST /account/email/{token}": {door: letter},
	"GET /dashboard/open/{token}": {door: letter},

	"GET /s/{token}": {door: guests}, "GET /s/{token}/places.css": {door: guests}, "GET /s/{token}/p/{document}/{page}": {door: guests, thing: "document"},
	"GET /s/{token}/t/{document}/{page}": {door: guests, thing: "document"}, "GET /s/{token}/text/{document}": {door: guests, thing: "document"},
	"GET /s/{token}/d/{document}": {door: guests, thing: "document"}, "GET /s/{token}/audit.pdf": {door: guests},
	"POST /s/{token}/acts": {door: guests}, "POST /s/{token}/picture": {door: guests}, "GET /s/{token}/written": {door: guests},

	"GET /account": {door: signedIn}, "POST /account/name": {door: signedIn}, "POST /account/password": {door: signedIn}, "POST /account/email": {door: signedIn},
	"POST /account/sessions/end": {door: signedIn, form: "session=ses_none"}, "GET /account/two-factor": {door: signedIn}, "GET /account/two-factor/code.png": {door: signedIn},
	"POST /account/two-factor": {door: signedIn}, "POST /account/two-factor/off": {door: signedIn}, "POST /account/two-factor/recovery": {door: signedIn},
	"GET /account/identity/connect": {door: signedIn}, "POST /account/identity/disconnect": {door: signedIn},
	"POST /account/passkeys/ask": {door: signedIn}, "POST /account/passkeys": {door: signedIn}, "POST /account/passkeys/remove": {door: signedIn},
	"GET /account/single-sign-on": {door: head}, "POST /account/single-sign-on": {door: head}, "POST /account/single-sign-on/remove": {door: head},
	"POST /dashboard/team": {door: signedIn, thing: "joined", form: "team={team}"},

	"GET /dashboard": {door: visitors}, "GET /dashboard/teams": {door: visitors}, "POST /dashboard/teams": {door: visitors, verb: team.ManageOrganisation},
	"GET /dashboard/activity": {door: members}, "GET /dashboard/usage": {door: members, verb: team.ReadLogs}, "GET /dashboard/usage.csv": {door: members, verb: team.ReadLogs},
	"GET /dashboard/invitations": {door: ofTheTeam, verb: team.ManageMembers}, "POST /dashboard/invitations": {door: ofTheTeam, verb: team.ManageMembers},
	"POST /dashboard/invitations/revoke": {door: ofTheTeam, verb: team.ManageMembers, form: "invitation=inv_none"},

	"GET /dashboard/envelopes/{envelope}":              {door: visitors, verb: team.ReadEnvelopes, thing: "envelope"},
	"GET /dashboard/envelopes/{envelope}/d/{document}": {door: visitors, verb: team.ReadEnvelopes, thing: "envelope"},
	"GET /dashboard/envelopes/{envelope}/audit.pdf":    {door: visitors, verb: team.ReadEnvelopes, thing: "envelope"},
	"POST /dashboard/envelopes/{envelope}/void":        {door: visitors, verb: team.SendEnvelopes, thing: "envelope"},
	"POST /dashboard/envelopes/{envelope}/resend":      {door: visitors, verb: team.SendEnvelopes, thing: "envelope"},
	"POST /dashboard/envelopes/{envelope}/correct":     {door: visitors, verb: team.SendEnvelopes, thing: "envelope"},

	"GET /dashboard/teams/{team}":              {door: visitors, verb: team.SeeTeam, thing: "team"},
	"POST /dashboard/teams/{team}/description": {door: visitors, verb: team.ManageTeam, thing: "team"}, "POST /dashboard/teams/{team}/preset": {door: visitors, verb: team.ManageTeam, thing: "team", form: "preset=nowhere"},
	"POST /dashboard/teams/{team}/clock": {door: visitors, verb: team.ManageTeam, thing: "team"},
	"POST /dashboard/teams/{team}/kind":  {door: visitors, verb: team.ManageOrganisation, thing: "team"}, "POST /dashboard/teams/{team}/parent": {door: visitors, verb: team.ManageOrganisation, thing: "team", form: "parent=tm_none"},
	"POST /dashboard/teams/{team}/member": {door: visitors, verb: team.ManageMembers, thing: "team"}, "POST /dashboard/teams/{team}/member/remove": {door: visitors, verb: team.ManageMembers, thing: "team"},
	"POST /dashboard/teams/{team}/invite": {door: visitors, verb: team.ManageMembers, thing: "team"},

	"GET /dashboard/api": {door: members}, "GET /dashboard/api/keys": {door: members}, "GET /dashboard/api/log": {door: members},
	"GET /dashboard/api/access": {door: named}, "POST /dashboard/api/access": {door: named}, "GET /dashboard/api/config": {door: named}, "POST /dashboard/api/config": {door: named},
	"POST /dashboard/api/keys/{key}/revoke": {door: members, verb: team.ManageKeys, thing: "key", ends: true},
	"GET /dashboard/api/webhooks":           {door: ofTheTeam, verb: team.ManageWebhooks}, "POST /dashboard/api/webhooks": {door: ofTheTeam, verb: team.ManageWebhooks},
	"GET /dashboard/api/webhooks/{endpoint}":         {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},
	"POST /dashboard/api/webhooks/{endpoint}/delete": {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint", ends: true},
	"POST /dashboard/api/webhooks/{endpoint}/enable": {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},
	"POST /dashboard/api/webhooks/{endpoint}/rotate": {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},
	"POST /dashboard/api/webhooks/{endpoint}/replay": {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},

	"POST /dashboard/api/webhooks/{endpoint}/test":                 {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},
	"GET /dashboard/api/webhooks/{endpoint}/deliveries/{delivery}": {door: ofTheTeam, verb: team.ManageWebhooks, thing: "endpoint"},

	"GET /dashboard/connectors": {door: ofTheTeam, verb: team.ManageConnectors}, "GET /dashboard/connectors/new/{system}": {door: ofTheTeam, verb: team.ManageConnectors},
	"POST /dashboard/connectors/new/{system}":                     {door: ofTheTeam, verb: team.ManageConnectors},
	"GET /dashboard/connectors/connections/{connection}":          {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection"},
	"POST /dashboard/connectors/connections/{connection}":         {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection"},
	"POST /dashboard/connectors/connections/{connection}/compare": {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection"},
	"POST /dashboard/connectors/connections/{connection}/delete":  {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection"},
	"GET /dashboard/connectors/return":                            {door: ofTheTeam, verb: team.ManageConnectors},
	"GET /dashboard/connectors/templates":                         {door: ofTheTeam, verb: team.ManageConnectors},
	"POST /dashboard/connectors/templates":                        {door: ofTheTeam, verb: team.ManageConnectors},
	"GET /dashboard/connectors/templates/{template}":              {door: ofTheTeam, verb: team.ManageConnectors, thing: "template"},
	"POST /dashboard/connectors/templates/{template}/retire":      {door: ofTheTeam, verb: team.ManageConnectors, thing: "template", ends: true},
	"GET /dashboard/connectors/mappings":                          {door: ofTheTeam, verb: team.ManageConnectors},
	"GET /dashboard/connectors/mappings/new/{connection}":         {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection"},
	"POST /dashboard/connectors/mappings/new/{connection}":        {door: ofTheTeam, verb: team.ManageConnectors, thing: "connection", form: "text=a"},
	"GET /dashboard/connectors/mappings/{mapping}":                {door: ofTheTeam, verb: team.ManageConnectors, thing: "mapping"},
	"POST /dashboard/connectors/mappings/{mapping}":               {door: ofTheTeam, verb: team.ManageConnectors, thing: "mapping", form: "text=a"},
	"POST /dashboard/connectors/tables/{mapping}":                 {door: ofTheTeam, verb: team.ManageConnectors, thing: "mapping"},
	"GET /dashboard/connectors/journeys":                          {door: ofTheTeam, verb: team.ManageConnectors},
	"POST /dashboard/connectors/journeys":                         {door: ofTheTeam, verb: team.ManageConnectors},
	"POST /dashboard/connectors/journeys/{journey}/retry":         {door: ofTheTeam, verb: team.ManageConnectors, thing: "journey"},

	"GET /operator": {door: operators}, "GET /operator/subscriptions": {door: operators},
	"GET /operator/applications/{application}":          {door: operators, thing: "application"},
	"POST /operator/applications/{application}":         {door: operators, thing: "application"},
	"POST /operator/subscriptions/{organisation}/start": {door: operators, thing: "organisation", form: "plan=Business"},
	"POST /operator/subscriptions/{organisation}/stop":  {door: operators, thing: "organisation"},
}

// expected asks the one judge: first at the door, then about the thing.
func (g *ground) expected(who stander, r row, p place) string {
	switch {
	case r.door == everybody:
		return "may"
	case r.door == letter:
		return "link"
	case who.actor.ID == "" || who.link && slices.Contains([]door{signedIn, named, head}, r.door):
		return "sign in"
	case r.door == operators:
		if !who.actor.Operator || p.none {
			return "missing"
		}
		return "may"
	case r.door == head:
		return answers[team.May(who.actor, team.ManageOrganisation, team.Thing{Organisation: who.actor.Organisation})]
	case slices.Contains([]door{named, members, ofTheTeam}, r.door) && who.actor.Team == "":
		return "missing" // they are in no team
	case r.door == ofTheTeam:
		if at := team.May(who.actor, r.verb, team.Thing{Organisation: who.actor.Organisation, Team: who.actor.Team}); at != team.Granted {
			return answers[at]
		}
		if p.none || r.thing != "" && p.team.ID != who.actor.Team {
			return "missing" // such things are their team's alone
		}
		return "may"
	}
	return g.ofThing(who, r, p)
}

// ofThing is for pages that are judged by what they are about.
func (g *ground) ofThing(who stander, r row, p place) string {
	thing := team.Thing{Organisation: p.team.Organisation, Team: p.team.ID, Owner: p.owner}
	switch r.thing {
	case "":
		if r.verb == team.ReadLogs && who.actor.Reach(r.verb) != team.Whole && !who.actor.Head {
			return "refused" // figures are of a team, not of a person
		}
		if r.verb == team.ManageOrganisation && !who.actor.Head {
			return "refused"
		}
		return "may"
	case "joined":
		if p.none || p.team.ID != who.actor.Team {
			return "missing"
		}
		return "may"
	case "key":
		if p.none || p.team.ID != who.actor.Team || team.May(who.actor, r.verb, thing) != team.Granted {
			return "missing" // who may not revoke a key does not know of it
		}
		return "may"
	case "team":
		thing.Owner = ""
	}
	if p.none || who.actor.Operator && p.team.Organisation != who.actor.Organisation {
		return "missing" // whoever runs the hub is a stranger at the pages of teams
	}
	if r.thing == "envelope" && p.team.ID != who.actor.Team && !slices.Contains(who.actor.Children, p.team.ID) {
		return "missing" // the administrator of the organisation reads envelopes as a member only
	}
	if r.verb == team.ManageOrganisation && team.May(who.actor, team.SeeTeam, thing) != team.Unseen {
		thing.Team = ""
	}
	if r.verb == team.SeeTeam && team.May(who.actor, r.verb, thing) != team.Unseen {
		return "may" // who knows of a team sees its name
	}
	return answers[team.May(who.actor, r.verb, thing)]
}

var answers = map[team.Answer]string{team.Granted: "may", team.Refused: "refused", team.Unseen: "missing"}

// read is what the answer to a program says: may is everything that comes after the
// judge has let it pass.
func read(got *httptest.ResponseRecorder) string {
	var told struct{ Code string }
	_ = json.Unmarshal(got.Body.Bytes(), &told)
	switch told.Code {
	case "signed_out":
		return "sign in"
	case "not_allowed":
		return "refused"
	case "link_invalid":
		return "link"
	case "envelope_missing", "document_missing", "endpoint_missing", "team_missing", "key_missing", "page_missing",
		"connection_missing", "mapping_missing", "template_missing", "journey_missing", "application_missing", "organisation_missing", "subscription_missing", "audit_trail_missing":
		return "missing"
	}
	if got.Code >= 500 || got.Code == http.StatusMethodNotAllowed || got.Code == http.StatusTooManyRequests {
		return fmt.Sprint(got.Code)
	}
	return "may"
}

func TestEveryPageAnswersEveryVisitorAsTheJudgeSays(t *testing.T) {
	g := newGround(t)
	standers, routes := g.standers(), web.Routes()
	for pattern := range rows {
		if !slices.Contains(routes, pattern) {
			t.Errorf("the matrix has a row for %s, which is no page", pattern)
		}
	}
	cells, wrong, same := 0, 0, 0
	var table strings.Builder
	for _, pattern := range routes {
		r, known := rows[pattern]
		if !known {
			t.Errorf("%s has no row in the matrix", pattern)
		}
		if r.door == guests || !known {
			continue
		}
		for _, who := range standers {
			for _, p := range g.places(who, r) {
				got := g.ask(who, pattern, r, p, "application/json")
				cells++
				want, is := g.expected(who, r, p), read(got)
				if r.door == everybody && got.Code < 500 && got.Code != http.StatusMethodNotAllowed {
					is = "may" // what nobody is kept from may still be wrong, or not there
				}
				if is != want {
					wrong++
					t.Errorf("%s, %s, %s: %s, want %s: %d %.300s", pattern, who.name, p.name, is, want, got.Code, got.Body)
				}
				if is == "may" && r.ends {
					g.removed(p, r.thing)
				}
				fmt.Fprintf(&table, "%s\t%s\t%s\t%s\t%d\n", pattern, who.name, p.name, is, got.Code)
			}
			if alike, asked := g.alike(who, pattern, r); asked {
				same++
				if alike != "" {
					wrong++
					t.Errorf("%s, %s: another organisation's is told apart:\n%s", pattern, who.name, alike)
				}
			}
		}
	}
	t.Logf("%d pages × %d visitors: %d cells, %d wrong; in %d of them another organisation's is compared with missing", len(routes), len(standers), cells, wrong, same)
	if dir := os.Getenv("CHANCERY_ARTEFACTS"); dir != "" {
		g.must(os.MkdirAll(dir, 0o755))
		g.must(os.WriteFile(filepath.Join(dir, "matrix-pages.tsv"), []byte(table.String()), 0o644))
	}
}

// alike compares what a browser is shown of another organisation's thing with what it
// is shown of one that there is not: byte by byte, with its headers.
func (g *ground) alike(who stander, pattern string, r row) (differs string, asked bool) {
	var shown []string
	for _, p := range g.places(who, r) {
		if p.name == "other organisation" || p.name == "missing" {
			got := g.ask(who, pattern, r, p, "text/html")
			var all bytes.Buffer
			_ = got.Header().Write(&all)
			shown = append(shown, fmt.Sprintf("%d\n%s\n%s", got.Code, all.String(), got.Body))
		}
	}
	if len(shown) < 2 || r.door == operators && who.actor.Operator {
		return "", false
	}
	for i, path := range g.asked { // where they go on after they have signed in
		shown[i] = strings.ReplaceAll(shown[i], url.QueryEscape(path), "")
	}
	if shown[0] != shown[1] {
		return shown[0] + "\n" + shown[1], true
	}
	return "", true
}
