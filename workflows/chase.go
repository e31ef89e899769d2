package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
)

// theSeal is what of an envelope waits when no recipient does.
const theSeal = "seal"

// chase goes after the timestamps that could not be had when somebody waited for
// them. It goes on beside everything else: others may act and the sender may void.
func (t *Trip) chase(ctx workflow.Context) {
	for _, recipient := range t.Standing.Route.Held() {
		t.pursue(ctx, recipient, desk.Finish, t.Envelope, recipient)
	}
	if t.Standing.Awaits {
		t.pursue(ctx, theSeal, desk.Seal, t.Envelope)
	}
}

// relentless steps ask others until they answer; the engine shows what they wait for.
var relentless = workflow.ActivityOptions{
	StartToCloseTimeout:    2 * time.Minute,
	ScheduleToCloseTimeout: 10 * envelope.MaxLifetime,
	RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
}

// pursue tries a step until it succeeds or the envelope is over. The records
// compare before they swap, so it need not keep others from changing them.
func (t *Trip) pursue(ctx workflow.Context, what string, step any, args ...any) {
	if slices.Contains(t.chasing, what) {
		return
	}
	t.chasing = append(t.chasing, what)
	if t.desist == nil {
		ctx, t.desist = workflow.WithCancel(ctx)
		t.hunt = ctx
	}
	trying := workflow.ExecuteActivity(workflow.WithActivityOptions(t.hunt, relentless), step, args...)
	workflow.Go(ctx, func(ctx workflow.Context) {
		var outcome activities.Outcome
		err := trying.Get(ctx, &outcome)
		t.chasing = slices.DeleteFunc(t.chasing, func(one string) bool { return one == what })
		if err == nil {
			t.remember(outcome)
		}
		t.moved = true
	})
}
