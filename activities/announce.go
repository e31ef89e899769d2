package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
)

const (
	// firstTry is how long the first attempt of a letter may take: a branch of its own goes on after that.
	firstTry = 10 * time.Second
	// firstTries is how long first attempts are begun: with many dead endpoints the
	// rest must not keep us until the activity times out and all begins again.
	firstTries = time.Minute
	// tellingAtOnce is how many letters and hooks of one change are under way side by side.
	tellingAtOnce = 16
)

// Announce makes the first attempt of all letters and hooks of these changes side
// by side. What does not succeed goes on as a standalone activity of its own.
func (d *Desk) Announce(ctx context.Context, envelopeID string, changes []string) error {
	out, err := d.Records.Untold(ctx, envelopeID, changes)
	if err != nil {
		return err
	}
	for _, back := range out.Backs {
		if err := d.Later.WriteBack(ctx, back); err != nil {
			return err
		}
	}
	if len(out.Letters)+len(out.Deliveries) > 0 {
		if err := d.tell(ctx, envelopeID, out); err != nil {
			return err
		}
	}
	return d.Records.Announced(ctx, envelopeID, changes)
}

func (d *Desk) tell(ctx context.Context, envelopeID string, out Outgoing) error {
	defer beat(ctx)()
	e, err := d.Records.Envelope(ctx, envelopeID)
	if err != nil {
		return Refusal(err)
	}
	first := d.tryAll(ctx, e, out)
	for i, letter := range out.Letters {
		if err := d.refused(ctx, e, letter.Letter, first.sent[i]); err != nil {
			return err
		}
	}
	return d.goOn(ctx, first)
}

// Pulse is how long an announcement may be silent before another worker begins it
// again: its own has died.
const Pulse = 15 * time.Second

// beat tells the engine that we are alive, until the returned function is called.
func beat(ctx context.Context) (stop func()) { return beatWith(ctx, func() []any { return nil }) }

// beatWith says with each beat where the activity stands, for the attempt after it.
func beatWith(ctx context.Context, where func() []any) (stop func()) {
	if !activity.IsActivity(ctx) {
		return func() {}
	}
	over := make(chan struct{})
	go func() {
		ticker := time.NewTicker(Pulse / 3)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx, where()...)
			}
		}
	}()
	return func() { close(over) }
}

// firsts is what came of the first attempts. What never had one is left to a branch of its own.
type firsts struct {
	sent     []Sent
	attempts []Attempt
	left     []Wait
}

func (d *Desk) tryAll(ctx context.Context, e envelope.Envelope, out Outgoing) firsts {
	sent := make([]Sent, len(out.Letters))
	attempts := make([]Attempt, len(out.Deliveries))
	waits := make([]time.Duration, len(out.Deliveries))
	begun := time.Now()
	var side errgroup.Group
	side.SetLimit(tellingAtOnce)
	for i, letter := range out.Letters {
		side.Go(func() error { sent[i] = d.post(ctx, e, letter); return nil })
	}
	for i, delivery := range out.Deliveries {
		side.Go(func() error {
			if time.Since(begun) >= firstTries {
				return nil
			}
			if waits[i] = d.turn(ctx, delivery); waits[i] == 0 {
				attempts[i] = d.attempt(ctx, delivery)
			}
			return nil
		})
	}
	_ = side.Wait() // each has put what came of it into its place
	first := firsts{sent: sent}
	for i, made := range attempts {
		if made.ID == "" {
			first.left = append(first.left, d.wait(out.Deliveries[i], waits[i]))
		} else {
			first.attempts = append(first.attempts, made)
		}
	}
	return first
}

// goOn hands what did not succeed to branches of their own before it is written
// down: if we stop in between, a branch too many finds nothing to do.
func (d *Desk) goOn(ctx context.Context, first firsts) error {
	for _, s := range first.sent {
		if s.Status == letterWaiting {
			if err := d.Later.Post(ctx, s.Letter); err != nil {
				return err
			}
		}
	}
	for _, a := range first.attempts {
		if !a.Next.IsZero() {
			if err := d.Later.Deliver(ctx, a.Delivery, a.Next.Sub(a.At)); err != nil {
				return err
			}
		}
	}
	for _, w := range first.left {
		if err := d.Later.Deliver(ctx, w.Delivery, w.For); err != nil {
			return err
		}
	}
	if err := d.Records.Postponed(ctx, first.left); err != nil {
		return err
	}
	return d.Records.Told(ctx, first.sent, first.attempts)
}

// What may become of a letter.
const (
	letterSent    = "sent"
	letterRefused = "refused"
	letterWaiting = "waiting"
)

func (d *Desk) post(ctx context.Context, e envelope.Envelope, letter OutgoingLetter) Sent {
	ctx, cancel := context.WithTimeout(ctx, firstTry)
	defer cancel()
	return outcome(letter.Letter.ID, d.Letters.Send(ctx, e, letter.Letter, letter.Written))
}

// outcome is what came of a letter, by what the mail server said.
func outcome(letterID string, err error) Sent {
	result := Sent{Letter: letterID, Status: letterSent, At: time.Now()}
	var refused *problem.Problem
	switch {
	case errors.As(err, &refused):
		result.Status, result.Why = letterRefused, refused.Public
	case err != nil:
		result.Status, result.Why = letterWaiting, "The mail server cannot be reached or asks us to wait."
	}
	return result
}

func (d *Desk) attempt(ctx context.Context, delivery Delivery) Attempt {
	delivery.Event.At = time.Now()
	made := Attempt{
		ID:       id.New(id.Attempt),
		Delivery: delivery.ID,
		Endpoint: delivery.Endpoint,
		Number:   delivery.Attempts + 1,
		At:       delivery.Event.At,
		Outcome:  d.Hooks.Attempt(ctx, delivery.Event),
	}
	if wait, again := made.Outcome.Next(made.Number); again {
		made.Next = made.At.Add(max(wait, made.Outcome.Took))
	}
	return made
}
