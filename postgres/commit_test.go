package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/problem"
)

func TestAnEnvelopeIsReadAsItWasWritten(t *testing.T) {
	s := newScene(t)
	if diff := cmp.Diff(s.draft, s.read(t, s.draft.ID)); diff != "" {
		t.Fatal(diff)
	}
}

func TestAChangeIsReadAsItWasCommitted(t *testing.T) {
	s := newScene(t)
	change, err := s.draft.Send(sam, envelope.Origin{}, noon)
	must(t, err)
	must(t, s.Commit(ctx, change))
	want := change.After
	want.Version++
	if diff := cmp.Diff(want, s.read(t, s.draft.ID)); diff != "" {
		t.Fatal(diff)
	}
}

func TestTheSameChangeFiftyTimesAtOnceTakesEffectOnce(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	change := signing(t, sent)
	for _, err := range atOnce(50, func(int) error { return s.Commit(ctx, change) }) {
		must(t, err)
	}
	s.mustHaveOneEffect(t, change)
}

func TestACommitAfterACrashChangesNothing(t *testing.T) {
	s := newScene(t)
	change := signing(t, s.send(t, s.draft))
	must(t, s.Commit(ctx, change))
	must(t, s.Commit(ctx, change))
	s.mustHaveOneEffect(t, change)
}

func (s scene) mustHaveOneEffect(t *testing.T, change envelope.Change) {
	t.Helper()
	e := s.read(t, change.After.ID)
	if want := change.After.Version + 1; e.Version != want {
		t.Errorf("version is %d, want %d", e.Version, want)
	}
	if acts, err := s.Acts(ctx, e.ID); err != nil || len(acts) != 1 || !cmp.Equal(acts[0], *change.Act) {
		t.Errorf("acts are %v: %v", acts, err)
	}
	revisions, err := s.Revisions(ctx, e.ID, e.Documents[0].ID)
	if err != nil || len(revisions) != 3 {
		t.Errorf("%d revisions: %v", len(revisions), err)
	}
}

func TestOfTwoChangesOnOneVersionOneWins(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	void, err := sent.Void(envelope.Void{ID: "void_1", By: sam, Reason: "Typo"}, noon)
	must(t, err)
	sign := signing(t, sent)
	errs := atOnce(2, func(i int) error { return s.Commit(ctx, []envelope.Change{void, sign}[i]) })
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("want one winner, got %v", errs)
	}
	for _, err := range errs {
		if err != nil && !problem.Has(err, "envelope_changed") {
			t.Errorf("the loser got %v", err)
		}
	}
}

func TestALosingChangeLeavesNoTrace(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	sign := signing(t, sent)
	void, err := sent.Void(envelope.Void{ID: "void_1", By: sam, Reason: "Typo"}, noon)
	must(t, err)
	must(t, s.Commit(ctx, void))
	if err := s.Commit(ctx, sign); !problem.Has(err, "envelope_changed") {
		t.Fatalf("got %v", err)
	}
	if acts, _ := s.Acts(ctx, sent.ID); len(acts) != 0 {
		t.Error("the act was kept")
	}
	if newest, _ := s.Newest(ctx, sent.ID, sent.Documents[0].ID); newest.Number != 1 {
		t.Errorf("revision %d was kept", newest.Number)
	}
	if done, _ := s.Done(ctx, sent.ID, sign.ID); done {
		t.Error("the change counts as done")
	}
}

func TestNobodySignsTwice(t *testing.T) {
	s := newScene(t)
	change := signing(t, s.send(t, s.draft))
	must(t, s.Commit(ctx, change))
	again := change
	act := *change.Act
	act.ID, again.ID, again.Act = "act_other", "act_other", &act
	again.After.Version++
	again.Events, again.Letters, again.Revisions = nil, nil, nil
	if err := s.Commit(ctx, again); !problem.Has(err, "acted_already") {
		t.Fatalf("got %v", err)
	}
}

func TestARevisionNumberIsTakenOnce(t *testing.T) {
	s := newScene(t)
	change := signing(t, s.send(t, s.draft))
	change.Revisions[0].Number = 1
	if err := s.Commit(ctx, change); !problem.Has(err, "envelope_changed") {
		t.Fatalf("got %v", err)
	}
}

func TestADelegateIsStored(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	change, err := sent.Record(envelope.Act{ID: "act_d", Envelope: sent.ID, Recipient: sent.Recipients[0].ID, Kind: envelope.Delegate,
		Delegate: envelope.Person{Name: "Cat Carer", Email: "cat@example.com"}, NewID: "rcp_cat"}, noon.Add(time.Minute))
	must(t, err)
	must(t, s.Commit(ctx, change))
	want := change.After
	want.Version++
	if diff := cmp.Diff(want, s.read(t, sent.ID)); diff != "" {
		t.Fatal(diff)
	}
	if e, err := s.EnvelopeByRecipient(ctx, "rcp_cat"); err != nil || e.ID != sent.ID {
		t.Fatalf("found %q: %v", e.ID, err)
	}
}

// atOnce runs n calls side by side and returns what came of each.
func atOnce(n int, call func(int) error) []error {
	errs := make([]error, n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() { errs[i] = call(i) })
	}
	running.Wait()
	return errs
}
