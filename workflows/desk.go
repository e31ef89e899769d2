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
	UpdateBounce  = "bounce"
	UpdateWake    = "wake"
	UpdateClock   = "clock"
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
		{UpdateBounce, t.onBounce, t.mayBounce},
		{UpdateWake, t.onWake, nil},
		{UpdateClock, t.onClock, nil},
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
	return t.grant(ctx, wish{change: envelope.ChangeSend}, desk.Send, order, workflow.Now(ctx))
}

// onWake learns from the records what was stored and lost: the power failed
// between the one and the other.
func (t *Trip) onWake(ctx workflow.Context) (envelope.Answer, error) {
	defer func() { t.asked, t.moved = true, true }()
	return t.grant(ctx, wish{}, desk.Wake, t.Envelope)
}

// onClock sets the alarm anew after the envelope's clock was put forward.
func (t *Trip) onClock(ctx workflow.Context) (envelope.Answer, error) {
	return t.grant(ctx, wish{}, desk.Stand, t.Envelope)
}

func (t *Trip) onAct(ctx workflow.Context, act envelope.Act) (envelope.Answer, error) {
	return t.grant(ctx, wish{act.ID, act.Recipient}, desk.Record, act, workflow.Now(ctx))
}

func (t *Trip) mayAct(_ workflow.Context, act envelope.Act) error {
	return activities.Refusal(t.Standing.May(act))
}

func (t *Trip) onVoid(ctx workflow.Context, void envelope.Void) (envelope.Answer, error) {
	return t.grant(ctx, wish{change: void.ID}, desk.Void, t.Envelope, void, workflow.Now(ctx))
}

func (t *Trip) mayVoid(workflow.Context, envelope.Void) error { return t.running() }

func (t *Trip) onCorrect(ctx workflow.Context, correction envelope.Correction) (envelope.Answer, error) {
	return t.grant(ctx, wish{correction.ID, correction.Recipient}, desk.Correct, t.Envelope, correction, workflow.Now(ctx))
}

func (t *Trip) mayCorrect(workflow.Context, envelope.Correction) error { return t.running() }

func (t *Trip) onResend(ctx workflow.Context, resending envelope.Resending) (envelope.Answer, error) {
	return t.grant(ctx, wish{resending.ID, resending.Recipient}, desk.Resend, t.Envelope, resending, workflow.Now(ctx))
}

func (t *Trip) mayResend(workflow.Context, envelope.Resending) error { return t.running() }

func (t *Trip) onBounce(ctx workflow.Context, news envelope.Bounce) (envelope.Answer, error) {
	return t.grant(ctx, wish{news.ID, news.Recipient}, desk.Bounce, t.Envelope, news, workflow.Now(ctx))
}

func (t *Trip) mayBounce(workflow.Context, envelope.Bounce) error { return t.running() }

func (t *Trip) running() error { return activities.Refusal(t.Standing.Running()) }

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
		HeartbeatTimeout:    activities.Pulse,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	}), desk.Announce, t.Envelope, news)
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := announcing.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Error("announce changes", "envelope", t.Envelope, "changes", news, "error", err)
		}
		t.telling--
	})
}
