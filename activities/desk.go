// Package activities holds the steps of an envelope's life: each finds what it
// needs, does one thing and reports.
//
// Steps that touch only our own records or the processor are local activities
// (Send, Record, Ring, Complete, ...); what goes outside is ordinary (Announce)
// or, when it must go on for days, standalone (Deliver, Post, Notify). Every step may run
// twice: the id of the change makes the second run find the first.
package activities

import (
	"context"
	"fmt"
	"time"

	"chancery/envelope"
	"chancery/problem"
)

// Desk is where the steps are done. Its fields are needed, unless they say otherwise.
//
// The times that steps are given are real. The course of an envelope follows its
// own clock, which the records know (see envelope.Clock); documents do not.
type Desk struct {
	Records Records
	Papers  Papers
	Letters Post
	Hooks   Hooks
	Later   Later
	Turns   Turns            // may be nil: nobody waits
	Now     func() time.Time // for steps that are tried again for hours
}

// Send certifies the documents and opens the route.
func (d *Desk) Send(ctx context.Context, order Sending, at time.Time) (Outcome, error) {
	return d.step(ctx, order.Envelope, "", func(e envelope.Envelope) (envelope.Change, error) {
		change, err := e.Send(order.By, order.Origin, e.Clock(at))
		if err == nil {
			err = d.Records.MaySend(ctx, e)
		}
		if err != nil {
			return change, err
		}
		revisions, err := d.Papers.Certify(ctx, e, change.Happened())
		change.Grow(revisions...)
		return change, err
	}, envelope.ChangeSend)
}

// Record takes a recipient's act; a signature goes into the documents first. One
// that cannot be timestamped now is held, and Finish makes it later.
func (d *Desk) Record(ctx context.Context, act envelope.Act, at time.Time) (Outcome, error) {
	return d.step(ctx, act.Envelope, act.Recipient, func(e envelope.Envelope) (envelope.Change, error) {
		change, err := e.Record(act, e.Clock(at))
		if err != nil || act.Kind != envelope.Sign {
			return change, err
		}
		revisions, err := d.Papers.Sign(ctx, e, act, change.Happened())
		if problem.Has(err, envelope.TimestampAway) {
			return e.Hold(act, e.Clock(at))
		}
		change.Grow(revisions...)
		return change, err
	}, act.ID)
}

// Ring does what the alarm was for: the envelope expires, or the late are reminded.
// A second run has a later clock but the same alarm, by which it finds the first.
func (d *Desk) Ring(ctx context.Context, id string, alarm, at time.Time) (Outcome, error) {
	return d.step(ctx, id, "", func(e envelope.Envelope) (envelope.Change, error) { return e.Ring(e.Clock(at)), nil },
		envelope.ChangeExpire, envelope.ReminderID(alarm))
}

// Complete seals the documents and ends the envelope well. The first time that the
// seal cannot be timestamped, the envelope says so and nothing is wrong; after
// that it is an accident, to be tried again (see Seal).
func (d *Desk) Complete(ctx context.Context, id string, at time.Time) (Outcome, error) {
	outcome, err := d.step(ctx, id, "", func(e envelope.Envelope) (envelope.Change, error) {
		change, err := e.Complete(e.Clock(at))
		if err != nil {
			return change, err
		}
		revisions, err := d.Papers.Seal(ctx, e, change.Happened())
		if awaited := envelope.AwaitedBy(err); awaited != "" && e.Awaits == "" {
			return e.Await(awaited, e.Clock(at))
		}
		change.Grow(revisions...)
		return change, err
	}, envelope.ChangeComplete)
	return outcome, stubborn("complete", id, outcome, err)
}

// Void ends the envelope by the sender's wish.
func (d *Desk) Void(ctx context.Context, id string, wish envelope.Void, at time.Time) (Outcome, error) {
	return d.step(ctx, id, "", func(e envelope.Envelope) (envelope.Change, error) { return e.Void(wish, e.Clock(at)) }, wish.ID)
}

// Correct changes a recipient's name or address.
func (d *Desk) Correct(ctx context.Context, id string, wish envelope.Correction, at time.Time) (Outcome, error) {
	return d.step(ctx, id, wish.Recipient, func(e envelope.Envelope) (envelope.Change, error) { return e.Correct(wish, e.Clock(at)) }, wish.ID)
}

// Resend writes invitations again.
func (d *Desk) Resend(ctx context.Context, id string, wish envelope.Resending, at time.Time) (Outcome, error) {
	return d.step(ctx, id, wish.Recipient, func(e envelope.Envelope) (envelope.Change, error) { return e.Resend(wish, e.Clock(at)) }, wish.ID)
}

// Look tells where the envelope stands and whether the change was made, after a
// step of which nobody knows how it ended.
func (d *Desk) Look(ctx context.Context, id, recipient, change string) (Outcome, error) {
	e, err := d.Records.Envelope(ctx, id)
	if err != nil {
		return Outcome{}, Refusal(err)
	}
	return d.again(ctx, e, recipient, nil, []string{change})
}

// Wake tells where the envelope stands, for a workflow that may know less than
// the records; whatever has not been announced is announced then.
func (d *Desk) Wake(ctx context.Context, id string) (Outcome, error) {
	e, err := d.Records.Envelope(ctx, id)
	if err != nil {
		return Outcome{}, Refusal(err)
	}
	found := d.outcome(e, "", "")
	found.Again = true
	return found, nil
}

// Stand tells where the envelope stands, and nothing is announced: its clock was put
// forward, and what is due now comes next.
func (d *Desk) Stand(ctx context.Context, id string) (Outcome, error) {
	e, err := d.Records.Envelope(ctx, id)
	if err != nil {
		return Outcome{}, Refusal(err)
	}
	return d.outcome(e, "", ""), nil
}

// step makes one change of the envelope. A step that may have run before finds
// its verb refused or with nothing to do; then the ids tell whether the change
// was made, and the answer is what the first run's would have been.
func (d *Desk) step(ctx context.Context, id, recipient string, verb func(envelope.Envelope) (envelope.Change, error), ids ...string) (Outcome, error) {
	e, err := d.Records.Envelope(ctx, id)
	if err != nil {
		return Outcome{}, Refusal(err)
	}
	change, refused := verb(e)
	if refused != nil || change.Empty() {
		return d.again(ctx, e, recipient, refused, ids)
	}
	if err := d.Records.Commit(ctx, change); err != nil {
		return Outcome{}, retryLost(err)
	}
	change.After.Version++ // as the records have done
	return d.outcome(change.After, recipient, change.ID), nil
}

// again reports a change that was made before, or else why it is refused.
func (d *Desk) again(ctx context.Context, e envelope.Envelope, recipient string, refused error, ids []string) (Outcome, error) {
	for _, change := range ids {
		done, err := d.Records.Done(ctx, e.ID, change)
		if err != nil {
			return Outcome{}, err
		}
		if done {
			found := d.outcome(e, recipient, change)
			found.Again = true
			return found, nil
		}
	}
	return d.outcome(e, recipient, ""), Refusal(refused)
}

func (d *Desk) outcome(e envelope.Envelope, recipient, change string) Outcome {
	return Outcome{
		Standing: Standing{
			Status: e.Status, Route: e.Route(), Alarm: e.NextAlarm(),
			Ahead: e.Ahead, Version: e.Version, Awaits: e.Awaits != "", Lasting: d.lasting(e),
		},
		Change: change,
		Answer: e.Answer(recipient),
	}
}

func (d *Desk) lasting(e envelope.Envelope) []string {
	if e.Status != envelope.Completed || !d.Papers.Lasting(e) {
		return nil
	}
	var ids []string
	for _, doc := range e.Documents {
		ids = append(ids, doc.ID)
	}
	return ids
}

// retryLost keeps a lost race from being an answer: whoever won has changed the
// envelope, and the step looks again.
func retryLost(err error) error {
	if err == nil {
		return nil
	}
	if problem.Has(err, "envelope_changed") {
		return fmt.Errorf("look again: %v", err)
	}
	return Refusal(err)
}
