package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
)

// desk names the activities; the worker holds the one that does the work.
var desk *activities.Desk

// EnvelopeName is what the workflow is called in the engine, whatever the function is called here.
const EnvelopeName = "Envelope"

// Names of the updates by which people speak to an envelope.
const (
	UpdateSend    = "send"
	UpdateAct     = "act"
	UpdateVoid    = "void"
	UpdateCorrect = "correct"
	UpdateResend  = "resend"
)

// listen takes what people ask for. A refused wish leaves no trace in the history.
func (t *Trip) listen(ctx workflow.Context) error {
	t.writing = workflow.NewMutex(ctx)
	handlers := []struct {
		name           string
		handle, before any
	}{
		{UpdateSend, t.onSend, nil},
		{UpdateAct, t.onAct, t.mayAct},
		{UpdateVoid, t.onVoid, t.mayVoid},
		{UpdateCorrect, t.onCorrect, t.mayCorrect},
		{UpdateResend, t.onResend, t.mayResend},
	}
	for _, h := range handlers {
		options := workflow.UpdateHandlerOptions{Validator: h.before}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, h.name, h.handle, options); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trip) onSend(ctx workflow.Context, order activities.Sending) (envelope.Answer, error) {
	defer func() { t.asked, t.moved = true, true }()
	return t.write(ctx, prompt, desk.Send, order, workflow.Now(ctx))
}

func (t *Trip) onAct(ctx workflow.Context, act envelope.Act) (envelope.Answer, error) {
	return t.write(ctx, prompt, desk.Record, act, workflow.Now(ctx))
}

func (t *Trip) mayAct(_ workflow.Context, act envelope.Act) error {
	return activities.Refusal(t.Standing.May(act))
}

func (t *Trip) onVoid(ctx workflow.Context, wish envelope.Void) (envelope.Answer, error) {
	return t.write(ctx, prompt, desk.Void, t.Envelope, wish, workflow.Now(ctx))
}

func (t *Trip) mayVoid(workflow.Context, envelope.Void) error { return t.running() }

func (t *Trip) onCorrect(ctx workflow.Context, wish envelope.Correction) (envelope.Answer, error) {
	return t.write(ctx, prompt, desk.Correct, t.Envelope, wish, workflow.Now(ctx))
}

func (t *Trip) mayCorrect(workflow.Context, envelope.Correction) error { return t.running() }

func (t *Trip) onResend(ctx workflow.Context, wish envelope.Resending) (envelope.Answer, error) {
	return t.write(ctx, prompt, desk.Resend, t.Envelope, wish, workflow.Now(ctx))
}

func (t *Trip) mayResend(workflow.Context, envelope.Resending) error { return t.running() }

func (t *Trip) running() error { return activities.Refusal(t.Standing.Running()) }

// prompt steps answer a person: a problem goes back to them, an accident is tried again.
var prompt = workflow.LocalActivityOptions{
	StartToCloseTimeout: time.Minute,
	RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second},
}

// patient steps have nobody to answer to; they are tried until they succeed.
var patient = workflow.LocalActivityOptions{
	StartToCloseTimeout: time.Minute,
	RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
}

// write lets one step at a time change the records, and remembers where the envelope stands then.
func (t *Trip) write(ctx workflow.Context, how workflow.LocalActivityOptions, step any, args ...any) (envelope.Answer, error) {
	if err := t.writing.Lock(ctx); err != nil {
		return envelope.Answer{}, err
	}
	defer t.writing.Unlock()
	var outcome activities.Outcome
	if err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, how), step, args...).Get(ctx, &outcome); err != nil {
		return envelope.Answer{}, err
	}
	t.Standing, t.moved = outcome.Standing, true
	if outcome.Change != "" {
		t.untold = append(t.untold, outcome.Change)
	}
	return outcome.Answer, nil
}

// tell starts the announcement of what has changed: a branch of its own, so that
// a dead mail server delays letters and nothing else.
func (t *Trip) tell(ctx workflow.Context) {
	if len(t.untold) == 0 {
		return
	}
	news := t.untold
	t.untold = nil
	t.telling++
	announcing := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	}), desk.Announce, t.Envelope, news)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := announcing.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("announce changes", "envelope", t.Envelope, "changes", news, "error", err)
		}
		t.telling--
	})
}
