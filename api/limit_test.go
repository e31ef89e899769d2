package api_test

import (
	"strconv"
	"testing"
	"time"

	"chancery/api"
	"chancery/rate"
)

func TestASandboxMakesAHundredCallsInAnyMinute(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 59, 0, time.UTC)
	s := open(t, func(c *api.Config) { c.Window = rate.NewMemoryWindow(func() time.Time { return now }) })
	first := s.sandbox.get("/v1/team").want(200)
	if got := first.Header.Get("RateLimit-Policy"); got != `"sandbox";q=100;w=60` {
		t.Errorf("RateLimit-Policy: %s", got)
	}
	if got := first.Header.Get("RateLimit"); got != `"sandbox";r=99;t=60` {
		t.Errorf("RateLimit: %s", got)
	}
	now = now.Add(30 * time.Second)
	for range 99 {
		s.sandbox.get("/v1/team").want(200)
	}
	over := s.sandbox.get("/v1/team").refused(429, "rate_limited")
	if over.Header.Get("Retry-After") != "30" || over.Header.Get("RateLimit") != `"sandbox";r=0;t=30` {
		t.Errorf("Retry-After %q, RateLimit %q", over.Header.Get("Retry-After"), over.Header.Get("RateLimit"))
	}
	s.production.get("/v1/team").want(200)

	wait, err := strconv.Atoi(over.Header.Get("Retry-After"))
	must(t, err)
	now = now.Add(time.Duration(wait) * time.Second)
	s.sandbox.get("/v1/team").want(200)
	s.sandbox.get("/v1/team").refused(429, "rate_limited") // only the very first call has left the window
}
