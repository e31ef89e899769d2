package postgres_test

import (
	"errors"
	"testing"

	"chancery/audit"
	"chancery/envelope"
	"chancery/postgres/postgrestest"
)

// broken walks all chains and returns what is wrong with each that is not intact.
func (s scene) broken(t *testing.T) map[string]error {
	t.Helper()
	found := map[string]error{}
	for chain, err := range s.VerifyChains(ctx) {
		if err != nil {
			found[chain] = err
		}
	}
	return found
}

func TestTheTrailTellsWhatHappenedAndVerifies(t *testing.T) {
	s := newScene(t)
	must(t, s.Commit(ctx, signing(t, s.send(t, s.draft))))
	trail, err := s.Trail(ctx, s.draft.ID)
	must(t, err)
	must(t, audit.NewTrail(s.draft.ID, trail).Verify())
	var kinds []string
	for _, e := range trail {
		kinds = append(kinds, e.Kind)
	}
	want := []string{envelope.NotedCreated, envelope.NotedSent, envelope.NotedAsked, envelope.NotedViewed, envelope.NotedSigned, envelope.NotedAsked}
	if len(kinds) != len(want) {
		t.Fatalf("trail is %v", kinds)
	}
	signed := trail[4]
	if signed.Kind != envelope.NotedSigned || signed.Actor.ID != s.draft.Recipients[0].ID || signed.Detail["act"] == "" ||
		signed.Personal.Email != "ada@example.com" || signed.Personal.Address != "198.51.100.9" || signed.Personal.Device != "Lynx" {
		t.Fatalf("signed is %+v", signed)
	}
	if broken := s.broken(t); len(broken) != 0 {
		t.Fatal(broken)
	}
}

func TestNotesAndCommitsShareAChain(t *testing.T) {
	s := newScene(t)
	change := signing(t, s.send(t, s.draft))
	note := envelope.Evidence{Kind: envelope.NotedIntent, By: envelope.Hub}
	for _, err := range atOnce(21, func(i int) error {
		switch {
		case i == 10:
			return s.Commit(ctx, change)
		case i%2 == 0:
			return s.Note(ctx, s.team.ID, note)
		}
		return s.Note(ctx, s.draft.ID, note)
	}) {
		must(t, err)
	}
	for chain, want := range map[string]int{s.draft.ID: 6 + 10, s.team.ID: 10} {
		trail, err := s.Trail(ctx, chain)
		must(t, err)
		if len(trail) != want {
			t.Errorf("%s has %d lines, want %d", chain, len(trail), want)
		}
	}
	if broken := s.broken(t); len(broken) != 0 {
		t.Fatal(broken)
	}
	mustBe(t, s.Note(ctx, "tm_never", note), "team_missing")
	mustBe(t, s.Note(ctx, "env_never", note), "envelope_missing")
}

func TestTamperingWithTheTablesIsFound(t *testing.T) {
	for name, tamper := range map[string]string{
		"a kind is changed":            `update audit_events set kind = 'envelope.voided' where n = 2`,
		"a time is changed":            `update audit_events set at = at + interval '1 second' where n = 3`,
		"a detail is changed":          `update audit_events set detail = '{"act":"other"}' where n = 5`,
		"the last line is cut off":     `delete from audit_persons where n = 6; delete from audit_events where n = 6`,
		"a line in between is cut out": `delete from audit_persons where n = 4; delete from audit_events where n = 4`,
		"all is cut off":               `delete from audit_persons; delete from audit_events`,
		"persons change places":        `update audit_persons set sealed = (select sealed from audit_persons where n = 2) where n = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			must(t, s.Commit(ctx, signing(t, s.send(t, s.draft))))
			_, err := postgrestest.Connect(t, s.database.RootURL).Exec(ctx, tamper)
			must(t, err)
			if s.broken(t)[s.draft.ID] == nil {
				t.Fatal("nobody noticed")
			}
		})
	}
}

func TestAnErasedPersonLeavesTheChainIntact(t *testing.T) {
	s := newScene(t)
	_, err := postgrestest.Connect(t, s.database.URL).Exec(ctx, `delete from audit_persons`)
	must(t, err)
	if broken := s.broken(t); len(broken) != 0 {
		t.Fatal(broken)
	}
	trail, err := s.Trail(ctx, s.draft.ID)
	must(t, err)
	if trail[0].Personal != nil || trail[0].Salt != (audit.Salt{}) {
		t.Fatalf("erased is %+v", trail[0])
	}
}

func TestTheWalkOverChainsEndsWhenNobodyListens(t *testing.T) {
	s := newScene(t)
	for range 3 {
		s.newDraft(t, s.team)
	}
	seen := 0
	for range s.VerifyChains(ctx) {
		seen++
		break
	}
	if seen != 1 {
		t.Fatal(seen)
	}
	gone, cancel := contextGone()
	cancel()
	for _, err := range s.VerifyChains(gone) {
		if err == nil || errors.As(err, new(*audit.Break)) {
			t.Fatalf("got %v", err)
		}
	}
}
