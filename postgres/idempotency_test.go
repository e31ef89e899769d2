package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/postgres"
	"chancery/postgres/postgrestest"
)

var created = postgres.StoredReply{Status: 201, Headers: map[string]string{"Location": "/v1/envelopes/env_1"}, Body: []byte(`{"id":"env_1"}`)}

// later lets the claims' time pass.
func (s scene) later(t *testing.T, interval string) {
	t.Helper()
	_, err := postgrestest.Connect(t, s.database.RootURL).Exec(ctx, `update idempotency_keys set claimed_at = claimed_at - $1::text::interval`, interval)
	must(t, err)
}

// mustClaim fails unless the key is ours now.
func (s scene) mustClaim(t *testing.T, key, body string) {
	t.Helper()
	if reply, claimed, err := s.Claim(ctx, s.team.ID, key, []byte(body)); !claimed || err != nil {
		t.Fatalf("not claimed: %v, %v", reply, err)
	}
}

func TestARepeatedRequestGetsTheReplyOfTheFirst(t *testing.T) {
	s := newScene(t)
	s.mustClaim(t, "k", "body")
	_, _, err := s.Claim(ctx, s.team.ID, "k", []byte("body"))
	mustBe(t, err, "idempotency_in_progress")
	must(t, s.Answer(ctx, s.team.ID, "k", created))
	reply, claimed, err := s.Claim(ctx, s.team.ID, "k", []byte("body"))
	must(t, err)
	if diff := cmp.Diff(&created, reply); claimed || diff != "" {
		t.Fatal(claimed, diff)
	}
	_, _, err = s.Claim(ctx, s.team.ID, "k", []byte("another body"))
	mustBe(t, err, "idempotency_key_reused")
}

func TestTheFirstAnswerStands(t *testing.T) {
	s := newScene(t)
	s.mustClaim(t, "k", "body")
	must(t, s.Answer(ctx, s.team.ID, "k", created))
	must(t, s.Answer(ctx, s.team.ID, "k", postgres.StoredReply{Status: 500}))
	must(t, s.Release(ctx, s.team.ID, "k"))
	reply, _, err := s.Claim(ctx, s.team.ID, "k", []byte("body"))
	must(t, err)
	if reply.Status != 201 {
		t.Fatalf("got %+v", reply)
	}
}

func TestTeamsDoNotShareKeys(t *testing.T) {
	s := newScene(t)
	s.mustClaim(t, "k", "body")
	s.team = s.newTeam(t)
	s.mustClaim(t, "k", "another body")
}

func TestOneOfFiftyClaimsWins(t *testing.T) {
	s := newScene(t)
	won := 0
	for _, err := range atOnce(50, func(int) error {
		_, _, err := s.Claim(ctx, s.team.ID, "k", []byte("body"))
		return err
	}) {
		if err == nil {
			won++
			continue
		}
		mustBe(t, err, "idempotency_in_progress")
	}
	if won != 1 {
		t.Fatalf("%d won", won)
	}
}

func TestAClaimWithoutAnAnswerIsTakenOverAfterAMinute(t *testing.T) {
	s := newScene(t)
	s.mustClaim(t, "k", "body")
	s.later(t, "59 seconds")
	_, _, err := s.Claim(ctx, s.team.ID, "k", []byte("body"))
	mustBe(t, err, "idempotency_in_progress")
	s.later(t, "2 seconds")
	_, _, err = s.Claim(ctx, s.team.ID, "k", []byte("another body"))
	mustBe(t, err, "idempotency_key_reused")
	s.mustClaim(t, "k", "body")
	_, _, err = s.Claim(ctx, s.team.ID, "k", []byte("body"))
	mustBe(t, err, "idempotency_in_progress")
}

func TestAReleasedKeyMayBeClaimedAgain(t *testing.T) {
	s := newScene(t)
	s.mustClaim(t, "k", "body")
	must(t, s.Release(ctx, s.team.ID, "k"))
	s.mustClaim(t, "k", "another body")
}

func TestRepliesAreKeptForADay(t *testing.T) {
	s := newScene(t)
	for _, key := range []string{"a", "b", "c"} {
		s.mustClaim(t, key, "body")
		must(t, s.Answer(ctx, s.team.ID, key, created))
	}
	s.later(t, "23 hours 59 minutes")
	if reply, _, err := s.Claim(ctx, s.team.ID, "a", []byte("body")); err != nil || reply == nil {
		t.Fatalf("forgotten too early: %v", err)
	}
	s.later(t, "2 minutes")
	s.mustClaim(t, "a", "another body")
	var left int
	must(t, postgrestest.Connect(t, s.database.RootURL).QueryRow(ctx, `select count(*) from idempotency_keys`).Scan(&left))
	if left != 1 {
		t.Fatalf("%d keys are left", left)
	}
}
