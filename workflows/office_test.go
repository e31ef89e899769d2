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

// papers remembers what was done to the documents. At most one signature may be
// under way: a second one would be made on a revision that is about to be old.
type papers struct {
	mu       sync.Mutex
	done     []string
	times    []time.Time   // of signatures
	unsigned int           // of the next signatures fail
	unsealed int           // of the next seals fail
	away     bool          // no timestamp can be had
	silent   bool          // nobody says which certificates are revoked
	lasting  bool          // proofs are kept up
	life     time.Duration // of a proof
	slow     time.Duration // that a job takes
	busy     int
	most     int // jobs at the same time
}

// work fails while there are failures left.
func (p *papers) work(what string, failures *int) ([]envelope.Revision, error) {
	p.mu.Lock()
	p.busy++
	p.most = max(p.most, p.busy)
	p.mu.Unlock()
	time.Sleep(p.slow)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	if p.away {
		return nil, problem.Away(envelope.TimestampAway, "No time-stamping authority can be reached.")
	}
	if *failures > 0 {
		*failures--
		return nil, errors.New("the timestamp authority cannot be reached")
	}
	p.done = append(p.done, what)
	return []envelope.Revision{{Document: "doc_1", Number: len(p.done)}}, nil
}

// now lets a story change what happens to the documents next.
func (p *papers) now(change func(*papers)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *papers) at(moment time.Time) { p.now(func(p *papers) { p.times = append(p.times, moment) }) }

func (p *papers) Certify(_ context.Context, _ envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	p.at(at)
	return p.work("certify", new(int))
}

func (p *papers) Sign(_ context.Context, _ envelope.Envelope, act envelope.Act, at time.Time) ([]envelope.Revision, error) {
	p.at(at)
	return p.work("sign "+act.Recipient, &p.unsigned)
}

func (p *papers) Seal(_ context.Context, _ envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	p.at(at)
	if p.mute() {
		return nil, problem.Away(envelope.EvidenceAway, "An authority does not answer.")
	}
	return p.work("seal", &p.unsealed)
}

func (p *papers) mute() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silent
}

func (p *papers) Lasting(envelope.Envelope) bool { return p.lasting }

func (p *papers) Renew(_ context.Context, _ envelope.Envelope, document string, at time.Time) (envelope.Revision, error) {
	revisions, err := p.work("renew "+at.Format(time.DateOnly), new(int))
	if err != nil {
		return envelope.Revision{}, err
	}
	revisions[0].Document, revisions[0].RenewAt = document, at.Add(p.life)
	return revisions[0], nil
}

// post is a mail server that remembers what it was given.
type post struct {
	mu    sync.Mutex
	dead  bool
	heard []envelope.Letter
}

func (p *post) SendNotice(context.Context, account.Notice) error { return nil }

func (p *post) Send(_ context.Context, _ envelope.Envelope, l envelope.Letter, _ time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errors.New("dial tcp: connection refused")
	}
	p.heard = append(p.heard, l)
	return nil
}

// times tells how often the letter was sent.
func (p *post) times(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, l := range p.heard {
		if l.ID == id {
			n++
		}
	}
	return n
}

// hooks is an endpoint that remembers the events it was sent.
type hooks struct {
	mu    sync.Mutex
	dead  bool
	heard []string
}

func (h *hooks) Attempt(_ context.Context, d webhooks.Delivery) webhooks.Outcome {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.dead {
		return webhooks.Outcome{Verdict: webhooks.Retry}
	}
	h.heard = append(h.heard, d.EventID)
	return webhooks.Outcome{Status: 200, Verdict: webhooks.Delivered}
}

// later remembers what is left to branches of their own.
type later struct {
	backs      []activities.Back
	mu         sync.Mutex
	letters    []string
	deliveries []string
	bounced    []envelope.Bounce
}

func (l *later) Bounce(_ context.Context, _ string, news envelope.Bounce) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bounced = append(l.bounced, news)
	return nil
}

func (l *later) Tick(context.Context, string) error { return nil }

func (l *later) Post(_ context.Context, letter string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letters = append(l.letters, letter)
	return nil
}

func (l *later) Deliver(_ context.Context, delivery string, _ time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deliveries = append(l.deliveries, delivery)
	return nil
}

// office is a desk with everything around it.
type office struct {
	records *records
	papers  *papers
	post    *post
	hooks   *hooks
	later   *later
	now     func() time.Time
}

func newOffice(draft envelope.Envelope) *office {
	return &office{
		records: &records{envelope: draft, written: map[string][]string{}},
		papers:  &papers{}, post: &post{}, hooks: &hooks{}, later: &later{}, now: time.Now,
	}
}

func (o *office) desk() *activities.Desk {
	return &activities.Desk{Records: o.records, Papers: o.papers, Letters: o.post, Hooks: o.hooks, Later: o.later, Now: o.now}
}

// heard lists the letters that the mail server was given, in the order they were
// written: the letters of one change go out side by side.
func (o *office) heard() []string {
	var letters []string
	for _, l := range o.records.letters {
		letters = slices.Concat(letters, slices.Repeat([]string{title(l.Letter)}, o.post.times(l.Letter.ID)))
	}
	return letters
}

func (l *later) WriteBack(_ context.Context, b activities.Back) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.backs = append(l.backs, b)
	return nil
}
