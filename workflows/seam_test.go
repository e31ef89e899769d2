package workflows_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
	"chancery/workflows"
)

// cross plays until a new run takes over, and sets the stage for that one. What
// happens after that is told from the moment at which the new run begins.
func (s *story) cross() workflows.Trip {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.Envelope, workflows.Trip{
		Envelope: s.records.envelope.ID, Standing: activities.Standing{Status: envelope.Draft},
	})
	var again *workflow.ContinueAsNewError
	if err := s.env.GetWorkflowError(); !errors.As(err, &again) {
		s.t.Fatalf("no new run took over: %v", err)
	}
	var trip workflows.Trip
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &trip); err != nil {
		s.t.Fatal(err)
	}
	over := s.env.Now()
	s.stage()
	s.env.SetStartTime(over)
	return trip
}

func (s *story) resume(trip workflows.Trip) envelope.Status {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.Envelope, trip)
	var end envelope.Status
	if err := s.env.GetWorkflowResult(&end); err != nil {
		s.t.Fatal(err)
	}
	return end
}

func TestANewRunKnowsOfPendingRemindersAndOfThoseWhoHaveSigned(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 1), signer("cat", 2))
	e.Pace = envelope.Pace{First: 2 * day, Every: 2 * day, Most: 3}
	s := newStory(t, e)
	s.sign(day, "ann")
	s.at(day+time.Hour, func() { s.env.SetContinueAsNewSuggested(true) })
	trip := s.cross()
	s.wantHeard("invitation ann", "invitation bob")

	s.act(time.Minute, envelope.Act{ID: "act_late", Recipient: "ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "ann"}})
	s.sign(4*day, "bob")
	s.sign(5*day, "cat")
	if end := s.resume(trip); end != envelope.Completed {
		t.Errorf("it ended %s", end)
	}
	s.wantWhole()
	s.wantRefused("act_late", "acted_already")
	s.wantGranted("act_bob", "act_cat")
	s.wantHeard("invitation ann", "invitation bob", "reminder bob", "reminder bob", "invitation cat",
		"completion ann", "completion bob", "completion cat", "completion sender")
}

func TestANewRunStillExpiresInTime(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	s.at(0, func() { s.env.SetContinueAsNewSuggested(true) })
	trip := s.cross()
	if end := s.resume(trip); end != envelope.Expired {
		t.Errorf("it ended %s", end)
	}
	if lived := s.records.envelope.EndedAt.Sub(once); lived < 30*day || lived > 30*day+time.Minute {
		t.Errorf("it lived for %s, want 30 days", lived)
	}
	s.wantHeard("invitation ann", "invitation bob", "expired ann", "expired bob", "expired sender")
}

func TestNoNewRunTakesOverWhileSomebodyWaitsForAnAnswer(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	s.papers.unsigned = 9 // ann's answer takes half a minute
	s.sign(time.Hour, "ann")
	s.at(time.Hour+time.Second, func() { s.env.SetContinueAsNewSuggested(true) })
	trip := s.cross()
	s.wantGranted("act_ann")
	s.sign(time.Hour, "bob")
	if end := s.resume(trip); end != envelope.Completed {
		t.Errorf("it ended %s", end)
	}
}
