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

	"chancery/account"
	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
	"chancery/webhooks"
)

// outbox holds what is to be told, and remembers what came of it.
type outbox struct {
	announced []string
	book
	out  activities.Outgoing
	sent []activities.Sent
	made []activities.Attempt
}

func (o *outbox) Untold(context.Context, string, []string) (activities.Outgoing, error) {
	return o.out, nil
}

func (o *outbox) Announced(_ context.Context, _ string, changes []string) error {
	o.announced = append(o.announced, changes...)
	return nil
}

func (o *outbox) Letter(context.Context, string) (activities.OutgoingLetter, error) {
	return o.out.Letters[0], nil
}

func (o *outbox) Delivery(context.Context, string) (activities.Delivery, error) {
	return o.out.Deliveries[0], nil
}

func (o *outbox) Postponed(context.Context, []activities.Wait) error { return nil }

func (o *outbox) Told(_ context.Context, sent []activities.Sent, made []activities.Attempt) error {
	o.sent, o.made = append(o.sent, sent...), append(o.made, made...)
	return nil
}

// mailer answers every letter alike, after a while.
type mailer struct{ err error }

func (m mailer) Send(context.Context, envelope.Envelope, envelope.Letter, time.Time) error {
	return m.err
}

// hanging takes letters and events and answers neither.
type hanging struct{}

func (m mailer) SendNotice(context.Context, account.Notice) error { return m.err }

func (hanging) SendNotice(ctx context.Context, _ account.Notice) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hanging) Send(ctx context.Context, _ envelope.Envelope, _ envelope.Letter, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hanging) Attempt(context.Context, webhooks.Delivery) webhooks.Outcome {
	time.Sleep(15 * time.Second) // as long as the real client waits
	return webhooks.Outcome{Verdict: webhooks.Retry, Took: 15 * time.Second}
}

type endpoint struct{ outcome webhooks.Outcome }

func (e endpoint) Attempt(context.Context, webhooks.Delivery) webhooks.Outcome { return e.outcome }

// branches remembers what goes on later.
type branches struct {
	mu      sync.Mutex
	ids     []string
	bounced []envelope.Bounce
	ticked  []string
	deaf    error // nobody hears of a clock
	err     error
}

func (b *branches) Tick(_ context.Context, envelope string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ticked = append(b.ticked, envelope)
	return b.deaf
}

func (b *branches) Bounce(_ context.Context, _ string, news envelope.Bounce) error {
	b.bounced = append(b.bounced, news)
	return b.err
}

func (b *branches) Post(_ context.Context, id string) error { return b.add(id) }

func (b *branches) Deliver(_ context.Context, id string, _ time.Duration) error { return b.add(id) }

func (b *branches) add(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids = append(b.ids, id)
	return b.err
}

func toTell(letters, deliveries int) *outbox {
	o := &outbox{book: *newBook()}
	for i := range letters {
		o.out.Letters = append(o.out.Letters, activities.OutgoingLetter{Letter: envelope.Letter{ID: "ltr_" + strconv.Itoa(i)}, Envelope: "env_1"})
	}
	for i := range deliveries {
		o.out.Deliveries = append(o.out.Deliveries, activities.Delivery{ID: "dlv_" + strconv.Itoa(i)})
	}
	return o
}

func TestOneDeadMailServerAndAThousandDeadEndpointsDoNotHoldUpAnAnnouncement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, later := toTell(101, 1000), &branches{}
		desk := &activities.Desk{Records: o, Letters: hanging{}, Hooks: hanging{}, Later: later}
		begun := time.Now()
		if err := desk.Announce(t.Context(), "env_1", []string{"complete"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 100*time.Second {
			t.Errorf("it took %s of the two minutes an announcement has", took)
		}
		slices.Sort(later.ids)
		if n := len(slices.Compact(later.ids)); n != 1101 {
			t.Errorf("%d of 1101 go on later", n)
		}
		if len(o.sent) != 101 {
			t.Errorf("what came of %d of 101 letters is written down", len(o.sent))
		}
	})
}

func TestWhatComesOfALetter(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status string
		later  int
	}{
		"it is sent":                     {nil, "sent", 0},
		"it is refused for good":         {problem.Invalid("address_refused", "The address does not exist."), "refused", 0},
		"it waits when the server hangs": {errors.New("451 try again later"), "waiting", 1},
	} {
		t.Run(name, func(t *testing.T) {
			o, later := toTell(1, 0), &branches{}
			desk := &activities.Desk{Records: o, Letters: mailer{tt.err}, Later: later}
			if err := desk.Announce(t.Context(), "env_1", nil); err != nil {
				t.Fatal(err)
			}
			if o.sent[0].Status != tt.status || len(later.ids) != tt.later {
				t.Errorf("it is %s and %d go on later", o.sent[0].Status, len(later.ids))
			}
			err := desk.Post(t.Context(), "ltr_0")
			if waits := err != nil; waits != (tt.status == "waiting") || activities.Refused(err) {
				t.Errorf("its branch is answered %v", err)
			}
		})
	}
}

func TestWhatComesOfADelivery(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome webhooks.Outcome
		before  int // attempts
		waits   time.Duration
	}{
		"it is delivered":                         {webhooks.Outcome{Verdict: webhooks.Delivered}, 0, 0},
		"the endpoint is gone":                    {webhooks.Outcome{Verdict: webhooks.Gone}, 0, 0},
		"it waits as the schedule says":           {webhooks.Outcome{Verdict: webhooks.Retry}, 1, 5 * time.Minute},
		"it waits as long as the endpoint wishes": {webhooks.Outcome{Verdict: webhooks.Retry, RetryAfter: time.Hour}, 1, time.Hour},
		"it is given up after the last":           {webhooks.Outcome{Verdict: webhooks.Retry}, 9, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := toTell(0, 1)
			o.out.Deliveries[0].Attempts = tt.before
			desk := &activities.Desk{Records: o, Hooks: endpoint{tt.outcome}}
			err := desk.Deliver(t.Context(), "dlv_0")
			if o.made[0].Number != tt.before+1 || o.made[0].Next.IsZero() != (tt.waits == 0) {
				t.Errorf("attempt %+v", o.made[0])
			}
			var again *temporal.ApplicationError
			if tt.waits == 0 {
				if err != nil {
					t.Errorf("answered %v, want an end", err)
				}
			} else if !errors.As(err, &again) || again.NonRetryable() || again.NextRetryDelay().Round(time.Second) != tt.waits {
				t.Errorf("answered %v, want another attempt in %s", err, tt.waits)
			}
		})
	}
}

func TestWhatIsFinishedIsNotDoneAgain(t *testing.T) {
	o := toTell(1, 1)
	o.out.Letters[0].Finished, o.out.Deliveries[0].Finished = true, true
	desk := &activities.Desk{Records: o, Letters: mailer{}, Hooks: endpoint{}}
	if err := errors.Join(desk.Post(t.Context(), "ltr_0"), desk.Deliver(t.Context(), "dlv_0")); err != nil {
		t.Error(err)
	}
	if len(o.sent)+len(o.made) != 0 {
		t.Errorf("told %v, %v", o.sent, o.made)
	}
}

func TestNothingIsWrittenDownBeforeItsBranchHasBegun(t *testing.T) {
	o := toTell(1, 1)
	desk := &activities.Desk{Records: o, Letters: mailer{errors.New("refused")}, Hooks: endpoint{webhooks.Outcome{Verdict: webhooks.Retry}},
		Later: &branches{err: errors.New("the engine cannot be reached")}}
	if err := desk.Announce(t.Context(), "env_1", nil); err == nil {
		t.Error("the announcement would not be tried again")
	}
	if len(o.sent)+len(o.made) != 0 {
		t.Errorf("told %v, %v", o.sent, o.made)
	}
}

func TestALetterThatIsRefusedForGoodCountsAsOneThatCameBack(t *testing.T) {
	refused := problem.Conflict("mail_refused", "5.1.1 There is no such mailbox.")
	for name, tt := range map[string]struct {
		to      string
		answer  error
		bounces int
		sent    bool // what came of the letter is written down
	}{
		"a recipient's":                    {"ann", nil, 1, true},
		"the sender's":                     {"", nil, 0, true},
		"of an envelope that has ended":    {"ann", problem.Conflict("envelope_ended", "It has ended."), 1, true},
		"while the engine cannot be asked": {"ann", errors.New("connection refused"), 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, later := toTell(1, 0), &branches{err: tt.answer}
			o.envelope.Recipients = []envelope.Recipient{ann()}
			o.out.Letters[0].Letter.Recipient = tt.to
			desk := &activities.Desk{Records: o, Letters: mailer{refused}, Later: later}
			for _, err := range []error{desk.Announce(t.Context(), "env_1", nil), desk.Post(t.Context(), "ltr_0")} {
				if (err == nil) != tt.sent {
					t.Errorf("answered %v", err)
				}
			}
			if len(later.bounced) != 2*tt.bounces || (len(o.sent) == 2) != tt.sent {
				t.Fatalf("%d bounces and %v told", len(later.bounced), o.sent)
			}
			if tt.bounces > 0 && (later.bounced[0] != later.bounced[1] || later.bounced[0].Reason != refused.Public) {
				t.Errorf("the bounces are %+v", later.bounced)
			}
		})
	}
}

func (b *branches) WriteBack(_ context.Context, back activities.Back) error {
	return b.add(back.Journey + " " + back.Event)
}
