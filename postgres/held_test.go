package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

func TestAHeldSignatureIsKeptUntilItCanBeMade(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	act := *signing(t, sent).Act
	held, err := sent.Hold(act, noon.Add(time.Hour))
	must(t, err)
	must(t, s.Commit(ctx, held))
	must(t, s.Commit(ctx, held))
	kept, err := s.Signature(ctx, sent.ID, act.Recipient)
	must(t, err)
	if diff := cmp.Diff(act, kept); diff != "" {
		t.Error(diff)
	}
	now := s.read(t, sent.ID)
	if got := now.Route().Held(); !cmp.Equal(got, []string{act.Recipient}) {
		t.Fatalf("held are %v", got)
	}
	made, err := now.Finish(kept, noon.Add(2*time.Hour))
	must(t, err)
	made.Revisions = []envelope.Revision{revision(sent, 2)}
	must(t, s.Commit(ctx, made))
	ada, _ := s.read(t, sent.ID).Recipient(act.Recipient)
	if ada.Status != envelope.Signed || !ada.ActedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("she is %s since %s", ada.Status, ada.ActedAt)
	}
	if acts, err := s.Acts(ctx, sent.ID); err != nil || len(acts) != 1 {
		t.Errorf("acts are %v: %v", acts, err)
	}
}

func TestASignatureThatNobodyGaveIsMissing(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	if _, err := s.Signature(ctx, sent.ID, sent.Recipients[0].ID); err == nil {
		t.Error("found one")
	}
}

func TestAnEnvelopeSaysWhatItsSealWaitsForUntilItIsSealed(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	for _, r := range sent.Recipients {
		e := s.read(t, sent.ID)
		change, err := e.Record(envelope.Act{ID: "act_" + r.ID, Envelope: e.ID, Recipient: r.ID, Kind: envelope.Sign, Ink: envelope.Ink{Typed: "me"}}, noon.Add(time.Hour))
		must(t, err)
		must(t, s.Commit(ctx, change))
	}
	waits, err := s.read(t, sent.ID).Await(envelope.AwaitTimestamp, noon.Add(2*time.Hour))
	must(t, err)
	must(t, s.Commit(ctx, waits))
	e := s.read(t, sent.ID)
	if e.Awaits != envelope.AwaitTimestamp {
		t.Fatalf("it waits for %q", e.Awaits)
	}
	sealed, err := e.Complete(noon.Add(3 * time.Hour))
	must(t, err)
	due := noon.AddDate(4, 0, 0)
	last := revision(e, 2)
	last.RenewAt = due
	sealed.Revisions = []envelope.Revision{last}
	must(t, s.Commit(ctx, sealed))
	if e := s.read(t, sent.ID); e.Awaits != "" || e.Status != envelope.Completed {
		t.Errorf("it is %s and waits for %q", e.Status, e.Awaits)
	}
	if newest, err := s.Newest(ctx, e.ID, e.Documents[0].ID); err != nil || !newest.RenewAt.Equal(due) {
		t.Errorf("its proofs are due at %s: %v", newest.RenewAt, err)
	}
}
