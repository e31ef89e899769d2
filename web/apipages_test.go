package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/account"
	"chancery/activities"
	"chancery/id"
	"chancery/postgres"
	"chancery/team"
	"chancery/webhooks"
)

// application is the form filled in.
func application(page string) []string {
	return []string{"id", hidden(page, "id"), "company", "Engines Ltd", "address", "1 Mill Lane\nLondon", "name", "Ada Byron",
		"role", "Engineer", "use_cases", "Leases & <b>loans</b>", "experience", "None"}
}

func TestFromTheApplicationToTheKey(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	rita := h.as(h.operator())

	_, page := h.ask("/dashboard/api/config")
	says(t, page, account.ErrNotApproved.Public, `href="/dashboard/api/access"`)
	_, page = h.ask("/dashboard/api/access")
	filled := application(page)
	lacking := append([]string{}, filled...)
	lacking[len(lacking)-1] = " "
	reply, page := h.ask("/dashboard/api/access", lacking...)
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an answer is missing: %s", reply.Status)
	}
	says(t, page, "which APIs you have worked with", "1 Mill Lane", `aria-invalid="true"`)
	for range 2 { // a double click
		_, page = h.ask("/dashboard/api/access", filled...)
		says(t, page, "waits for its answer")
	}
	if reply, _ := h.ask("/operator"); reply.StatusCode != http.StatusNotFound {
		t.Errorf("an organisation's administrator at the operator's page: %s", reply.Status)
	}
	if reply, _ := h.ask("/operator/applications/"+filled[1], "decision", "approved"); reply.StatusCode != http.StatusNotFound {
		t.Errorf("an applicant approves: %s", reply.Status)
	}

	_, page = h.askAs(rita, "/operator")
	says(t, page, "Engines Ltd", "Waits for you")
	one := "/operator/applications/" + filled[1]
	_, page = h.askAs(rita, one)
	says(t, page, "Leases &amp; &lt;b&gt;loans&lt;/b&gt;", "Ada Byron &lt;ada@example.com&gt; of Engines Ltd")
	reply, page = h.askAs(rita, one, "decision", "rejected", "reason", "")
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("rejected without a reason: %s", reply.Status)
	}
	says(t, page, "Please say why.")
	_, page = h.askAs(rita, one, "decision", "approved")
	says(t, page, "a letter tells the applicant", "Approved")
	h.letter(account.AccessApproved, ada)

	_, page = h.ask("/dashboard/api/config")
	says(t, page, account.ErrNotSecured.Public)
	wish := []string{"id", id.New(id.Key), "name", "Order system", "scope", "send", "days", "30"}
	if reply, _ := h.ask("/dashboard/api/config", wish...); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a key without two-factor authentication: %s", reply.Status)
	}
	h.secure(ada)
	_, page = h.ask("/dashboard/api/config")
	wish[1] = hidden(page, "id")
	_, page = h.ask("/dashboard/api/config", wish...)
	shown := between(page, `<code id="key">`, `</code>`)
	says(t, page, "It is shown this once", `<code id="user">ada@example.com</code>`, "ApiKey ada@example.com:"+shown)
	if !strings.HasPrefix(shown, "ck_test_eu_") || len(shown) != len("ck_test_eu_")+43 {
		t.Errorf("the key is shown as %q", shown)
	}
	bearer, err := h.store.TeamByKey(t.Context(), team.HashKey(shown))
	h.must(err)
	if bearer.Team.ID != sandbox.ID || bearer.Actor.ID != user.ID || fmt.Sprint(bearer.Key.Scopes) != "[send]" || !bearer.Key.ExpiresAt.Equal(h.clock().Add(30*24*time.Hour)) {
		t.Errorf("the key is %+v", bearer)
	}
	if reply, page := h.ask("/dashboard/api/config", wish...); reply.StatusCode != http.StatusConflict || strings.Contains(page, "ck_test_") {
		t.Errorf("sent twice: %s", reply.Status)
	}
	_, page = h.ask("/dashboard/api/keys")
	says(t, page, "Order system", "Ada Byron", "send", wish[1])
	if strings.Contains(page, shown) {
		t.Error("the key is shown again")
	}
	_, page = h.ask("/dashboard/api/keys/"+wish[1]+"/revoke", "x", "")
	says(t, page, "opens nothing any more", "revoked")
	if _, err := h.store.TeamByKey(t.Context(), team.HashKey(shown)); err == nil {
		t.Error("the revoked key opens")
	}
}

func TestAMemberSeesAndRevokesTheirOwnKeysOnly(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	h.must(h.store.CreateKey(t.Context(), team.Key{ID: "key_hub", Team: sandbox.ID, Name: "Of the hub"}, team.HashKey("hub")))
	bob := h.as(h.member(sandbox, "Bob", team.TeamSend))
	if _, page := h.askAs(bob, "/dashboard/api/keys"); strings.Contains(page, "Of the hub") {
		t.Error("Bob sees another's key")
	}
	if reply, _ := h.askAs(bob, "/dashboard/api/keys/key_hub/revoke", "x", ""); reply.StatusCode != http.StatusNotFound {
		t.Errorf("Bob revokes another's key: %s", reply.Status)
	}
	if _, page := h.ask("/dashboard/api/keys"); !strings.Contains(page, "Of the hub") {
		t.Error("the administrator does not see it")
	}
}

func TestARejectedApplicantReadsWhyAndAppliesAgain(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, page := h.ask("/dashboard/api/access")
	filled := application(page)
	h.ask("/dashboard/api/access", filled...)
	h.askAs(h.as(h.operator()), "/operator/applications/"+filled[1], "decision", "rejected", "reason", "Which company is that?")
	_, page = h.ask("/dashboard/api/access")
	says(t, page, "was not approved", "Which company is that?", "Apply for access")
	_, page = h.ask("/dashboard/api")
	says(t, page, "Read why, and apply again")
	filled[1] = id.New(id.Application)
	_, page = h.ask("/dashboard/api/access", filled...)
	says(t, page, "waits for its answer")
}

func TestTheLogIsNarrowedAndSearched(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	h.must(h.store.CreateKey(t.Context(), team.Key{ID: "key_till", Team: sandbox.ID, Name: "Till"}, team.HashKey("till")))
	var calls []postgres.Request
	for i := range 60 {
		c := postgres.Request{ID: id.New(id.Request), Team: sandbox.ID, Key: "key_till", At: h.clock().Add(time.Duration(i-60) * time.Second), Method: "GET", Route: "/v1/team", Status: 200, Took: 3 * time.Millisecond}
		if i%10 == 0 {
			c.Method, c.Route, c.Status, c.Problem = "POST", "/v1/envelopes", 422, "title_missing"
		}
		calls = append(calls, c)
	}
	other := newStranger(h)
	calls = append(calls, postgres.Request{ID: id.New(id.Request), Team: other.ID, Key: "key_theirs", At: h.clock(), Method: "GET", Route: "/v1/secret", Status: 200})
	h.must(h.store.KeepRequests(t.Context(), calls))
	rows := func(query string) int {
		_, page := h.ask("/dashboard/api/log" + query)
		if strings.Contains(page, "/v1/secret") {
			t.Errorf("%s shows another team's calls", query)
		}
		return strings.Count(page, "<tr><td>")
	}
	minute := h.clock().Add(-30 * time.Second).UTC().Format("2006-01-02T15:04")
	for query, want := range map[string]int{
		"": 50, "?status=422": 6, "?status=4": 6, "?status=2": 50, "?text=TITLE_miss": 6, "?text=" + calls[7].ID: 1, "?text=%25": 0,
		"?route=/v1/envelopes": 6, "?key=key_till&status=4": 6, "?key=key_other": 0, "?since=" + minute + "&status=4": -1, "?until=2020-01-01T00:00": 0, "?status=nonsense": 50,
	} {
		if got := rows(query); got != want && want >= 0 {
			t.Errorf("%s shows %d calls, want %d", query, got, want)
		}
	}
	_, page := h.ask("/dashboard/api/log")
	if next := between(page, `<a class="button" href="/dashboard/api/log?`, `"`); rows("?"+strings.ReplaceAll(next, "&amp;", "&")) != 10 {
		t.Errorf("the next page is %q", next)
	}
	says(t, page, "Till", "title_missing", "GET /v1/team")
	_, page = h.ask("/dashboard/api")
	says(t, page, "60 of 100 calls in the last 60 seconds")
}

func TestWhoSeesTheirOwnOnlySeesTheirOwnCalls(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	bob := h.member(sandbox, "Bob", team.OwnSend)
	h.must(h.store.KeepRequests(t.Context(), []postgres.Request{
		{ID: id.New(id.Request), Team: sandbox.ID, Key: "k1", User: user.ID, At: h.clock(), Method: "GET", Route: "/v1/of-ada", Status: 200},
		{ID: id.New(id.Request), Team: sandbox.ID, Key: "k2", User: bob.ID, At: h.clock(), Method: "GET", Route: "/v1/of-bob", Status: 200},
	}))
	if _, page := h.askAs(h.as(bob), "/dashboard/api/log"); strings.Contains(page, "/v1/of-ada") || !strings.Contains(page, "/v1/of-bob") {
		t.Errorf("Bob reads %s", page)
	}
}

func TestWebhooksAreAddedRotatedReplayedAndRemoved(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	_, page := h.ask("/dashboard/api/webhooks")
	at := "/dashboard/api/webhooks/" + hidden(page, "id")
	reply, page := h.ask("/dashboard/api/webhooks", "id", hidden(page, "id"), "url", "ftp://example.com", "type", "envelope.sent", "tags", "EMEA,, a <b> ")
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong address: %s", reply.Status)
	}
	says(t, page, "ftp://example.com", `name="tags" value="EMEA, a &lt;b&gt;"`)
	if reply, page := h.ask("/dashboard/api/webhooks", "id", hidden(page, "id"), "url", "http://127.0.0.1:9/hook", "tags", strings.Repeat("x", 51)); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "A text is too long.") {
		t.Errorf("a tag that is too long: %s", reply.Status)
	}
	_, page = h.ask("/dashboard/api/webhooks", "id", strings.TrimPrefix(at, "/dashboard/api/webhooks/"), "url", "http://127.0.0.1:9/hook")
	secret := between(page, `<code id="secret">`, `</code>`)
	if !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("the secret is %q", secret)
	}
	if reply, page := h.ask("/dashboard/api/webhooks", "id", strings.TrimPrefix(at, "/dashboard/api/webhooks/"), "url", "http://127.0.0.1:9/hook"); reply.StatusCode != http.StatusConflict || strings.Contains(page, "whsec_") {
		t.Errorf("sent twice: %s", reply.Status)
	}
	if _, page = h.ask(at); strings.Contains(page, secret) {
		t.Error("the secret is shown again")
	}
	e := h.sent(sandbox, user.ID)
	_, page = h.ask(at)
	says(t, page, "envelope.sent", "Under way", e.ID)

	_, page = h.ask(at+"/rotate", "x", "")
	if next := between(page, `<code id="secret">`, `</code>`); next == secret || !strings.HasPrefix(next, "whsec_") {
		t.Errorf("the new secret is %q", next)
	}
	if reply, _ := h.ask(at+"/replay", "since", "yesterday"); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong span: %s", reply.Status)
	}
	_, page = h.ask(at+"/replay", "since", "2020-01-01T00:00", "until", "2020-01-02T00:00")
	says(t, page, "nothing to send again")
	h.must(h.store.DisableEndpoint(t.Context(), sandbox.ID, strings.TrimPrefix(at, "/dashboard/api/webhooks/"), postgres.WhyGone))
	_, page = h.ask(at)
	says(t, page, "it answered that it is gone (410)", "Given up", "Use it again")
	_, page = h.ask(at+"/enable", "x", "")
	says(t, page, "in use again")
	event := "evt_" + strings.TrimPrefix(e.ID, "env_") + "_1"
	_, page = h.ask(at+"/replay", "event", event)
	says(t, page, "One event is on its way again.")
	stranger := h.as(h.member(newStranger(h), "Eve", team.Administrator))
	for _, action := range []string{"", "/rotate", "/enable", "/replay", "/delete", "/test"} {
		fields := []string{"event", event}
		if action == "" {
			fields = nil
		}
		if reply, _ := h.askAs(stranger, at+action, fields...); reply.StatusCode != http.StatusNotFound {
			t.Errorf("another organisation, %q: %s", action, reply.Status)
		}
	}
	if reply, _ := h.askAs(h.as(h.member(sandbox, "Tess", team.TeamSend)), at+"/delete", "x", ""); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a member who may not: %s", reply.Status)
	}
	_, page = h.ask(at+"/delete", "x", "")
	says(t, page, "The endpoint is gone", "No program is told")
}

func TestAnEndpointIsTriedOnItsPage(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	answer := http.StatusOK
	var heard []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard, _ = io.ReadAll(r.Body)
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, "<b>thanks</b>")
	}))
	defer receiver.Close()
	one := postgres.Endpoint{ID: id.New(id.Endpoint), URL: receiver.URL, Secrets: []postgres.Secret{{Value: "whsec_" + strings.Repeat("A", 43) + "="}}}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, one))
	at := "/dashboard/api/webhooks/" + one.ID
	_, page := h.ask(at+"/test", "x", "")
	says(t, page, "It has arrived: the endpoint answered 200", "&lt;b&gt;thanks", "webhook.test")
	if !strings.Contains(string(heard), `"type":"webhook.test"`) {
		t.Errorf("the endpoint heard %s", heard)
	}
	answer, heard = http.StatusGone, nil
	_, page = h.ask(at+"/test", "x", "")
	says(t, page, "The endpoint answered 410 Gone", "In use")
	heard = nil
	for range webhooks.TrialLimit.Calls - 2 {
		h.ask(at+"/test", "x", "")
	}
	heard = nil
	reply, page := h.ask(at+"/test", "x", "")
	says(t, page, `role="alert"`, "ten times in any minute")
	if reply.StatusCode != http.StatusTooManyRequests || reply.Header.Get("Retry-After") == "" || heard != nil {
		t.Errorf("one test too many: %s, and the endpoint heard %s", reply.Status, heard)
	}
	if reply, _ := h.askAs(h.as(h.member(sandbox, "Tess", team.TeamSend)), at+"/test", "x", ""); reply.StatusCode != http.StatusForbidden || heard != nil {
		t.Errorf("a member who may not: %s, and the endpoint heard %s", reply.Status, heard)
	}
}

func TestADeliveryHasAPageOfItsOwn(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	one := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://example.com/hook", Secrets: []postgres.Secret{{Value: "whsec_" + strings.Repeat("A", 43) + "="}}}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, one))
	e := h.sent(sandbox, user.ID)
	h.answered(sandbox.ID, one, `<script>alert("hi")</script>`)
	at := "/dashboard/api/webhooks/" + one.ID + "/deliveries/evt_" + strings.TrimPrefix(e.ID, "env_") + "_1." + one.ID
	_, page := h.ask(at)
	says(t, page, "POST https://example.com/hook", "&#34;type&#34;: &#34;envelope.sent&#34;", "Status 500 after 80 ms", "&lt;script&gt;alert(", "The next attempt is on")
	if strings.Contains(page, "<script>alert") {
		t.Error("the page runs what an endpoint says")
	}
	for _, odd := range []string{at + "x", strings.Replace(at, "evt_", "%00", 1)} {
		if reply, _ := h.ask(odd); reply.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", odd, reply.Status)
		}
	}
	for who, want := range map[*http.Client]int{
		h.as(h.member(sandbox, "Tess", team.TeamSend)):            http.StatusForbidden,
		h.as(h.member(newStranger(h), "Eve", team.Administrator)): http.StatusNotFound,
	} {
		if reply, _ := h.askAs(who, at); reply.StatusCode != want {
			t.Errorf("it is shown with %s, want %d", reply.Status, want)
		}
	}
}

func TestOnlyWhatNeverArrivedIsSentAgain(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	one := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://example.com/hook", Secrets: []postgres.Secret{{Value: "whsec_" + strings.Repeat("A", 43) + "="}}, CreatedAt: h.clock().Add(-time.Hour)}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, one))
	e := h.sent(sandbox, user.ID)
	first := "evt_" + strings.TrimPrefix(e.ID, "env_") + "_1." + one.ID
	for i, verdict := range []webhooks.Verdict{webhooks.Delivered, webhooks.Gone} {
		d := strings.Replace(first, "_1.", "_"+strconv.Itoa(i+1)+".", 1)
		h.must(h.store.Told(t.Context(), nil, []activities.Attempt{{ID: id.New(id.Attempt), Delivery: d, Endpoint: one.ID, Number: 1, At: h.clock(),
			Outcome: webhooks.Outcome{Status: 200, Verdict: verdict}}}))
	}
	at := "/dashboard/api/webhooks/" + one.ID
	h.ask(at+"/enable", "x", "")
	_, page := h.ask(at+"/replay", "since", "2020-01-01T00:00", "until", "2200-01-01T00:00", "missed", "yes")
	says(t, page, "One event is on its way again.")
}

func TestWhatAnEndpointSaysIsTextAndNothingElse(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	one := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://example.com/<script>", Secrets: []postgres.Secret{{Value: "whsec_" + strings.Repeat("A", 43) + "="}}}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, one))
	h.sent(sandbox, user.ID)
	h.answered(sandbox.ID, one, `<script>alert("hi")</script>`)
	_, page := h.ask("/dashboard/api/webhooks/" + one.ID)
	says(t, page, "&lt;script&gt;alert(", "answered 500", "The next attempt is on")
	if strings.Contains(page, "<script>alert") {
		t.Error("the page runs what an endpoint says")
	}
}

func TestAnOperatorStartsAndEndsSubscriptions(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	rita := h.as(h.operator())
	at := "/operator/subscriptions/" + sandbox.Organisation
	_, page := h.askAs(rita, "/operator/subscriptions")
	says(t, page, "Engines Ltd", "No subscription")
	reply, page := h.askAs(rita, at+"/start", "plan", "Business", "documents", "many")
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong number: %s %s", reply.Status, page)
	}
	_, page = h.askAs(rita, at+"/start", "plan", "Business", "documents", "500", "since", "2026-01-01")
	says(t, page, "The subscription is on.", "of 500", "since 1 January 2026")
	sub, err := h.store.Subscription(t.Context(), sandbox.Organisation)
	h.must(err)
	if !sub.Active(h.clock()) || sub.MonthlyDocuments != 500 {
		t.Errorf("it is %+v", sub)
	}
	_, page = h.askAs(rita, at+"/stop", "x", "")
	says(t, page, "The subscription has ended.", "No subscription")
	for _, path := range []string{"/operator", "/operator/subscriptions", at + "/start", at + "/stop"} {
		fields := []string{"plan", "Mine"}
		if !strings.Contains(path, sandbox.Organisation) {
			fields = nil
		}
		for who, client := range map[string]*http.Client{"a head": h.client, "a guest": h.browser()} {
			reply, page := h.askAs(client, path, fields...)
			if strings.Contains(page, "Subscriptions</h1>") || who == "a head" && reply.StatusCode != http.StatusNotFound {
				t.Errorf("%s at %s: %s", who, path, reply.Status)
			}
		}
	}
}

// answered is an attempt of all deliveries to an endpoint that was answered so.
func (h *house) answered(teamID string, by postgres.Endpoint, body string) {
	h.t.Helper()
	found, _, err := h.store.Deliveries(h.t.Context(), teamID, by.ID, "", 100)
	h.must(err)
	var made []activities.Attempt
	for _, d := range found {
		made = append(made, activities.Attempt{ID: id.New(id.Attempt), Delivery: d.ID, Endpoint: by.ID, Number: 1, At: h.clock(), Next: h.clock().Add(time.Minute),
			Outcome: webhooks.Outcome{Status: 500, Took: 80 * time.Millisecond, Verdict: webhooks.Retry, Excerpt: body, Error: "It answered 500."}})
	}
	h.must(h.store.Told(h.t.Context(), nil, made))
}
