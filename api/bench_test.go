package api_test

import (
	"testing"
	"time"

	"chancery/api"
	"chancery/rate"
)

func BenchmarkReadingAnEnvelope(b *testing.B) {
	s := open(b, func(c *api.Config) { c.Production = rate.Limit{Name: "all", Calls: 1 << 20, Per: time.Second} })
	env, _ := s.production.created()
	quiet := caller{scene: s, key: s.production.key} // without the contract's check
	for b.Loop() {
		quiet.get("/v1/envelopes/" + env).want(200)
	}
}

func BenchmarkCreatingADraft(b *testing.B) {
	s := open(b, func(c *api.Config) { c.Production = rate.Limit{Name: "all", Calls: 1 << 20, Per: time.Second} })
	wanted := s.production.draft()
	quiet := caller{scene: s, key: s.production.key}
	for b.Loop() {
		quiet.post("/v1/envelopes", wanted).want(201)
	}
}
