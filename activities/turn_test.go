package activities_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/temporal"

	"chancery/activities"
	"chancery/rate"
	"chancery/webhooks"
)

// inTurn lets a hundred webhooks of a team be called in any minute.
type inTurn struct{ queue rate.Queue }

func (i inTurn) Turn(ctx context.Context, d activities.Delivery, name string) time.Duration {
	return i.queue.Turn(ctx, d.Team, name, rate.Limit{Name: "sandbox", Calls: 100, Per: time.Minute})
}

// board is an outbox from which deliveries come by their ids.
type board struct {
	*outbox
	mu        sync.Mutex
	attempts  map[string]int
	postponed int
	until     map[string]time.Time
}

func (b *board) Delivery(_ context.Context, id string) (activities.Delivery, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return activities.Delivery{ID: id, Team: "tm_1", Sandbox: true, Attempts: b.attempts[id], Event: webhooks.Delivery{EventID: id}}, nil
}

func (b *board) Told(_ context.Context, _ []activities.Sent, made []activities.Attempt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range made {
		b.attempts[a.Delivery]++
	}
	return nil
}

func (b *board) Postponed(_ context.Context, waits []activities.Wait) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range waits {
		b.postponed++
		b.until[w.Delivery] = w.Until
	}
	return nil
}

// receiver remembers when it was called, and for which event.
type receiver struct {
	mu    sync.Mutex
	times []time.Time
	ids   []string
}

func (r *receiver) Attempt(_ context.Context, d webhooks.Delivery) webhooks.Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times, r.ids = append(r.times, time.Now()), append(r.ids, d.EventID)
	return webhooks.Outcome{Status: 200, Verdict: webhooks.Delivered}
}

// engine runs branches as the real one does: again when they ask for it.
type engine struct {
	branches
	desk    *activities.Desk
	runs    sync.WaitGroup
	running map[string]bool
}

func (e *engine) Deliver(ctx context.Context, id string, delay time.Duration) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running[id] {
		return nil
	}
	e.running[id] = true
	e.runs.Go(func() {
		for wait := delay; ; {
			time.Sleep(wait + 20*time.Millisecond) // on its way to a worker
			err := e.desk.Deliver(ctx, id)
			var again *temporal.ApplicationError
			if !errors.As(err, &again) {
				return
			}
			wait = again.NextRetryDelay()
		}
	})
	return nil
}

func TestFiveThousandWebhooksOfASandboxWaitTheirTurnAndNoneFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = 5000
		b := &board{outbox: toTell(0, all), attempts: map[string]int{}, until: map[string]time.Time{}}
		for i := range b.out.Deliveries {
			d := &b.out.Deliveries[i]
			d.Team, d.Sandbox, d.Event.EventID = "tm_1", true, d.ID
		}
		heard, later := &receiver{}, &engine{running: map[string]bool{}}
		desk := &activities.Desk{Records: b, Letters: mailer{}, Hooks: heard, Later: later, Turns: inTurn{rate.NewMemoryQueue(nil)}, Now: time.Now}
		later.desk = desk
		began := time.Now()
		if err := desk.Announce(t.Context(), "env_1", []string{"send"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("the announcement took %s", took)
		}
		if shown := b.until["dlv_4999"].Sub(began); shown < 45*time.Minute || shown > 55*time.Minute {
			t.Errorf("the last is announced for %s from now", shown)
		}
		later.runs.Wait()
		if took := time.Since(began); took < 49*time.Minute || took > 52*time.Minute {
			t.Errorf("it took %s", took)
		}
		for i := 100; i < len(heard.times); i++ {
			if span := heard.times[i].Sub(heard.times[i-100]); span < time.Minute {
				t.Fatalf("calls %d to %d lie within %s", i-100, i, span)
			}
		}
		slices.Sort(heard.ids)
		if n := len(slices.Compact(heard.ids)); n != all || len(heard.times) != all {
			t.Errorf("%d events arrived in %d calls", n, len(heard.times))
		}
		for id, n := range b.attempts {
			if n != 1 {
				t.Fatalf("delivery %s had %d attempts", id, n)
			}
		}
		if b.postponed > 4*all {
			t.Errorf("they asked %d times", b.postponed)
		}
	})
}

func TestWhoWaitsForATurnIsCalledInTheOrderOfTheEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &board{outbox: toTell(0, 0), attempts: map[string]int{}, until: map[string]time.Time{}}
		heard, later := &receiver{}, &engine{running: map[string]bool{}}
		later.desk = &activities.Desk{Records: b, Hooks: heard, Later: later, Turns: inTurn{rate.NewMemoryQueue(nil)}, Now: time.Now}
		for i := range 300 {
			if err := later.Deliver(t.Context(), strconv.Itoa(i), 0); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Millisecond)
		}
		later.runs.Wait()
		for turn, id := range heard.ids {
			if i, err := strconv.Atoi(id); err != nil || i < turn-10 || i > turn+10 {
				t.Fatalf("event %s had turn %d", id, turn)
			}
		}
	})
}
