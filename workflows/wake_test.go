package workflows_test

import (
	"context"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/workflows"
)

// lost makes a change in the records alone: it was stored, and everything else
// died before the workflow could learn of it.
func (s *story) lost(after time.Duration, verb func(envelope.Envelope) (envelope.Change, error)) {
	s.at(after, func() {
		change, err := verb(s.records.envelope)
		if err == nil {
			err = s.records.Commit(context.Background(), change)
		}
		if err != nil {
			s.t.Error(err)
		}
	})
}

func (s *story) wake(after time.Duration) {
	s.at(after, func() { s.env.UpdateWorkflow(workflows.UpdateWake, after.String(), &listener{s, after.String()}) })
}

func signing(who string, at time.Time) func(envelope.Envelope) (envelope.Change, error) {
	act := envelope.Act{ID: "act_" + who, Envelope: "env_1", Recipient: who, Kind: envelope.Sign, Ink: envelope.Ink{Typed: who}}
	return func(e envelope.Envelope) (envelope.Change, error) { return e.Record(act, at) }
}

func TestAnActThatTheWorkflowMissedCountsOnceItIsWoken(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.lost(time.Hour, signing("ann", s.env.Now().Add(time.Hour)))
	s.act(2*time.Hour, envelope.Act{ID: "act_early", Recipient: "bob", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "bob"}})
	s.wake(3 * time.Hour)
	s.sign(4*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantRefused("act_early", "not_your_turn")
	s.wantGranted("act_bob")
	s.wantHeard(ofTwo...)
}

func TestALastActThatTheWorkflowMissedIsSealedOnceItIsWoken(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.lost(time.Hour, signing("ann", s.env.Now().Add(time.Hour)))
	s.wake(2 * time.Hour)
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantHeard("invitation ann", "completion ann", "completion sender")
}

func TestWakingAnEnvelopeThatMissedNothingChangesNothing(t *testing.T) {
	s := twoSign(t)
	s.wake(90 * time.Minute)
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantHeard(ofTwo...)
}

func TestAnEndOfWhichNobodyWasToldIsToldWhenItIsWoken(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.lost(time.Hour, func(e envelope.Envelope) (envelope.Change, error) {
		return e.Void(envelope.Void{ID: "void_1", Reason: "a mistake"}, s.env.Now())
	})
	s.wake(2 * time.Hour)
	s.wantEnd(envelope.Voided)
	s.wantHeard("invitation ann", "voided ann", "voided sender")
}
