package activities

import (
	"context"
	"fmt"

	"chancery/envelope"
)

// Finish makes the signature of a recipient whose act is held, and lets the route
// go on. It is tried until a timestamp can be had.
func (d *Desk) Finish(ctx context.Context, id, recipient string) (Outcome, error) {
	act, err := d.Records.Signature(ctx, id, recipient)
	if err != nil {
		return Outcome{}, fmt.Errorf("finish signature of recipient %s: %v", recipient, err)
	}
	at := d.Now()
	outcome, err := d.step(ctx, id, recipient, func(e envelope.Envelope) (envelope.Change, error) {
		change, err := e.Finish(act, e.Clock(at))
		if err != nil {
			return change, err
		}
		revisions, err := d.Papers.Sign(ctx, e, act, change.Happened())
		change.Grow(revisions...)
		return change, err
	}, envelope.FinishID(recipient))
	return outcome, stubborn("finish signature of recipient "+recipient, id, outcome, err)
}

// Seal is Complete for an envelope whose seal waits for its timestamp.
func (d *Desk) Seal(ctx context.Context, id string) (Outcome, error) {
	return d.Complete(ctx, id, d.Now())
}

// stubborn turns a refusal into an accident, since nobody waits for the answer and
// it may be another one later; but an envelope that has ended needs nothing more.
func stubborn(what, id string, outcome Outcome, err error) error {
	ended := outcome.Standing.Status != "" && outcome.Standing.Status.Final()
	if err == nil || ended && Refused(err) {
		return nil
	}
	return fmt.Errorf("%s of envelope %s: %v", what, id, err)
}
