package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
)

func TestADraftIsSavedOnlyAsItWasRead(t *testing.T) {
	s := newScene(t)
	mine, theirs := s.read(t, s.draft.ID), s.read(t, s.draft.ID)
	mine.Title = "Lease of the old mill"
	mine.Recipients = []envelope.Recipient{mine.Recipients[1], {ID: "rcp_new", Person: envelope.Person{Name: "Dan", Email: "dan@example.com"}, Role: envelope.CC, Step: 1, Status: envelope.Waiting}}
	must(t, s.SaveDraft(ctx, mine))
	mustBe(t, s.SaveDraft(ctx, theirs), "envelope_changed")
	mine.Version++
	if diff := cmp.Diff(mine, s.read(t, s.draft.ID)); diff != "" {
		t.Fatal(diff)
	}
}

func TestASentEnvelopeIsNoDraftAnyMore(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	mustBe(t, s.SaveDraft(ctx, sent), "envelope_changed")
	mustBe(t, s.DeleteDraft(ctx, s.team.ID, sent.ID), "envelope_changed")
}

func TestARecipientStaysInTheirEnvelope(t *testing.T) {
	s := newScene(t)
	thief := s.newDraft(t, s.team)
	thief.Recipients[0].ID = s.draft.Recipients[0].ID
	must(t, s.SaveDraft(ctx, thief))
	if diff := cmp.Diff(s.draft, s.read(t, s.draft.ID)); diff != "" {
		t.Fatal(diff)
	}
}

func TestCreatingADraftAgainChangesNothing(t *testing.T) {
	s := newScene(t)
	must(t, s.CreateDraft(ctx, s.draft, envelope.Evidence{Kind: envelope.NotedCreated, By: sam}))
	trail, err := s.Trail(ctx, s.draft.ID)
	must(t, err)
	if len(trail) != 1 {
		t.Fatalf("%d lines of evidence", len(trail))
	}
}

func TestADeletedDraftIsGoneAndItsEvidenceStays(t *testing.T) {
	s := newScene(t)
	mustBe(t, s.DeleteDraft(ctx, "tm_other", s.draft.ID), "envelope_missing")
	must(t, s.DeleteDraft(ctx, s.team.ID, s.draft.ID))
	_, err := s.Envelope(ctx, s.draft.ID)
	mustBe(t, err, "envelope_missing")
	trail, err := s.Trail(ctx, s.draft.ID)
	must(t, err)
	if len(trail) != 1 {
		t.Fatalf("%d lines of evidence", len(trail))
	}
}

func TestAnotherTeamsThingsAreAsMissingAsThoseThatNeverWere(t *testing.T) {
	s := newScene(t)
	other := s.newTeam(t)
	_, foreign := s.TeamEnvelope(ctx, other.ID, s.draft.ID)
	_, missing := s.TeamEnvelope(ctx, other.ID, "env_never")
	if mustBe(t, foreign, "envelope_missing"); foreign.Error() != missing.Error() {
		t.Errorf("%q differs from %q", foreign, missing)
	}
	_, _, foreign = s.Document(ctx, []string{other.ID}, s.draft.Documents[0].ID)
	_, _, missing = s.Document(ctx, []string{other.ID}, "doc_never")
	if mustBe(t, foreign, "document_missing"); foreign.Error() != missing.Error() {
		t.Errorf("%q differs from %q", foreign, missing)
	}
}

func TestADocumentIsReadAsItWasUploaded(t *testing.T) {
	s := newScene(t)
	want := s.draft.Documents[0]
	got, of, err := s.Document(ctx, []string{s.newTeam(t).ID, s.team.ID}, want.ID)
	must(t, err)
	if of != s.team.ID {
		t.Errorf("it is said to be of %s", of)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	upload, err := s.Newest(ctx, s.draft.ID, want.ID)
	must(t, err)
	if diff := cmp.Diff(envelope.Revision{Document: want.ID, Size: want.Size, SHA256: want.SHA256, Blob: "uploads/" + want.ID, Plan: []byte("plan 0")}, upload); diff != "" {
		t.Fatal(diff)
	}
}

func TestADocumentGrowsInEachEnvelopeByItself(t *testing.T) {
	s := newScene(t)
	twin := s.draft
	twin.ID, twin.Recipients, twin.Fields = id.New(id.Envelope), nil, nil
	must(t, s.CreateDraft(ctx, twin, envelope.Evidence{Kind: envelope.NotedCreated, By: sam}))
	sent := s.send(t, s.draft)
	must(t, s.Commit(ctx, signing(t, sent)))
	for of, want := range map[string][]int{s.draft.ID: {0, 1, 2}, twin.ID: {0}} {
		revisions, err := s.Revisions(ctx, of, s.draft.Documents[0].ID)
		must(t, err)
		var numbers []int
		for _, r := range revisions {
			numbers = append(numbers, r.Number)
		}
		if diff := cmp.Diff(want, numbers); diff != "" {
			t.Error(diff)
		}
	}
	newest, err := s.Newest(ctx, sent.ID, sent.Documents[0].ID)
	must(t, err)
	if newest.Number != 2 || newest.SHA256 != "cd34" || string(newest.Plan) != "plan" {
		t.Errorf("newest is %+v", newest)
	}
}

func TestPagesHoldEveryEnvelopeOnceNewestFirst(t *testing.T) {
	s := newScene(t)
	other := s.newTeam(t)
	s.newDraft(t, other)
	want := []string{s.draft.ID}
	for range 6 { // at the same moment, which the order must survive
		want = append([]string{s.newDraft(t, s.team).ID}, want...)
	}
	s.send(t, s.read(t, want[3]))
	var got []string
	for after, pages := "", 0; ; pages++ {
		found, next, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{After: after, Limit: 3})
		must(t, err)
		for _, e := range found {
			got = append(got, e.ID)
			if len(e.Recipients) != 2 {
				t.Errorf("%s has %d recipients", e.ID, len(e.Recipients))
			}
		}
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	sent, _, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{Status: envelope.Sent})
	must(t, err)
	if len(sent) != 1 || sent[0].ID != want[3] {
		t.Fatalf("sent are %v", sent)
	}
}

func TestAForgedCursorIsRefused(t *testing.T) {
	s := newScene(t)
	_, next, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{Limit: 1})
	must(t, err)
	for _, forged := range []string{"x", "!!!", next + "A", "ZXZlbnRzIDEgMQ", "ZW52ZWxvcGVzIG5vdyBcAA"} {
		_, _, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{After: forged})
		mustBe(t, err, "cursor_invalid")
	}
	_, _, err = s.Events(ctx, []string{s.team.ID}, "", "ZXZlbnRzIC0xIDE", 10)
	mustBe(t, err, "cursor_invalid")
}

func BenchmarkPageOfEnvelopes(b *testing.B) {
	s := newScene(b)
	for range 100 {
		s.newDraft(b, s.team)
	}
	for b.Loop() {
		found, _, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{Limit: 50})
		if err != nil || len(found) != 50 {
			b.Fatal(fmt.Sprint(len(found), err))
		}
	}
}
