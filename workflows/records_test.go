package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"chancery/account"
	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
	"chancery/webhooks"
)

var errStorm = errors.New("the database cannot be reached")

// records keeps everything in memory with the promises of the real store: a
// change happens once, and only to the version it was made for.
type records struct {
	announced  []string
	mu         sync.Mutex
	envelope   envelope.Envelope
	changes    []string
	events     []envelope.Event
	evidence   []envelope.Evidence
	letters    []activities.OutgoingLetter
	deliveries []activities.Delivery
	written    map[string][]string // letters and deliveries by change
	attempts   int                 // to commit
	refuse     int                 // of the next commits fail and store nothing
	forget     int                 // of the next commits store everything and fail
	aftermath  int                 // looks that fail after each commit that was forgotten
	storm      int                 // of the next looks at the envelope fail
	looks      int                 // at the envelope
	stale      int                 // of the next looks see the clock as it was at first
	acts       []envelope.Act
	newest     envelope.Revision
}

func (r *records) Envelope(context.Context, string) (envelope.Envelope, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looks++
	if r.storm > 0 {
		r.storm--
		return envelope.Envelope{}, errStorm
	}
	e := r.envelope
	if r.stale > 0 {
		r.stale--
		e.Ahead = 0
	}
	return e, nil
}

func (r *records) Done(_ context.Context, _, change string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.changes, change), nil
}

func (r *records) Commit(_ context.Context, c envelope.Change) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	if r.refuse > 0 {
		r.refuse--
		return errStorm
	}
	if slices.Contains(r.changes, c.ID) {
		return nil
	}
	if c.After.Version != r.envelope.Version {
		return problem.Conflict("envelope_changed", "Somebody else has changed this envelope.")
	}
	r.store(c)
	if r.forget > 0 {
		r.forget--
		r.storm = r.aftermath
		return errStorm
	}
	return nil
}

func (r *records) AdvanceClock(_ context.Context, _, _ string, by time.Duration) (time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.envelope.Ahead += by
	return r.envelope.Ahead, nil
}

func (r *records) Running(_ context.Context, _, after string, _ int) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if after >= r.envelope.ID {
		return nil, nil
	}
	return []string{r.envelope.ID}, nil
}

func (r *records) Postponed(context.Context, []activities.Wait) error { return nil }

// MaySend has room for everything: what a plan is worth is the real store's test.
func (r *records) MaySend(context.Context, envelope.Envelope) error { return nil }

func (r *records) store(c envelope.Change) {
	c.After.Ahead = r.envelope.Ahead // which is the team's
	r.envelope = c.After
	r.envelope.Version++
	r.changes = append(r.changes, c.ID)
	if c.Act != nil {
		r.acts = append(r.acts, *c.Act)
	}
	if len(c.Revisions) > 0 {
		r.newest = c.Revisions[len(c.Revisions)-1]
	}
	r.events = append(r.events, c.Events...)
	r.evidence = append(r.evidence, c.Evidence...)
	for _, l := range c.Letters {
		r.letters = append(r.letters, activities.OutgoingLetter{Letter: l, Envelope: c.After.ID, Written: c.At})
		r.written[c.ID] = append(r.written[c.ID], l.ID)
	}
	for _, e := range c.Events {
		id := "dlv_" + e.ID
		r.deliveries = append(r.deliveries, activities.Delivery{ID: id, Event: webhooks.Delivery{EventID: e.ID}})
		r.written[c.ID] = append(r.written[c.ID], id)
	}
}

func (r *records) Signature(_ context.Context, _, recipient string) (envelope.Act, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.acts, func(a envelope.Act) bool { return a.Recipient == recipient && a.Kind == envelope.Sign })
	if i < 0 {
		return envelope.Act{}, errStorm
	}
	return r.acts[i], nil
}

func (r *records) Newest(context.Context, string, string) (envelope.Revision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest, nil
}

func (r *records) Announced(_ context.Context, _ string, changes []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.announced = append(r.announced, changes...)
	return nil
}

func (r *records) Untold(_ context.Context, _ string, changes []string) (activities.Outgoing, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var of []string
	all := slices.Contains(changes, activities.Everything)
	for _, change := range changes {
		of = append(of, r.written[change]...)
	}
	var out activities.Outgoing
	for _, l := range r.letters {
		if !l.Finished && (all || slices.Contains(of, l.Letter.ID)) {
			out.Letters = append(out.Letters, l)
		}
	}
	for _, d := range r.deliveries {
		if !d.Finished && (all || slices.Contains(of, d.ID)) {
			out.Deliveries = append(out.Deliveries, d)
		}
	}
	return out, nil
}

func (r *records) Letter(_ context.Context, id string) (activities.OutgoingLetter, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.letters, func(l activities.OutgoingLetter) bool { return l.Letter.ID == id })
	return r.letters[i], nil
}

func (r *records) Delivery(_ context.Context, id string) (activities.Delivery, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.deliveries, func(d activities.Delivery) bool { return d.ID == id })
	return r.deliveries[i], nil
}

func (r *records) Notice(context.Context, string) (account.Notice, bool, error) {
	return account.Notice{}, true, nil
}

func (r *records) Notified(context.Context, activities.Sent) error { return nil }

func (r *records) Told(_ context.Context, sent []activities.Sent, made []activities.Attempt) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range sent {
		i := slices.IndexFunc(r.letters, func(l activities.OutgoingLetter) bool { return l.Letter.ID == s.Letter })
		r.letters[i].Finished = s.Status != "waiting"
	}
	for _, a := range made {
		i := slices.IndexFunc(r.deliveries, func(d activities.Delivery) bool { return d.ID == a.Delivery })
		r.deliveries[i].Finished, r.deliveries[i].Attempts = a.Next.IsZero(), a.Number
	}
	return nil
}

// now lets a story change what the records do next.
func (r *records) now(change func(*records)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *records) writtenAt(letter string) []time.Time {
	var times []time.Time
	for _, l := range r.letters {
		if title(l.Letter) == letter {
			times = append(times, l.Written)
		}
	}
	return times
}

func title(l envelope.Letter) string {
	reader := l.Recipient
	if reader == "" {
		reader = "sender"
	}
	return string(l.Kind) + " " + reader
}
