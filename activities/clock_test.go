package activities_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
)

// calendar is a team's clock and its running envelopes.
type calendar struct {
	activities.Records
	ahead   map[string]time.Duration // by wish
	refused error
	running []string
}

func (c *calendar) AdvanceClock(_ context.Context, _, wish string, by time.Duration) (time.Duration, error) {
	c.ahead[wish] = by
	return by, c.refused
}

func (c *calendar) Running(_ context.Context, _, after string, limit int) ([]string, error) {
	i, found := slices.BinarySearch(c.running, after)
	if found {
		i++
	}
	return c.running[i:min(len(c.running), i+limit)], nil
}

func TestEveryRunningEnvelopeHearsThatItsClockWasPutForward(t *testing.T) {
	c, later := &calendar{ahead: map[string]time.Duration{}}, &branches{}
	for i := range 1234 {
		c.running = append(c.running, fmt.Sprintf("env_%04d", i))
	}
	desk := activities.Desk{Records: c, Later: later}
	wish := activities.Advancing{Wish: "clk_1", Team: "tm_1", By: time.Hour}
	if err := desk.Advance(t.Context(), wish); err != nil {
		t.Fatal(err)
	}
	slices.Sort(later.ticked)
	if !slices.Equal(later.ticked, c.running) || c.ahead["clk_1"] != time.Hour {
		t.Errorf("%d of %d heard", len(later.ticked), len(c.running))
	}
	later.deaf = errors.New("the engine cannot be reached")
	if err := desk.Advance(t.Context(), wish); err == nil || activities.Refused(err) {
		t.Errorf("that nobody hears is answered with %v, and not tried again", err)
	}
}

func TestAClockThatMayNotBePutForwardWakesNobody(t *testing.T) {
	c := &calendar{ahead: map[string]time.Duration{}, refused: problem.Denied("clock_sandbox_only", "No."), running: []string{"env_1"}}
	later := &branches{}
	err := (&activities.Desk{Records: c, Later: later}).Advance(t.Context(), activities.Advancing{Wish: "clk_1"})
	if !activities.Refused(err) || len(later.ticked) != 0 {
		t.Errorf("answered %v, and %v heard", err, later.ticked)
	}
}

// certifier notes that documents were certified.
type certifier struct {
	noPapers
	called bool
}

func (c *certifier) Certify(context.Context, envelope.Envelope, time.Time) ([]envelope.Revision, error) {
	c.called = true
	return nil, nil
}

func TestNothingIsCertifiedWhenThePlanHasNoRoom(t *testing.T) {
	b, papers := newBook(), &certifier{}
	b.full = problem.Denied("plan_limit_reached", "The documents are used up.")
	desk := activities.Desk{Records: b, Papers: papers}
	before := b.envelope
	_, err := desk.Send(t.Context(), activities.Sending{Envelope: "env_1"}, monday)
	if !problem.Has(activities.Problem(err), "plan_limit_reached") || papers.called {
		t.Errorf("answered %v; certified: %v", err, papers.called)
	}
	if len(b.changes) != 0 || b.envelope.Status != before.Status || b.envelope.Version != before.Version {
		t.Errorf("the draft is changed: %+v", b.envelope)
	}
	b.full = nil
	if outcome, err := desk.Send(t.Context(), activities.Sending{Envelope: "env_1"}, monday); err != nil || outcome.Change != "send" || !papers.called {
		t.Errorf("when there is room it is %+v, %v", outcome, err)
	}
}
