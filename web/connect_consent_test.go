package web_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/salesforcetest"
	"chancery/team"
	"chancery/webhooks"
)

const newSalesforce = "/dashboard/connectors/new/salesforce"

// leave fills in the form of a connection to an org and presses the button that leads
// there. It returns the address of the org's page.
func (h *house) leave(client *http.Client, o *salesforcetest.Org, form string) string {
	h.t.Helper()
	_, page := h.askAs(client, form)
	fields := []string{"id", hidden(page, "id"), "name", "By a person", "settings.grant", "jwt", "settings.login_url", o.URL, "settings.client_id", o.ClientID, "do", "consent"}
	_, page = h.askAs(client, form, fields...)
	host := strings.TrimPrefix(o.URL, "http://")
	says(h.t, page, "You go on to <strong>"+host+"</strong>", "<code>"+h.server.URL+"/dashboard/connectors/return</code>", "Not now")
	return html.UnescapeString(between(page, `<a class="button primary" href="`, `"`))
}

// answerOf is where the org sends the browser back to, without going there.
func (h *house) answerOf(address string) *url.URL {
	h.t.Helper()
	still := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	reply, err := still.Get(address)
	h.must(err)
	h.must(reply.Body.Close())
	back, err := reply.Location()
	h.must(err)
	return back
}

func TestSomebodySaysYesInSalesforceAndTheConnectionIsSaved(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, err := salesforcetest.Start(salesforcetest.Options{})
	h.must(err)
	t.Cleanup(o.Close)
	o.Break(salesforcetest.Faults{Rotate: true})
	reply, page := h.ask(h.leave(h.client, o, newSalesforce))
	if !strings.HasPrefix(reply.Request.URL.Path, "/dashboard/connectors/connections/con_") {
		t.Fatalf("back at %s: %s", reply.Request.URL, page)
	}
	says(t, page, "The system lets the hub in", "speaks as "+o.Username, "<option selected>refresh_token</option>")
	all, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	if len(all) != 1 || all[0].Settings["refresh_token"] == "" || all[0].Settings["org"] != o.ID {
		t.Fatalf("saved are %+v", all)
	}
	places(t, page, map[string]int{all[0].Settings["refresh_token"]: 0, o.ID: 1})

	// Again for the one that is there: its secrets are others, and all else stays.
	reply, page = h.ask(h.leave(h.client, o, "/dashboard/connectors/connections/"+all[0].ID))
	says(t, page, "The system lets the hub in", `<code>`+all[0].ID+`</code>`)
	again, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	if reply.StatusCode != http.StatusOK || len(again) != 1 || again[0].Settings["refresh_token"] == all[0].Settings["refresh_token"] {
		t.Errorf("%s; saved are %+v", reply.Status, again)
	}
}

func TestASecretThatTheSystemRenewsIsKept(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, err := salesforcetest.Start(salesforcetest.Options{})
	h.must(err)
	t.Cleanup(o.Close)
	o.Break(salesforcetest.Faults{Rotate: true})
	h.ask(h.leave(h.client, o, newSalesforce))
	all, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	seen := map[string]bool{all[0].Settings["refresh_token"]: true}
	for range 3 { // the same process, whose token ends each time
		o.ExpireTokens()
		_, err := h.integration.Types(t.Context(), sandbox.ID, all[0].ID)
		h.must(err)
		kept, err := h.store.TeamConnection(t.Context(), sandbox.ID, all[0].ID)
		h.must(err)
		seen[kept.Settings["refresh_token"]] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d refresh tokens were kept, want 4", len(seen))
	}
	logins := o.Usage().Tokens
	for range 3 {
		_, err := h.integration.Types(t.Context(), sandbox.ID, all[0].ID)
		h.must(err)
	}
	if got := o.Usage().Tokens; got != logins {
		t.Errorf("a renewed secret made %d more sign-ins", got-logins)
	}

	// Another process has what is kept.
	kept, err := h.store.TeamConnection(t.Context(), sandbox.ID, all[0].ID)
	h.must(err)
	h.integration.Systems["salesforce"] = salesforce.System(nil, nil)
	_, err = h.integration.Types(t.Context(), sandbox.ID, kept.ID)
	h.must(err)

	// A test that goes wrong has used the old secret up, and keeps the new one.
	o.Break(salesforcetest.Faults{Rotate: true, TokenCalls: 1})
	if _, page := h.ask("/dashboard/connectors/connections/"+kept.ID, "name", "x", "settings.grant", "refresh_token", "settings.login_url", o.URL, "settings.client_id", o.ClientID); strings.Contains(page, "is saved") {
		t.Fatal("a token for one call is enough for a test")
	}
	o.Break(salesforcetest.Faults{Rotate: true})
	h.integration.Systems["salesforce"] = salesforce.System(nil, nil)
	_, err = h.integration.Types(t.Context(), sandbox.ID, kept.ID)
	h.must(err)
}

func TestAnAnswerThatIsNotOfThisQuestionChangesNothing(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, err := salesforcetest.Start(salesforcetest.Options{})
	h.must(err)
	t.Cleanup(o.Close)
	refused := func(name string, client *http.Client, address string, status int, words string) {
		t.Helper()
		reply, page := h.askAs(client, address)
		if reply.StatusCode != status || !strings.Contains(page, words) {
			t.Errorf("%s: %s %s", name, reply.Status, page)
		}
	}
	back := h.answerOf(h.leave(h.client, o, newSalesforce))
	wrong := *back
	wrong.RawQuery = url.Values{"code": {back.Query().Get("code")}, "state": {"x" + back.Query().Get("state")}}.Encode()
	const unknown = "does not answer anything that you have begun here"
	refused("a wrong state", h.client, wrong.String(), http.StatusForbidden, unknown)
	refused("no state", h.client, h.server.URL+"/dashboard/connectors/return?code=x", http.StatusForbidden, unknown)
	eve := h.as(h.member(sandbox, "Eve Else", team.Administrator))
	refused("another person's", eve, back.String(), http.StatusForbidden, unknown)
	refused("nobody's", h.browser(), back.String(), http.StatusOK, "Sign in")
	rita := h.as(h.member(sandbox, "Rita", team.TeamRead))
	refused("of somebody who may not", rita, back.String(), http.StatusForbidden, "You may not do that")
	none := func() {
		t.Helper()
		if all, err := h.store.Connections(t.Context(), sandbox.ID); err != nil || len(all) != 0 {
			t.Fatalf("%v: saved are %+v", err, all)
		}
	}
	none()

	late := h.answerOf(h.leave(h.client, o, newSalesforce))
	h.wait(16 * time.Minute)
	refused("a late one", h.client, late.String(), http.StatusForbidden, unknown)

	o.Break(salesforcetest.Faults{Unwilling: true})
	no := h.answerOf(h.leave(h.client, o, newSalesforce))
	refused("a no", h.client, no.String(), http.StatusUnprocessableEntity, "Nobody has said yes in Salesforce")
	refused("a no, twice", h.client, no.String(), http.StatusForbidden, unknown)
	odd := h.answerOf(h.leave(h.client, o, newSalesforce))
	odd.RawQuery = url.Values{"error": {"server_error"}, "error_description": {"<b>\x00"}, "state": {odd.Query().Get("state")}}.Encode()
	refused("a fault", h.client, odd.String(), http.StatusUnprocessableEntity, "Salesforce says: server_error &lt;b&gt;")
	o.Break(salesforcetest.Faults{})
	none()

	first := h.answerOf(h.leave(h.client, o, newSalesforce))
	refused("a good one", h.client, first.String(), http.StatusOK, "The system lets the hub in")
	refused("the same again", h.client, first.String(), http.StatusForbidden, unknown)
	second := h.answerOf(h.leave(h.client, o, newSalesforce))
	second.RawQuery = url.Values{"code": {first.Query().Get("code")}, "state": {second.Query().Get("state")}}.Encode()
	refused("a code used twice", h.client, second.String(), http.StatusUnprocessableEntity, "The system says: invalid_grant")
	third := h.answerOf(h.leave(h.client, o, newSalesforce))
	fourth := h.answerOf(h.leave(h.client, o, newSalesforce))
	third.RawQuery = url.Values{"code": {fourth.Query().Get("code")}, "state": {third.Query().Get("state")}}.Encode()
	refused("the code of another question", h.client, third.String(), http.StatusUnprocessableEntity, "The system says: invalid_grant")
	all, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	if len(all) != 1 {
		t.Fatalf("saved are %+v", all)
	}
	gone := h.answerOf(h.leave(h.client, o, "/dashboard/connectors/connections/"+all[0].ID))
	h.must(h.store.DeleteConnection(t.Context(), sandbox.ID, all[0].ID))
	refused("for a connection that is gone", h.client, gone.String(), http.StatusNotFound, "There is no such connection")
	none()
}

func TestNobodyIsSentWhereTheyCannotSayYes(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	for name, tt := range map[string]struct {
		path, login, client, words string
	}{
		"to a script":             {newSalesforce, "javascript://x/%0aalert(1)", "3MVG", "A login address is needed"},
		"nowhere":                 {newSalesforce, "", "3MVG", "A login address is needed"},
		"without an app":          {newSalesforce, "https://login.salesforce.com", "", "Consumer key"},
		"to one that asks nobody": {"/dashboard/connectors/new/till", "", "", "nobody says yes"},
	} {
		_, page := h.ask(tt.path)
		reply, page := h.ask(tt.path, "id", hidden(page, "id"), "name", "x", "settings.login_url", tt.login, "settings.client_id", tt.client, "do", "consent")
		if reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, tt.words) {
			t.Errorf("%s: %s %s", name, reply.Status, page)
		}
	}
	// An address inside our own network is not asked for tokens.
	h.integration.HTTP = webhooks.NewClient(webhooks.Policy{})
	o, err := salesforcetest.Start(salesforcetest.Options{})
	h.must(err)
	t.Cleanup(o.Close)
	reply, page := h.ask(h.leave(h.client, o, newSalesforce))
	if reply.StatusCode == http.StatusOK || strings.Contains(page, "lets the hub in") {
		t.Errorf("%s %s", reply.Status, page)
	}
}
