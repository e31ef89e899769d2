// Package workflows says what happens next, and holds the only client of the engine.
//
// There is one workflow per envelope and it is the envelope's one writer: people
// ask it by Update, it lets a local activity change the records, remembers where
// the envelope stands, and sleeps until the next act, reminder or deadline.
package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
)

// Trip is an envelope's journey: input, state and the next run's input in one.
// It holds ids and digests, never names or documents.
type Trip struct {
	Envelope string              `json:"envelope"`
	Standing activities.Standing `json:"standing"`

	writing workflow.Mutex // acts of people who act at the same time follow each other
	asked   bool           // somebody has tried to send it
	moved   bool           // something has changed since we last looked
	doubt   bool           // the clock seems to have gone back
	rung    bool           // the alarm has gone off
	alarm   time.Time      // for which the timer is set
	ahead   time.Duration  // of the clock by which it is set
	unset   workflow.CancelFunc
	untold  []string // changes still to be announced
	known   []string // changes that this run has made
	telling int      // announcements under way

	chasing []string            // what is tried until a timestamp can be had
	hunt    workflow.Context    // in which that happens
	desist  workflow.CancelFunc // and which ends it
}

// Envelope carries an envelope from the moment it is sent until nobody can
// change it any more.
func Envelope(ctx workflow.Context, trip Trip) (envelope.Status, error) {
	t := &trip
	if err := t.listen(ctx); err != nil {
		return t.Standing.Status, err
	}
	for !t.over() {
		if err := t.ask(ctx); err != nil { // what time it is, when that is in doubt
			return t.Standing.Status, err
		}
		t.chase(ctx)                        // signatures and seals that wait for a timestamp
		if err := t.rest(ctx); err != nil { // until an act, a reminder or the deadline
			return t.Standing.Status, err
		}
		if err := t.ring(ctx); err != nil { // whoever is late, or everybody when time is up
			return t.Standing.Status, err
		}
		if err := t.complete(ctx); err != nil { // once the route is done
			return t.Standing.Status, err
		}
		t.tell(ctx)
		if t.tired(ctx) {
			return t.Standing.Status, workflow.NewContinueAsNewError(ctx, Envelope, *t)
		}
	}
	if t.desist != nil {
		t.desist()
	}
	if err := t.settle(ctx); err != nil {
		return t.Standing.Status, err
	}
	return t.Standing.Status, t.last(ctx)
}

// over tells whether there is nothing left to do: the envelope has ended, or it
// could not be sent and is still a draft.
func (t *Trip) over() bool {
	return t.Standing.Status.Final() || t.asked && t.Standing.Status == envelope.Draft
}

// rest sleeps until something moves, the alarm rings or a new run should take over.
func (t *Trip) rest(ctx workflow.Context) error {
	t.setAlarm(ctx)
	err := workflow.Await(ctx, func() bool { return t.moved || t.rung || t.tired(ctx) })
	t.moved = false
	return err
}

// ask learns how far ahead the clock is, after a step that saw it further back: it
// may have begun before the clock was put forward, or the team is no sandbox any more.
func (t *Trip) ask(ctx workflow.Context) error {
	if !t.doubt {
		return nil
	}
	err := t.change(ctx, desk.Stand, t.Envelope)
	t.doubt = false
	return err
}

// setAlarm keeps one timer, for the next moment at which something happens by itself.
func (t *Trip) setAlarm(ctx workflow.Context) {
	if t.Standing.Alarm.Equal(t.alarm) && t.Standing.Ahead == t.ahead {
		return
	}
	if t.unset != nil {
		t.unset()
	}
	t.alarm, t.ahead, t.rung = t.Standing.Alarm, t.Standing.Ahead, false
	if t.alarm.IsZero() {
		return
	}
	timing, cancel := workflow.WithCancel(ctx)
	t.unset = cancel
	timer := workflow.NewTimer(timing, t.alarm.Sub(t.now(ctx)))
	workflow.Go(ctx, func(ctx workflow.Context) {
		if timer.Get(ctx, nil) == nil {
			t.rung = true
		}
	})
}

// now is the time by the envelope's clock: the engine's timers run by the real one.
func (t *Trip) now(ctx workflow.Context) time.Time { return workflow.Now(ctx).Add(t.Standing.Ahead) }

// ring lets the records decide what the alarm was for: reminders or expiry.
func (t *Trip) ring(ctx workflow.Context) error {
	if !t.rung || t.Standing.Status.Final() {
		return nil
	}
	alarm := t.alarm
	t.rung, t.alarm = false, time.Time{}
	return t.change(ctx, desk.Ring, t.Envelope, alarm, workflow.Now(ctx))
}

// complete seals the documents when everybody has acted. It is tried until it
// succeeds: people have signed, and that cannot be taken back.
func (t *Trip) complete(ctx workflow.Context) error {
	_, running := t.Standing.Route.Step()
	if running || t.Standing.Status != envelope.Sent || t.Standing.Awaits || len(t.Standing.Route.Held()) > 0 {
		return nil
	}
	return t.change(ctx, desk.Complete, t.Envelope, workflow.Now(ctx))
}

// tired tells whether the history has grown so long that a new run should take
// over, and nothing is under way that it would not know of.
func (t *Trip) tired(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() && !t.moved && !t.over() && t.quiet(ctx)
}

// quiet tells whether all have their answers and all is announced.
func (t *Trip) quiet(ctx workflow.Context) bool {
	return t.telling == 0 && len(t.untold) == 0 && workflow.AllHandlersFinished(ctx)
}

// settle lets answers and announcements arrive before the workflow ends. Whoever
// asked while the last step was made may be told of an earlier change once more.
func (t *Trip) settle(ctx workflow.Context) error {
	for !t.quiet(ctx) {
		t.tell(ctx)
		if err := workflow.Await(ctx, func() bool { return len(t.untold) > 0 || t.quiet(ctx) }); err != nil {
			return err
		}
	}
	return nil
}
