package activities

import (
	"context"
	"net/http"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"chancery/account"
	"chancery/webhooks"
)

// OutsideTimeout bounds one attempt of a letter or a hook with all that is written down about it.
const OutsideTimeout = time.Minute

// postTries of a letter take five days, at the pace below.
const postTries = 130

// lastTry tells whether the engine will not come back: then somebody must be told.
func lastTry(ctx context.Context) bool {
	return activity.IsActivity(ctx) && activity.GetInfo(ctx).Attempt >= postTries
}

// LetterPace is how letters are tried again: for five days, as mail servers do
// (RFC 5321 §4.5.4.1).
func LetterPace() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    5 * time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    time.Hour,
		MaximumAttempts:    postTries,
	}
}

// HookPace is for what brings its own waits and its own end, and for accidents of ours
// in between: nobody can say how often a delivery has to wait for its turn.
func HookPace() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    5 * time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    10 * time.Minute,
	}
}

// Deliver makes one attempt of a delivery and asks for the next by its published schedule.
func (d *Desk) Deliver(ctx context.Context, deliveryID string) error {
	delivery, err := d.Records.Delivery(ctx, deliveryID)
	if err != nil {
		return Refusal(err)
	}
	if delivery.Finished {
		return nil
	}
	if wait := d.turn(ctx, delivery); wait > 0 {
		if err := d.Records.Postponed(ctx, []Wait{d.wait(delivery, wait)}); err != nil {
			return err
		}
		return comeBack("not its turn yet", "delivery_queued", wait)
	}
	made := d.attempt(ctx, delivery)
	if err := d.Records.Told(ctx, nil, []Attempt{made}); err != nil {
		return err
	}
	if made.Next.IsZero() {
		return nil
	}
	return comeBack("not delivered yet", "delivery_waits", time.Until(made.Next))
}

// comeBack asks the engine for another run of the step; nothing is wrong.
func comeBack(why, code string, wait time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(why, code, temporal.ApplicationErrorOptions{
		NextRetryDelay: max(wait, time.Millisecond), // zero would be the policy's own
		Category:       temporal.ApplicationErrorCategoryBenign,
	})
}

// Post makes one attempt to send a letter.
func (d *Desk) Post(ctx context.Context, letterID string) error {
	letter, err := d.Records.Letter(ctx, letterID)
	if err != nil {
		return Refusal(err)
	}
	if letter.Finished {
		return nil
	}
	e, err := d.Records.Envelope(ctx, letter.Envelope)
	if err != nil {
		return Refusal(err)
	}
	result := d.post(ctx, e, letter).orGivenUp(ctx)
	if err := d.refused(ctx, e, letter.Letter, result); err != nil {
		return err
	}
	return result.goOn(d.Records.Told(ctx, []Sent{result}, nil))
}

// Notify makes one attempt to send a letter about an account.
func (d *Desk) Notify(ctx context.Context, noticeID string) error {
	notice, finished, err := d.Records.Notice(ctx, noticeID)
	if err != nil {
		return Refusal(err)
	}
	if finished {
		return nil
	}
	result := d.notify(ctx, notice).orGivenUp(ctx)
	return result.goOn(d.Records.Notified(ctx, result))
}

func (d *Desk) notify(ctx context.Context, n account.Notice) Sent {
	if n.Kind == account.Blank {
		return Sent{Letter: n.ID, Status: letterRefused, Why: "It is for nobody.", At: time.Now()}
	}
	ctx, cancel := context.WithTimeout(ctx, firstTry)
	defer cancel()
	return outcome(n.ID, d.Letters.SendNotice(ctx, n))
}

// orGivenUp is the same, or given up when the engine will not come back.
func (s Sent) orGivenUp(ctx context.Context) Sent {
	if s.Status == letterWaiting && lastTry(ctx) {
		s.Status, s.Why = letterRefused, "The mail server could not be reached for five days."
	}
	return s
}

// goOn asks the engine for another try of what waits, once that is written down.
func (s Sent) goOn(err error) error {
	if err != nil || s.Status != letterWaiting {
		return err
	}
	return temporal.NewApplicationErrorWithOptions("not sent yet", "letter_waits", temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign,
	})
}

// HTTPHooks delivers over HTTP with a client that is safe against requests into our own network.
type HTTPHooks struct{ Client *http.Client }

// Attempt makes one attempt; whatever goes wrong is in the outcome.
func (h *HTTPHooks) Attempt(ctx context.Context, d webhooks.Delivery) webhooks.Outcome {
	return webhooks.Attempt(ctx, h.Client, d)
}
