package postgres_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/postgres/postgrestest"
)

// drain reads the feed to its end, a few events at a time.
func (s scene) drain(t *testing.T, after string) (ids []string, next string) {
	t.Helper()
	for {
		events, next, err := s.Events(ctx, []string{s.team.ID}, "", after, 2)
		must(t, err)
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		if len(events) == 0 {
			return ids, next
		}
		after = next
	}
}

func TestTheFeedWaitsForATransactionThatStartedEarlier(t *testing.T) {
	s := newScene(t)
	slow, fast := s.draft, s.newDraft(t, s.team)
	tx, err := postgrestest.Connect(t, s.database.RootURL).Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, `
		insert into events (id, team_id, envelope_id, sequence, type, at, payload)
		values ('evt_slow', $1, $2, 99, 'envelope.sent', now(), '')`, s.team.ID, slow.ID)
	must(t, err)
	s.send(t, fast)
	seen, next := s.drain(t, "")
	if len(seen) != 0 {
		t.Fatalf("the feed ran ahead of an open transaction: %v", seen)
	}
	must(t, tx.Rollback(ctx))
	seen, _ = s.drain(t, next)
	if len(seen) != 2 {
		t.Fatalf("got %v", seen)
	}
}

func TestAReaderBesideManyWritersMissesNothing(t *testing.T) {
	s := newScene(t)
	drafts := []envelope.Envelope{s.draft}
	for range 29 {
		drafts = append(drafts, s.newDraft(t, s.team))
	}
	seen, after := map[string]int{}, ""
	var writers sync.WaitGroup
	for _, draft := range drafts {
		writers.Go(func() { s.send(t, draft) })
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for finished := false; ; {
		var ids []string
		ids, after = s.drain(t, after)
		for _, id := range ids {
			seen[id]++
		}
		if finished {
			break
		}
		select {
		case <-done:
			finished = true
		default:
		}
	}
	if len(seen) != 60 {
		t.Fatalf("saw %d events of 60", len(seen))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("saw %s %d times", id, times)
		}
	}
}

func TestAnEventIsFrozenWhenItHappens(t *testing.T) {
	s := newScene(t)
	change := signing(t, s.send(t, s.draft))
	must(t, s.Commit(ctx, change))
	events, next, err := s.Events(ctx, []string{s.team.ID}, "", "", 0)
	must(t, err)
	if len(events) != 5 { // sent, released, viewed, signed, released
		t.Fatalf("%d events", len(events))
	}
	signed := events[3]
	want := `{"type":"recipient.signed","timestamp":"2026-03-02T13:00:00.000Z","data":{"id":"` + signed.ID +
		`","sequence":4,"envelope":{"id":"` + s.draft.ID + `","team":"` + s.team.ID + `","status":"sent","title":"Lease of the mill","tags":["leases","mills of Kent"],"test":true},` +
		`"recipient":{"id":"` + s.draft.Recipients[0].ID + `","name":"Ada Lovelace","email":"ada@example.com","role":"signer","status":"signed"}}}`
	if diff := cmp.Diff(want, string(signed.Payload)); diff != "" {
		t.Fatal(diff)
	}
	for i, e := range events {
		if e.Sequence != int64(i)+1 || !json.Valid(e.Payload) {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if rest, same, err := s.Events(ctx, []string{s.team.ID}, "", next, 10); err != nil || len(rest) != 0 || same != next {
		t.Errorf("after the end: %v, %q, %v", rest, same, err)
	}
	if foreign, _, err := s.Events(ctx, []string{s.newTeam(t).ID}, "", "", 10); err != nil || len(foreign) != 0 {
		t.Errorf("another team sees %v: %v", foreign, err)
	}
}

func TestTheFeedSkipsNothingWhenTransactionNumbersGainADigit(t *testing.T) {
	s := newScene(t)
	first, second := s.draft, s.newDraft(t, s.team)
	s.send(t, first)
	_, err := postgrestest.Connect(t, s.database.RootURL).Exec(ctx, `
		do $$
		declare edge bigint := 10 ^ length(pg_current_xact_id()::text);
		begin
			while pg_current_xact_id()::text::bigint < edge loop commit; end loop;
		end $$`)
	must(t, err)
	s.send(t, second)
	ids, _ := s.drain(t, "")
	want := []string{first.ID, first.ID, second.ID, second.ID} // sent and released, of each
	if len(ids) != len(want) {
		t.Fatalf("the feed has %q", ids)
	}
	for i, id := range ids {
		if !strings.Contains(id, want[i][len("env_"):]) {
			t.Errorf("event %d is %s, want one of %s", i+1, id, want[i])
		}
	}
}
