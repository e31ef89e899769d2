package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"chancery/envelope"
	"chancery/problem"
)

// Bounce notes that letters to a recipient come back.
func (d *Desk) Bounce(ctx context.Context, id string, news envelope.Bounce, at time.Time) (Outcome, error) {
	return d.step(ctx, id, news.Recipient, func(e envelope.Envelope) (envelope.Change, error) { return e.Bounce(news, e.Clock(at)) }, news.ID)
}

// refused tells the envelope that the mail server will never take a letter to one
// of its recipients: for the sender that is the same as one that comes back. An
// envelope that does not want to know, because it has ended or the address was
// corrected, is told in vain.
func (d *Desk) refused(ctx context.Context, e envelope.Envelope, letter envelope.Letter, result Sent) error {
	r, ok := e.Recipient(letter.Recipient)
	if !ok || result.Status != letterRefused {
		return nil
	}
	err := d.Later.Bounce(ctx, e.ID, envelope.Bounce{
		ID: envelope.BounceID(r.ID, letter.Mark(), false), Recipient: r.ID, LinkVersion: r.LinkVersion, Reason: result.Why,
	})
	if found := problem.Of(err); err != nil && found.Kind != problem.KindInternal {
		if activity.IsActivity(ctx) {
			activity.GetLogger(ctx).Info("a letter was refused, and nobody need know", "envelope", e.ID, "letter", letter.ID, "why", found.Code)
		}
		return nil
	}
	return err
}
