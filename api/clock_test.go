package api_test

import (
	"errors"
	"slices"
	"testing"
)

func TestATestClockIsPutForwardOnceForEachKey(t *testing.T) {
	s := open(t)
	if got := s.sandbox.get("/v1/team/clock").want(200).text("ahead"); got != "0s" {
		t.Errorf("a new clock is ahead by %s", got)
	}
	five, key := object{"advance": "120h"}, header{"Idempotency-Key", "five days"}
	s.desk.broken = errors.New("the answer was lost")
	s.sandbox.post("/v1/team/clock", five, key).refused(500, "internal")
	s.desk.broken = nil
	for range 2 {
		if got := s.sandbox.post("/v1/team/clock", five, key).want(200).text("ahead"); got != "120h0m0s" {
			t.Errorf("the clock is ahead by %s", got)
		}
	}
	s.sandbox.post("/v1/team/clock", object{"advance": "90m"}).want(200)
	if got := s.sandbox.get("/v1/team/clock").want(200).text("ahead"); got != "121h30m0s" {
		t.Errorf("the clock is ahead by %s", got)
	}
	if want := []string{"advance 120h0m0s", "advance 120h0m0s", "advance 1h30m0s"}; !slices.Equal(s.desk.heard, want) {
		t.Errorf("the desk heard %q", s.desk.heard)
	}
}

func TestATestClockGoesForwardAndNotTooFar(t *testing.T) {
	s := open(t)
	for _, by := range []string{"-1h", "0s", "8785h"} {
		s.sandbox.post("/v1/team/clock", object{"advance": by}).refused(422, "clock_advance_invalid")
	}
	s.sandbox.post("/v1/team/clock", object{"advance": "five days"}).refused(422, "duration_invalid")
	if len(s.desk.heard) != 0 {
		t.Errorf("the desk heard %q", s.desk.heard)
	}
	s.sandbox.post("/v1/team/clock", object{"advance": "8784h"}).want(200)
	s.sandbox.post("/v1/team/clock", object{"advance": "1h"}).refused(422, "clock_advance_invalid")
	s.production.post("/v1/team/clock", object{"advance": "1h"}).refused(403, "clock_sandbox_only")
}
