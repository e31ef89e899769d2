package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
)

var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// book holds one envelope. Its commits may be stored and their success forgotten.
type book struct {
	activities.Records
	envelope envelope.Envelope
	changes  []string
	forget   bool
	lost     bool // somebody else is always faster
	full     error
}

func (b *book) Envelope(context.Context, string) (envelope.Envelope, error) { return b.envelope, nil }

func (b *book) Done(_ context.Context, _, change string) (bool, error) {
	return slices.Contains(b.changes, change), nil
}

func (b *book) Commit(_ context.Context, c envelope.Change) error {
	if b.lost {
		return problem.Conflict("envelope_changed", "Somebody else has changed this envelope.")
	}
	b.envelope, b.changes = c.After, append(b.changes, c.ID)
	if b.forget {
		return errors.New("connection reset")
	}
	return nil
}

func (b *book) MaySend(context.Context, envelope.Envelope) error { return b.full }

// noPapers does nothing to documents there are none of.
type noPapers struct{}

func (noPapers) Certify(context.Context, envelope.Envelope, time.Time) ([]envelope.Revision, error) {
	return nil, nil
}

func (noPapers) Sign(context.Context, envelope.Envelope, envelope.Act, time.Time) ([]envelope.Revision, error) {
	return nil, nil
}

func (noPapers) Seal(context.Context, envelope.Envelope, time.Time) ([]envelope.Revision, error) {
	return nil, nil
}

func (noPapers) Lasting(envelope.Envelope) bool { return false }

func (noPapers) Renew(context.Context, envelope.Envelope, string, time.Time) (envelope.Revision, error) {
	return envelope.Revision{}, nil
}

func ann() envelope.Recipient {
	return envelope.Recipient{
		ID: "ann", Place: "ann", Person: envelope.Person{Name: "Ann", Email: "ann@example.org"},
		Role: envelope.Signer, Step: 1, Status: envelope.Waiting,
	}
}

func newBook() *book {
	return &book{envelope: envelope.Envelope{
		ID: "env_1", Status: envelope.Draft, Title: "Lease", Lifetime: 30 * 24 * time.Hour,
		Documents: []envelope.Document{{ID: "doc_1"}}, Recipients: []envelope.Recipient{ann()},
		Pace: envelope.Pace{First: 24 * time.Hour, Most: 1},
	}}
}

func sentBook(t *testing.T) (*book, *activities.Desk) {
	t.Helper()
	b := newBook()
	desk := &activities.Desk{Records: b, Papers: noPapers{}}
	if _, err := desk.Send(t.Context(), activities.Sending{Envelope: "env_1"}, monday); err != nil {
		t.Fatal(err)
	}
	return b, desk
}

func TestASecondRunOfEveryStepFindsTheFirst(t *testing.T) {
	alarm := monday.Add(24 * time.Hour)
	sign := envelope.Act{ID: "act_1", Envelope: "env_1", Recipient: "ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "Ann"}}
	steps := map[string]struct {
		before func(context.Context, *activities.Desk) error
		do     func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error)
		want   string
	}{
		"sending": {
			before: nil,
			do: func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error) {
				return d.Send(ctx, activities.Sending{Envelope: "env_1"}, at)
			},
			want: "send",
		},
		"an act": {
			before: func(context.Context, *activities.Desk) error { return nil },
			do: func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error) {
				return d.Record(ctx, sign, at)
			},
			want: "act_1",
		},
		"a reminder, though its clock is later": {
			before: func(context.Context, *activities.Desk) error { return nil },
			do: func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error) {
				return d.Ring(ctx, "env_1", alarm, at)
			},
			want: envelope.ReminderID(alarm),
		},
		"voiding": {
			before: func(context.Context, *activities.Desk) error { return nil },
			do: func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error) {
				return d.Void(ctx, "env_1", envelope.Void{ID: "void_1", Reason: "wrong file"}, at)
			},
			want: "void_1",
		},
		"sealing": {
			before: func(ctx context.Context, d *activities.Desk) error { _, err := d.Record(ctx, sign, monday); return err },
			do: func(ctx context.Context, d *activities.Desk, at time.Time) (activities.Outcome, error) {
				return d.Complete(ctx, "env_1", at)
			},
			want: "complete",
		},
	}
	for name, tt := range steps {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			desk := &activities.Desk{Records: b, Papers: noPapers{}}
			if tt.before != nil {
				b, desk = sentBook(t)
				if err := tt.before(t.Context(), desk); err != nil {
					t.Fatal(err)
				}
			}
			b.forget = true
			if _, err := tt.do(t.Context(), desk, alarm); err == nil || activities.Refused(err) {
				t.Fatalf("the first run is answered %v, want an accident", err)
			}
			made := len(b.changes)
			outcome, err := tt.do(t.Context(), desk, alarm.Add(time.Minute))
			if err != nil || outcome.Change != tt.want || len(b.changes) != made {
				t.Errorf("the second run announces %q after %v, %v; want %q", outcome.Change, b.changes, err, tt.want)
			}
			if outcome.Standing.Status != b.envelope.Status {
				t.Errorf("it says %s, the book %s", outcome.Standing.Status, b.envelope.Status)
			}
		})
	}
}

func TestALostRaceIsTriedAgainAndIsNoAnswer(t *testing.T) {
	b, desk := sentBook(t)
	b.lost = true
	_, err := desk.Void(t.Context(), "env_1", envelope.Void{ID: "void_1", Reason: "wrong file"}, monday)
	if err == nil || activities.Refused(err) {
		t.Errorf("it is answered %v", err)
	}
}

func TestNobodyWaitsForASealSoItIsNeverRefused(t *testing.T) {
	_, desk := sentBook(t)
	if _, err := desk.Complete(t.Context(), "env_1", monday); err == nil || activities.Refused(err) {
		t.Errorf("sealing too early is answered %v", err)
	}
}

func TestLookingTellsWhetherAChangeWasMade(t *testing.T) {
	_, desk := sentBook(t)
	for change, want := range map[string]string{"send": "send", "act_1": ""} {
		outcome, err := desk.Look(t.Context(), "env_1", "ann", change)
		if err != nil || outcome.Change != want || outcome.Answer.Recipient != envelope.Released {
			t.Errorf("looking for %s finds %+v, %v", change, outcome, err)
		}
	}
}
