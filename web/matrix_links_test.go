package web_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/id"
	"chancery/links"
	"chancery/team"
	"chancery/web"
)

// holder is somebody with a token in the address of a signing page.
type holder struct {
	name, token string
	opens       bool // it is a link that opens a page
	reads       bool // and it is their turn to read
	envelope    envelope.Envelope
}

func (g *ground) holders(e, foreign envelope.Envelope, draft string) []holder {
	mint := func(purpose links.Purpose, subject string, good time.Duration) string {
		return g.links.Mint(links.Link{Purpose: purpose, Subject: subject, Expires: g.clock().Add(good)})
	}
	ann, bob := e.Recipients[0].ID, e.Recipients[1].ID
	good := mint(links.Sign, ann+".1", time.Hour)
	all := []holder{
		{name: "their own link", token: good, opens: true, reads: true, envelope: e},
		{name: "their link in a frame", token: mint(links.Embed, ann+".1 https://crm.example.com", time.Hour), opens: true, reads: true, envelope: e},
		{name: "a link of another recipient, whose turn it is not", token: mint(links.Sign, bob+".1", time.Hour), opens: true, envelope: e},
		{name: "a link to another organisation's envelope", token: mint(links.Sign, foreign.Recipients[0].ID+".1", time.Hour), opens: true, reads: true, envelope: foreign},
	}
	for name, token := range map[string]string{
		"no link": "nonsense", "a forged link": strings.Repeat("A", 24) + good[24:], "an expired link": mint(links.Sign, ann+".1", -time.Second),
		"a link from before a correction": mint(links.Sign, ann+".0", time.Hour), "a link without a version": mint(links.Sign, ann, time.Hour),
		"a link to another door": mint(links.Download, ann+".1", time.Hour), "a link to a dashboard": mint(web.Dashboard, e.Team, time.Hour),
		"the token of a picture": mint("p", ann+"/picture", time.Hour), "a link to a draft": mint(links.Sign, draft+".1", time.Hour),
		"a link of nobody": mint(links.Sign, id.New(id.Recipient)+".1", time.Hour), "an API key": "ck_live_eu_key", "the token of a session": account.NewToken(),
	} {
		all = append(all, holder{name: name, token: token})
	}
	return all
}

// expectedOf says what a link opens, of a page about documents and of one that is not.
func (who holder) expected(pattern string, r row, document string) string {
	switch _, theirs := who.envelope.Document(document); {
	case !who.opens:
		return "link"
	case pattern == "GET /s/{token}/audit.pdf", r.thing == "document" && !(who.reads && theirs):
		return "missing"
	}
	return "may"
}

func TestASigningLinkOpensItsOwnPagesAndNothingElse(t *testing.T) {
	g := newGround(t)
	ours, theirs := g.teams["team"], g.teams["strange"]
	e, beside, foreign := g.sent(ours, ""), g.sent(ours, ""), g.sent(theirs, "")
	draft := g.draft(ours, "").Recipients[0].ID
	documents := map[string]string{"their own": e.Documents[0].ID, "another envelope's": beside.Documents[0].ID,
		"another organisation's": foreign.Documents[0].ID, "missing": id.New(id.Document)}
	cells, wrong := 0, 0
	for _, pattern := range web.Routes() {
		r := rows[pattern]
		if r.door != guests {
			continue
		}
		refused := map[string]bool{}
		for _, who := range g.holders(e, foreign, draft) {
			shown := map[string]string{}
			for whose, document := range documents {
				if r.thing == "" && whose != "missing" {
					continue
				}
				got := g.open(pattern, who.token, document, "application/json")
				cells++
				if is, want := read(got), who.expected(pattern, r, document); is != want {
					wrong++
					t.Errorf("%s, %s, %s document: %s, want %s: %d %.300s", pattern, who.name, whose, is, want, got.Code, got.Body)
				}
				shown[whose] = g.open(pattern, who.token, document, "text/html").Body.String()
				if !who.opens {
					refused[shown[whose]] = true
				}
			}
			if shown["another organisation's"] != shown["missing"] && r.thing != "" && who.envelope.Team == ours.ID {
				wrong++
				t.Errorf("%s, %s: another organisation's document is told apart", pattern, who.name)
			}
		}
		if len(refused) != 1 {
			wrong++
			t.Errorf("%s: links that open nothing are told apart by %d answers", pattern, len(refused))
		}
	}
	t.Logf("%d cells, %d wrong", cells, wrong)
}

// open asks for a page of a signing link.
func (g *ground) open(pattern, token, document, accept string) *httptest.ResponseRecorder {
	there := things{"token": token, "document": document}
	return g.send(stander{}, pattern, there, "", accept)
}

func TestTricksWithHeadersAndAddressesOpenNothing(t *testing.T) {
	g := newGround(t)
	reader := g.signed("reader", "team", g.member(g.teams["team"], "Rea", team.TeamRead))
	mine, theirs := "/dashboard/envelopes/"+g.sent(g.teams["team"], "").ID, "/dashboard/envelopes/"+g.sent(g.teams["strange"], "").ID
	const form = "Content-Type: application/x-www-form-urlencoded"
	for name, tt := range map[string]struct {
		method, target string
		headers        []string
		signedIn       bool
		want           int
	}{
		"the plain page":                        {"GET", mine, nil, true, 200},
		"another organisation's":                {"GET", theirs, nil, true, 404},
		"what the level does not allow":         {"POST", mine + "/void", []string{form}, true, 403},
		"nobody":                                {"POST", mine + "/void", []string{form}, false, 403},
		"a method in a header":                  {"GET", mine + "/void", []string{"X-HTTP-Method-Override: POST", "X-Method-Override: POST"}, true, 404},
		"a method in the query":                 {"GET", mine + "/void?_method=POST", nil, true, 404},
		"a method nobody knows":                 {"VOID", mine, nil, true, 404},
		"HEAD is a look":                        {"HEAD", mine, nil, true, 200},
		"HEAD of another's":                     {"HEAD", theirs, nil, true, 404},
		"a path in a header":                    {"GET", theirs, []string{"X-Original-URL: " + mine, "X-Rewrite-URL: " + mine}, true, 404},
		"this machine in a header":              {"GET", mine, []string{"X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1", "Forwarded: for=127.0.0.1"}, false, 303},
		"a person in a header":                  {"GET", mine, []string{"X-User: admin", "Remote-User: admin", "X-Forwarded-User: admin"}, false, 303},
		"a post from another site":              {"POST", mine + "/void", []string{form, "Sec-Fetch-Site: cross-site"}, true, 403},
		"JSON in place of a form":               {"POST", mine + "/void", []string{"Content-Type: application/json"}, true, 403},
		"no type at all":                        {"POST", mine + "/void", nil, true, 403},
		"a type that cannot be read":            {"POST", mine + "/void", []string{"Content-Type: a/b/c;;="}, true, 403},
		"an address of the absolute form":       {"GET", "http://elsewhere.example" + theirs, nil, true, 404},
		"capitals":                              {"GET", strings.ToUpper(mine), nil, true, 404},
		"a letter that is encoded":              {"GET", strings.Replace(theirs, "dashboard", "d%61shboard", 1), nil, true, 404},
		"two slashes are led to one":            {"GET", strings.Replace(mine, "/envelopes", "//envelopes", 1), nil, false, 307},
		"dots are led away":                     {"GET", "/s/x/../.." + theirs, nil, true, 307},
		"a slash at the end":                    {"GET", mine + "/", nil, true, 404},
		"a slash that is encoded":               {"GET", "/dashboard%2fenvelopes", nil, true, 404},
		"the cookie of a session as a link's":   {"GET", mine, []string{"Cookie: chancery_dashboard=" + reader.cookie().Value}, false, 303},
		"the cookie of a session under another": {"GET", mine, []string{"Cookie: CHANCERY=" + reader.cookie().Value}, false, 303},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(tt.method, tt.target, strings.NewReader("id="+id.New(id.Act)+"&reason=No"))
			for _, h := range tt.headers {
				key, value, _ := strings.Cut(h, ": ")
				request.Header.Add(key, value)
			}
			if tt.signedIn {
				request.AddCookie(reader.cookie())
			}
			got := httptest.NewRecorder()
			g.server.Config.Handler.ServeHTTP(got, request)
			if got.Code != tt.want {
				t.Errorf("got %d, want %d: %.300s", got.Code, tt.want, got.Body)
			}
			if slices.Contains(g.wishes, "void") {
				t.Error("the envelope was voided")
			}
		})
	}
}
