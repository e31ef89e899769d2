package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/client"
	"chancery/webhooks"
)

// hub answers each call with the next of these, and remembers the requests.
type hub struct {
	mu      sync.Mutex // a try that its caller has given up may still be here
	answers []func(http.ResponseWriter)
	keys    []string
	bodies  []string
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.keys, h.bodies = append(h.keys, r.Header.Get("Idempotency-Key")), append(h.bodies, string(body))
	answer := h.answers[min(len(h.keys), len(h.answers))-1]
	h.mu.Unlock()
	answer(w)
}

func answering(t *testing.T, answers ...func(http.ResponseWriter)) (*client.Client, *hub) {
	t.Helper()
	h := &hub{answers: answers}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := client.New(server.URL+"/", "ck_test_eu_1")
	c.Wait = time.Millisecond
	return c, h
}

func refusing(status int, code string, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"code":"`+code+`","detail":"No."}`)
	}
}

func agreeing(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":"env_1","news":"unknown"}`) }

// silent takes the request and ends the connection without an answer.
func silent(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func TestACallKeepsItsKeyThroughItsRetries(t *testing.T) {
	c, h := answering(t, silent, refusing(503, "internal"), refusing(409, "idempotency_in_progress"), agreeing)
	e, err := c.Create(t.Context(), client.NewEnvelope{Title: "Lease"})
	if err != nil || e.ID != "env_1" {
		t.Fatalf("%+v, %v", e, err)
	}
	if len(h.keys) != 4 || h.keys[0] == "" {
		t.Fatalf("the keys were %q", h.keys)
	}
	for i := range h.keys {
		if h.keys[i] != h.keys[0] || h.bodies[i] != h.bodies[0] {
			t.Errorf("try %d had the key %q and the body %s", i+1, h.keys[i], h.bodies[i])
		}
	}
	if _, err := c.Create(t.Context(), client.NewEnvelope{Title: "Lease"}); err != nil || h.keys[4] == h.keys[0] {
		t.Errorf("the next call has the key %q, %v", h.keys[4], err)
	}
	if _, err := c.Send(client.WithIdempotencyKey(t.Context(), "order-4711"), "env_1"); err != nil || h.keys[5] != "order-4711" {
		t.Errorf("a key of the caller's own became %q, %v", h.keys[5], err)
	}
}

func TestARefusalIsTypedAndNotTriedAgain(t *testing.T) {
	c, h := answering(t, refusing(422, "title_missing"))
	_, err := c.Create(t.Context(), client.NewEnvelope{})
	var p *client.Problem
	if !client.Is(err, "title_missing") || !errors.As(err, &p) || p.Status != 422 || p.Detail != "No." || len(h.keys) != 1 {
		t.Fatalf("%d calls: %v", len(h.keys), err)
	}
	if client.Is(err, "title_invalid") || client.Is(nil, "title_missing") {
		t.Error("another code is told to be this one")
	}
}

func TestTriesComeToAnEnd(t *testing.T) {
	c, h := answering(t, refusing(502, ""))
	_, err := c.Get(t.Context(), "env_1")
	var p *client.Problem
	if !errors.As(err, &p) || p.Status != 502 || len(h.keys) != client.DefaultTries || h.keys[0] != "" {
		t.Fatalf("%d calls: %v", len(h.keys), err)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	c, h := answering(t, refusing(429, "rate_limited", "Retry-After", "1"), agreeing)
	began := time.Now()
	if _, err := c.Get(t.Context(), "env_1"); err != nil || time.Since(began) < time.Second || len(h.keys) != 2 {
		t.Fatalf("%d calls in %s: %v", len(h.keys), time.Since(began), err)
	}
	c, h = answering(t, refusing(429, "too_many_wrong_keys", "Retry-After", "3600"))
	_, err := c.Get(t.Context(), "env_1")
	var p *client.Problem
	if !errors.As(err, &p) || p.RetryAfter != time.Hour || len(h.keys) != 1 {
		t.Fatalf("an hour: %d calls, %v", len(h.keys), err)
	}
}

func TestAContextEndsTheWait(t *testing.T) {
	c, _ := answering(t, refusing(429, "rate_limited", "Retry-After", "60"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := c.Get(ctx, "env_1"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 5*time.Second {
		t.Fatalf("after %s: %v", time.Since(began), err)
	}
}

func TestATryThatTakesTooLongIsFollowedByAnother(t *testing.T) {
	c, h := answering(t, func(http.ResponseWriter) { time.Sleep(300 * time.Millisecond) }, agreeing)
	c.HTTP.Timeout = 100 * time.Millisecond
	if _, err := c.Get(t.Context(), "env_1"); err != nil || len(h.keys) != 2 {
		t.Fatalf("%d calls: %v", len(h.keys), err)
	}
}

func TestAnIdCannotLeaveItsPath(t *testing.T) {
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path = r.URL.EscapedPath() }))
	defer server.Close()
	if err := client.New(server.URL, "k").RemoveEndpoint(t.Context(), "../envelopes/env_1?x"); err != nil {
		t.Fatal(err)
	}
	if path != "/v1/webhook-endpoints/..%2Fenvelopes%2Fenv_1%3Fx" {
		t.Fatalf("it went to %s", path)
	}
}

func TestOnlyWhatTheHubHasSignedNowIsTaken(t *testing.T) {
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_790_000_000, 0)
	body := `{"type":"recipient.signed","timestamp":"2026-09-21T13:33:20.000Z","data":{"sequence":3,"envelope":{"id":"env_1"},"recipient":{"id":"rcp_1"}}}`
	signed := func(by ...webhooks.Secret) http.Header {
		h := http.Header{}
		h.Set("webhook-id", "evt_1")
		h.Set("webhook-timestamp", "1790000000")
		h.Set("webhook-signature", webhooks.Sign("evt_1", at, []byte(body), by...))
		return h
	}
	odd := func(name, value string) http.Header {
		h := signed(secret)
		h.Set(name, value)
		return h
	}
	for name, tt := range map[string]struct {
		header http.Header
		body   string
		now    time.Time
		good   bool
	}{
		"as it came":                  {signed(secret), body, at, true},
		"while a secret rolls":        {signed(other, secret), body, at, true},
		"four minutes late":           {signed(secret), body, at.Add(4 * time.Minute), true},
		"six minutes late":            {signed(secret), body, at.Add(6 * time.Minute), false},
		"six minutes early":           {signed(secret), body, at.Add(-6 * time.Minute), false},
		"under another secret":        {signed(other), body, at, false},
		"another body":                {signed(secret), strings.Replace(body, "env_1", "env_2", 1), at, false},
		"another id":                  {odd("webhook-id", "evt_2"), body, at, false},
		"another time":                {odd("webhook-timestamp", "1790000001"), body, at, false},
		"a time that is none":         {odd("webhook-timestamp", "now"), body, at, false},
		"no signature":                {odd("webhook-signature", ""), body, at, false},
		"a signature of another kind": {odd("webhook-signature", "v1a,AAAA"), body, at, false},
	} {
		event, err := client.VerifyWebhook(tt.header, []byte(tt.body), tt.now, secret.Reveal())
		if tt.good != (err == nil) || !tt.good && !errors.Is(err, client.ErrNotOurs) {
			t.Errorf("%s: %v", name, err)
		}
		if about, err := event.About(); tt.good && (err != nil || event.ID != "evt_1" || about.Sequence != 3 || about.Envelope.ID != "env_1" || about.Recipient.ID != "rcp_1") {
			t.Errorf("%s: %+v tells of %+v, %v", name, event, about, err)
		}
	}
	if _, err := client.VerifyWebhook(signed(secret), []byte(body), at, "whsec_!"); err == nil || errors.Is(err, client.ErrNotOurs) {
		t.Errorf("a secret that is none: %v", err)
	}
	if _, err := client.VerifyWebhook(signed(secret), []byte(body), at); !errors.Is(err, client.ErrNotOurs) {
		t.Errorf("no secret: %v", err)
	}
}
