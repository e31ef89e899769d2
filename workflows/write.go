package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
)

// prompt steps answer a person, who is waiting: a problem goes back to them, an
// accident is tried again for as long as somebody may wait.
var prompt = workflow.LocalActivityOptions{
	StartToCloseTimeout:    time.Minute,
	ScheduleToCloseTimeout: time.Minute,
	RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second},
}

// patient steps have nobody to answer to; they are tried until they succeed. At
// one try in ten minutes a history has room for about two months.
var patient = workflow.LocalActivityOptions{
	StartToCloseTimeout:    time.Minute,
	ScheduleToCloseTimeout: 10 * envelope.MaxLifetime,
	RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute},
}

// wish names what somebody wants: the change it makes and the recipient it is about.
type wish struct{ change, recipient string }

// grant makes the change that somebody waits for. One step at a time changes the
// records, so acts of people who act at the same time follow each other.
func (t *Trip) grant(ctx workflow.Context, w wish, step any, args ...any) (envelope.Answer, error) {
	if err := t.writing.Lock(ctx); err != nil {
		return envelope.Answer{}, err
	}
	defer t.writing.Unlock()
	outcome, err := try(ctx, prompt, step, args...)
	if err != nil && !activities.Refused(err) {
		outcome, err = t.lookAgain(ctx, w, err)
	}
	if err != nil {
		return envelope.Answer{}, err
	}
	t.remember(outcome)
	return outcome.Answer, nil
}

// lookAgain finds out what an accident has left behind: a change can be stored
// though the news of it was lost, and then it must be remembered and announced.
func (t *Trip) lookAgain(ctx workflow.Context, w wish, accident error) (activities.Outcome, error) {
	outcome, err := try(ctx, patient, desk.Look, t.Envelope, w.recipient, w.change)
	if err == nil && outcome.Change == "" {
		return outcome, accident
	}
	return outcome, err
}

// change makes a change that nobody waits for.
func (t *Trip) change(ctx workflow.Context, step any, args ...any) error {
	if err := t.writing.Lock(ctx); err != nil {
		return err
	}
	defer t.writing.Unlock()
	outcome, err := try(ctx, patient, step, args...)
	if err == nil {
		t.remember(outcome)
	}
	return err
}

func try(ctx workflow.Context, how workflow.LocalActivityOptions, step any, args ...any) (activities.Outcome, error) {
	var outcome activities.Outcome
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, how), step, args...).Get(ctx, &outcome)
	return outcome, err
}

// remember keeps where the envelope stands now, and what there is to announce.
func (t *Trip) remember(outcome activities.Outcome) {
	if outcome.Standing.Version >= t.Standing.Version { // or a step beside this one has seen more
		t.doubt = outcome.Standing.Ahead < t.Standing.Ahead
		t.Standing = outcome.Standing
	}
	t.moved = true
	switch {
	case outcome.Again && slices.Contains(t.known, outcome.Change): // it is being announced, or was
	case outcome.Again: // steps after it may be made and lost as well, and this envelope be over
		t.untold = append(t.untold, activities.Everything)
	case outcome.Change != "":
		t.untold = append(t.untold, outcome.Change)
		t.known = append(t.known, outcome.Change)
	}
}
