package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"chancery/activities"
	"chancery/api"
	"chancery/rate"
	"chancery/webhooks"
)

func TestTheFeedTellsEveryEventOnceInOrder(t *testing.T) {
	s := open(t)
	env, ada := s.sandbox.created(object{"send": true})
	var types []string
	after := ""
	for range 10 {
		page := s.sandbox.get("/v1/events?limit=1&after=" + after).want(200)
		if len(page.at("events").([]any)) == 0 {
			break
		}
		types = append(types, page.text("events", 0, "type"))
		if page.text("events", 0, "envelope") != env || page.text("events", 0, "payload", "data", "id") != page.text("events", 0, "id") {
			t.Fatalf("the event reads %s", page.Body)
		}
		after = page.text("next")
	}
	if !slices.Equal(types, []string{"envelope.sent", "recipient.released"}) {
		t.Fatalf("the feed told %q", types)
	}
	idle := s.sandbox.get("/v1/events?after=" + after).want(200)
	if idle.text("next") != after {
		t.Fatalf("with nothing new the cursor became %q", idle.text("next"))
	}
	s.sandbox.call("PATCH", "/v1/envelopes/"+env+"/recipients/"+ada, object{"name": "Ada King"}).want(200)
	if news := s.sandbox.get("/v1/events?after=" + after).want(200); news.text("events", 0, "type") != "recipient.corrected" {
		t.Fatalf("the news are %s", news.Body)
	}
}

func TestAnEndpointShowsItsSecretOnce(t *testing.T) {
	s := open(t)
	made := s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook", "types": []any{"envelope.completed"}}).want(201)
	one, secret := "/v1/webhook-endpoints/"+made.text("id"), made.text("secret")
	if _, err := webhooks.ParseSecret(secret); err != nil {
		t.Fatalf("the secret is %q: %v", secret, err)
	}
	list := s.sandbox.get("/v1/webhook-endpoints").want(200)
	if list.text("endpoints", 0, "url") != "https://example.com/hook" || strings.Contains(string(list.Body), "whsec_") {
		t.Fatalf("the list reads %s", list.Body)
	}
	next := s.sandbox.post(one+"/rotate-secret", nil).want(200).text("secret")
	kept, err := s.store.Endpoints(context.Background(), s.teamOf(s.sandbox))
	must(t, err)
	if len(kept[0].Secrets) != 2 || kept[0].Secrets[0].Value != next || kept[0].Secrets[1].Value != secret {
		t.Fatal("the new secret is not the first and the old one the second")
	}
	if left := time.Until(kept[0].Secrets[1].Until); left < 23*time.Hour || left > 24*time.Hour {
		t.Fatalf("the old secret lives for %s more", left)
	}
	s.sandbox.call("DELETE", one, nil).want(204)
	s.sandbox.call("DELETE", one, nil).refused(404, "endpoint_missing")
}

func TestEndpointsThatCannotBe(t *testing.T) {
	s := open(t)
	post := func(url string, types ...string) reply {
		return s.sandbox.post("/v1/webhook-endpoints", object{"url": url, "types": types})
	}
	post("ftp://example.com").refused(422, "webhook_url_invalid")
	post("https://user:word@example.com").refused(422, "webhook_url_invalid")
	post("https://169.254.169.254/latest").refused(422, "webhook_url_forbidden")
	post("https://10.0.0.7/").refused(422, "webhook_url_forbidden")
	post("https://example.com", "envelope.lost").refused(422, "event_type_unknown")
	for range 20 {
		post("https://example.com/hook").want(201)
	}
	post("https://example.com/hook").refused(413, "too_many_endpoints")
}

func TestDeliveriesAreSeenAndSentAgain(t *testing.T) {
	s := open(t)
	hook := s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook"}).want(201).text("id")
	one := "/v1/webhook-endpoints/" + hook
	s.sandbox.created(object{"send": true})
	log := s.sandbox.get(one + "/deliveries").want(200)
	if len(log.at("deliveries").([]any)) != 2 || log.text("deliveries", 0, "status") != "pending" {
		t.Fatalf("the log reads %s", log.Body)
	}
	delivery, event := log.text("deliveries", 0, "id"), log.text("deliveries", 0, "event")
	must(t, s.store.Told(context.Background(), nil, []activities.Attempt{{
		ID: delivery + ".1", Delivery: delivery, Number: 1, At: time.Now(),
		Outcome: webhooks.Outcome{Status: 204, Took: 30 * time.Millisecond, Verdict: webhooks.Delivered, Excerpt: "thanks"},
	}}))
	log = s.sandbox.get(one + "/deliveries").want(200)
	if log.text("deliveries", 0, "status") != "delivered" || log.at("deliveries", 0, "attempts", 0, "status") != 204.0 {
		t.Fatalf("after an attempt: %s", log.Body)
	}
	again := s.sandbox.post(one+"/replay", object{"events": []any{event}}).want(202)
	if again.text("deliveries", 0) != delivery || !slices.Contains(s.desk.heard, "redeliver 1") {
		t.Fatalf("got %s, the desk heard %q", again.Body, s.desk.heard)
	}
	s.sandbox.post(one+"/replay", object{}).refused(422, "replay_invalid")
	s.sandbox.post(one+"/replay", object{"events": []any{event}, "since": "2026-01-01T00:00:00Z"}).refused(422, "replay_invalid")
}

func TestADeliveryIsSeenInFullAndWhatWasMissedIsRecovered(t *testing.T) {
	s := open(t)
	hook := s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook"}).want(201).text("id")
	one := "/v1/webhook-endpoints/" + hook
	env, _ := s.sandbox.created(object{"send": true})
	delivery := s.sandbox.get(one+"/deliveries").want(200).text("deliveries", 1, "id")
	must(t, s.store.Told(context.Background(), nil, []activities.Attempt{{
		ID: delivery + ".1", Delivery: delivery, Number: 1, At: time.Now(),
		Outcome: webhooks.Outcome{Status: 500, Verdict: webhooks.Retry, Excerpt: "oops", Error: "It answered 500."},
	}}))
	full := s.sandbox.get(one + "/deliveries/" + delivery).want(200)
	if full.text("request", "url") != "https://example.com/hook" || full.text("request", "webhook_id") != full.text("event") ||
		full.text("request", "body", "data", "envelope", "id") != env || full.text("attempts", 0, "excerpt") != "oops" {
		t.Fatalf("it reads %s", full.Body)
	}
	s.sandbox.get(one+"/deliveries/evt_1."+hook).refused(404, "delivery_missing")
	s.production.get(one+"/deliveries/"+delivery).refused(404, "endpoint_missing")
	s.sandbox.post(one+"/replay", object{"missed": true, "events": []any{full.text("event")}}).refused(422, "replay_invalid")
	again := s.sandbox.post(one+"/replay", object{"missed": true, "since": "2026-01-01T00:00:00Z"}).want(202)
	if len(again.at("deliveries").([]any)) != 1 || again.text("deliveries", 0) != delivery {
		t.Fatalf("recovered %s", again.Body)
	}
}

func TestAnEndpointIsTriedAndTheOutcomeTold(t *testing.T) {
	s := open(t)
	var got *http.Request
	var body []byte
	answer := http.StatusOK
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, body = r, nil
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(answer)
		_, _ = io.WriteString(w, "thanks")
	}))
	defer receiver.Close()
	made := s.sandbox.post("/v1/webhook-endpoints", object{"url": receiver.URL, "types": []any{"envelope.completed"}}).want(201)
	one := "/v1/webhook-endpoints/" + made.text("id")
	told := s.sandbox.post(one+"/test", nil, header{"Idempotency-Key", "k"}).want(200)
	if told.at("delivered") != true || told.at("status") != 200.0 || told.text("excerpt") != "thanks" || told.text("body", "type") != "webhook.test" {
		t.Fatalf("told %s", told.Body)
	}
	verifier, err := standard.NewWebhook(made.text("secret"))
	must(t, err)
	must(t, verifier.Verify(body, got.Header))
	if got.Header.Get("webhook-id") != told.text("event") || told.text("body", "data", "id") != told.text("event") {
		t.Errorf("it came as %s, told was %s", got.Header, told.Body)
	}
	got = nil
	if again := s.sandbox.post(one+"/test", nil, header{"Idempotency-Key", "k"}).want(200); got != nil || again.text("event") != told.text("event") {
		t.Error("one wish has tried twice")
	}
	answer = http.StatusGone
	if told := s.sandbox.post(one+"/test", nil).want(200); told.at("delivered") != false || told.text("error") == "" {
		t.Errorf("a refusal is told as %s", told.Body)
	}
	if list := s.sandbox.get("/v1/webhook-endpoints").want(200); list.text("endpoints", 0, "disabled_reason") != "" {
		t.Error("a trial has disabled the endpoint")
	}
	if log := s.sandbox.get(one + "/deliveries").want(200); len(log.at("deliveries").([]any)) != 0 {
		t.Errorf("the log tells of a trial: %s", log.Body)
	}
	s.production.post(one+"/test", nil).refused(404, "endpoint_missing")
}

// A try that is refused is not kept under its key: it is made a minute later.
func TestATeamTriesItsEndpointsOnlySoOften(t *testing.T) {
	now := time.Now()
	s := open(t, func(c *api.Config) { c.Window = rate.NewMemoryWindow(func() time.Time { return now }) })
	heard := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer receiver.Close()
	try := func(c caller) string {
		return "/v1/webhook-endpoints/" + c.post("/v1/webhook-endpoints", object{"url": receiver.URL}).want(201).text("id") + "/test"
	}
	one, another, elsewhere := try(s.sandbox), try(s.sandbox), try(s.production)
	for range webhooks.TrialLimit.Calls {
		s.sandbox.post(one, nil).want(200)
	}
	over := s.sandbox.post(another, nil, header{"Idempotency-Key", "k"}).refused(429, "trials_too_many")
	if over.Header.Get("Retry-After") != "60" || heard != webhooks.TrialLimit.Calls {
		t.Errorf("Retry-After is %q, and %d events were heard", over.Header.Get("Retry-After"), heard)
	}
	s.production.post(elsewhere, nil).want(200)
	now = now.Add(time.Minute)
	s.sandbox.post(another, nil, header{"Idempotency-Key", "k"}).want(200)
}

// teamOf asks who the caller is.
func (s *scene) teamOf(c caller) string { s.t.Helper(); return c.get("/v1/team").want(200).text("id") }
