package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"chancery/api"
	"chancery/envelope"
	"chancery/problem"
)

func TestEveryReplyIsNamedAndHardened(t *testing.T) {
	s := open(t)
	got := s.sandbox.call("GET", "/v1/team", nil, header{"X-Request-Id", "mine"}).want(200)
	if !strings.HasPrefix(got.Header.Get("X-Request-Id"), "req_") {
		t.Errorf("the request is named %q", got.Header.Get("X-Request-Id"))
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
	refused := s.sandbox.post("/v1/envelopes", object{"title": ""}).refused(422, "title_missing")
	if refused.text("instance") != refused.Header.Get("X-Request-Id") {
		t.Errorf("the problem speaks of %q", refused.text("instance"))
	}
}

// dropped is a desk that loses its head.
type dropped struct{ api.Desk }

func (dropped) Send(context.Context, string, envelope.Actor, envelope.Origin) error {
	panic("secret of the desk")
}

func TestAPanicIsOurFaultAndTheLogKnowsWhy(t *testing.T) {
	var log bytes.Buffer
	s := open(t, func(c *api.Config) { c.Desk, c.Log = dropped{c.Desk}, slog.New(slog.NewJSONHandler(&log, nil)) })
	env, _ := s.sandbox.created()
	got := s.sandbox.post("/v1/envelopes/"+env+"/send", nil, header{"Idempotency-Key", "k"}).refused(500, "internal")
	if bytes.Contains(got.Body, []byte("secret")) || !strings.Contains(log.String(), "secret of the desk") {
		t.Fatalf("told outside: %s\ntold inside: %s", got.Body, log.String())
	}
}

func TestTheAccessLogHoldsNobodysData(t *testing.T) {
	var log bytes.Buffer
	s := open(t, func(c *api.Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	env, _ := s.sandbox.created()
	log.Reset()
	s.sandbox.call("GET", "/v1/envelopes/"+env, nil, header{"User-Agent", "Netscape"}).want(200)
	var line map[string]any
	must(t, json.Unmarshal(log.Bytes(), &line))
	if line["route"] != "GET /v1/envelopes/:id" || line["status"] != 200.0 || line["team"] == nil || line["request"] == "" {
		t.Errorf("the line reads %s", log.String())
	}
	for _, secret := range []string{env, s.sandbox.key, "192.0.2.1", "Netscape", "ada@example.com"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, log.String())
		}
	}
}

func TestASpanIsNamedByItsRoute(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	s := open(t, func(c *api.Config) {
		c.Tracer = trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer("api")
	})
	s.sandbox.get("/v1/envelopes/env_unknown").want(404)
	if ended := spans.Ended(); len(ended) != 1 || ended[0].Name() != "GET /v1/envelopes/:id" {
		t.Fatalf("the spans are %v", ended)
	}
}

func TestOnlyConfiguredProxiesAreBelieved(t *testing.T) {
	for name, tt := range map[string]struct {
		proxies []string
		want    string
	}{
		"none":     {nil, "192.0.2.1"}, // httptest's own address
		"this one": {[]string{"192.0.2.0/24"}, "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(c *api.Config) { c.Proxies = tt.proxies })
			r := httptest.NewRequest("POST", "/v1/envelopes", strings.NewReader(`{"title":"A"}`))
			env := s.sandbox.do(r, header{"X-Forwarded-For", "203.0.113.9"}).want(201).text("id")
			trail := s.sandbox.get("/v1/envelopes/" + env + "/audit-trail").want(200)
			if got := trail.text("events", 0, "personal", "address"); got != tt.want {
				t.Fatalf("the evidence says %q", got)
			}
		})
	}
}

func TestDelegatesOfASandboxAreAskedAbout(t *testing.T) {
	s := open(t)
	ctx, team := context.Background(), s.teamOf(s.sandbox)
	if err := api.MaySendTo(ctx, s.store, team, "BOB@example.com"); err != nil {
		t.Error(err)
	}
	if err := api.MaySendTo(ctx, s.store, team, "eve@example.net"); !problem.Has(err, "sandbox_recipient_not_preset") {
		t.Errorf("a stranger gets %v", err)
	}
}
