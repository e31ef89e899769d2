package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/problem"
	"chancery/workflows"
)

// ofTwo are all the letters of an envelope that two people sign in turn.
var ofTwo = []string{"invitation ann", "invitation bob", "completion ann", "completion bob", "completion sender"}

func twoSign(t *testing.T) *story {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.sign(time.Hour, "ann")
	s.sign(2*time.Hour, "bob")
	return s
}

func TestACommitThatFailsIsTriedAgain(t *testing.T) {
	s := twoSign(t)
	s.records.refuse = 3
	s.at(90*time.Minute, func() { s.records.now(func(r *records) { r.refuse = 4 }) })
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("send", "act_ann", "act_bob")
	s.wantHeard(ofTwo...)
	if s.records.attempts != 4+3+4 {
		t.Errorf("%d attempts to commit, want 11", s.records.attempts)
	}
}

func TestAStepThatRunsAgainAfterItsCommitChangesNothingAndIsAnnounced(t *testing.T) {
	s := twoSign(t)
	for _, before := range []time.Duration{0, 59 * time.Minute, 119 * time.Minute} {
		s.at(before, func() { s.records.now(func(r *records) { r.forget = 2 }) })
	}
	s.records.forget = 2
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("send", "act_ann", "act_bob")
	s.wantHeard(ofTwo...)
	if diff := cmp.Diff([]string{"send", "act_ann", "act_bob", "complete"}, s.records.changes); diff != "" {
		t.Error(diff)
	}
}

func TestAReminderWhoseCommitWasForgottenIsStillSentOnce(t *testing.T) {
	e := draft(signer("ann", 1))
	e.Pace = envelope.Pace{First: day, Most: 1}
	s := newStory(t, e)
	s.at(time.Hour, func() { s.records.now(func(r *records) { r.forget, r.aftermath = 1, 5 }) })
	s.wantEnd(envelope.Expired)
	s.wantWhole()
	s.wantHeard("invitation ann", "reminder ann", "expired ann", "expired sender")
}

func TestASignatureThatWasStoredCountsThoughTheNewsOfItWasLost(t *testing.T) {
	s := twoSign(t)
	s.at(30*time.Minute, func() { s.records.now(func(r *records) { r.forget, r.aftermath = 1, 20 }) })
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_ann", "act_bob")
	s.wantHeard(ofTwo...)
	if got := s.answers["act_ann"].answer.Recipient; got != envelope.Signed {
		t.Errorf("ann was told that she is %s", got)
	}
}

func TestAnAccidentIsAnAnswerAfterAMinuteAndLeavesTheEnvelopeOpen(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.at(30*time.Minute, func() { s.papers.now(func(p *papers) { p.unsigned = 1000 }) })
	s.sign(time.Hour, "ann")
	s.at(2*time.Hour, func() { s.papers.now(func(p *papers) { p.unsigned = 0 }) })
	s.act(3*time.Hour, envelope.Act{ID: "act_again", Recipient: "ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "ann"}})
	s.sign(4*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_again", "act_bob")
	s.wantHeard(ofTwo...)
	first := s.answers["act_ann"]
	var refused *problem.Problem
	if first.err == nil || errors.As(first.err, &refused) {
		t.Errorf("ann was answered %v, want an accident", first.err)
	}
	if waited := first.at.Sub(once) - time.Hour; waited > 2*time.Minute {
		t.Errorf("ann waited %s for her answer", waited)
	}
}

func TestSealingIsTriedForDaysUntilItSucceeds(t *testing.T) {
	s := twoSign(t)
	s.papers.unsealed = 500
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantHeard(ofTwo...)
	if took := s.env.Now().Sub(once); took < 3*day || s.papers.unsealed != 0 {
		t.Errorf("it was sealed after %s", took)
	}
}

func TestTheDatabaseIsAwayForADayWhenItExpires(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.at(29*day, func() { s.records.now(func(r *records) { r.storm = 150 }) })
	s.wantEnd(envelope.Expired)
	s.wantWhole()
	s.wantHeard("invitation ann", "expired ann", "expired sender")
}

func TestADeadMailServerDelaysLettersAndNothingElse(t *testing.T) {
	s := twoSign(t)
	s.post.dead = true
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantHeard()
	var left []string
	for _, l := range s.records.letters {
		if slices.Contains(s.later.letters, l.Letter.ID) {
			left = append(left, title(l.Letter))
		}
	}
	if diff := cmp.Diff(ofTwo, left); diff != "" || len(s.later.letters) != len(ofTwo) {
		t.Errorf("left for later: %v", s.later.letters)
	}
}

func TestADeadEndpointDelaysItsEventsAndNothingElse(t *testing.T) {
	s := twoSign(t)
	s.hooks.dead = true
	s.wantEnd(envelope.Completed)
	s.wantHeard(ofTwo...)
	if len(s.later.deliveries) != len(s.records.events) {
		t.Errorf("%d of %d events were left for later", len(s.later.deliveries), len(s.records.events))
	}
}

func TestWhoAsksAgainWhileItEndsIsAnsweredToo(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	seen := envelope.Act{ID: "act_seen", Envelope: "env_story", Recipient: "bob", Kind: envelope.View}
	s.ask(time.Hour, workflows.UpdateAct, "first", seen)
	s.decline(2*time.Hour, "ann")
	s.ask(2*time.Hour, workflows.UpdateAct, "second", seen)
	s.wantEnd(envelope.Declined)
	s.wantGranted("first", "second", "act_ann")
	s.wantHeard("invitation ann", "invitation bob", "declined ann", "declined bob", "declined sender")
}
