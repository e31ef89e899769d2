package api

import (
	"context"
	"log/slog"
	"regexp"
	"time"

	"github.com/gin-gonic/gin"

	"chancery/postgres"
)

const (
	// ledgerRoom is how many calls may wait to be written down: several seconds of as many
	// as a process answers. What comes on top is counted and lost.
	ledgerRoom = 10_000
	// ledgerBatch is how many are written at once, in one statement of some 100 KB.
	ledgerBatch = 500
	// ledgerPace is how often what waits is written down.
	ledgerPace = time.Second
	// ledgerFarewell is how long the last ones may take when the process ends.
	ledgerFarewell = 5 * time.Second
	// ledgerSpan is how long a call stays in the log: as long as somebody still asks what
	// went wrong last month.
	ledgerSpan = 30 * 24 * time.Hour
	// ledgerTidy is how often older ones are thrown away.
	ledgerTidy = time.Hour
)

// Calls keeps the log of calls.
type Calls interface {
	KeepRequests(ctx context.Context, calls []postgres.Request) error
	ForgetRequests(ctx context.Context, before time.Time) error
}

// Ledger writes calls down after they have been answered, many at once. It never
// makes a call wait: what it has no room for is lost, and counted.
type Ledger struct {
	calls   Calls
	log     *slog.Logger
	lost    func()
	waiting chan postgres.Request
	batch   []postgres.Request // taken out and not written down yet
}

// NewLedger makes one; lost hears of every call that is not in the log. Run does the work.
func NewLedger(calls Calls, log *slog.Logger, lost func()) *Ledger {
	return &Ledger{calls: calls, log: log, lost: lost, waiting: make(chan postgres.Request, ledgerRoom)}
}

// Note takes a call. It may be called on nil, which keeps nothing.
func (l *Ledger) Note(call postgres.Request) {
	if l == nil {
		return
	}
	select {
	case l.waiting <- call:
	default:
		l.lost()
	}
}

// Run writes down what comes until ctx ends, and then what is left.
func (l *Ledger) Run(ctx context.Context) {
	pace, tidy := time.NewTicker(ledgerPace), time.NewTicker(ledgerTidy)
	defer pace.Stop()
	defer tidy.Stop()
	l.forget(ctx)
	for {
		select {
		case <-pace.C:
			l.write(ctx)
		case <-tidy.C:
			l.forget(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerFarewell)
			defer cancel()
			l.write(last)
			return
		}
	}
}

// write stores all that waits. What could not be stored is tried again the next time.
func (l *Ledger) write(ctx context.Context) {
	for l.fill(); len(l.batch) > 0; l.fill() {
		if err := l.calls.KeepRequests(ctx, l.batch); err != nil {
			l.log.WarnContext(ctx, "write down requests", "cause", err)
			return
		}
		l.batch = l.batch[:0]
	}
}

func (l *Ledger) fill() {
	for len(l.batch) < ledgerBatch {
		select {
		case call := <-l.waiting:
			l.batch = append(l.batch, call)
		default:
			return
		}
	}
}

func (l *Ledger) forget(ctx context.Context) {
	if err := l.calls.ForgetRequests(ctx, time.Now().Add(-ledgerSpan)); err != nil {
		l.log.WarnContext(ctx, "forget old requests", "cause", err)
	}
}

// ginMember is a member of a path as gin writes it; contracts write {name}.
var ginMember = regexp.MustCompile(`:(\w+)`)

// noted adds the call to the log of its team.
func (a *api) noted(c *gin.Context, who Caller, began time.Time) {
	ctx := c.Request.Context()
	a.Ledger.Note(postgres.Request{
		ID: requestID(ctx), Team: who.Team.ID, Key: who.Key.ID, User: who.Key.User, At: began,
		Method: c.Request.Method, Route: ginMember.ReplaceAllString(c.FullPath(), "{$1}"),
		Status: c.Writer.Status(), Took: time.Since(began), Problem: problemTold(ctx),
	})
}
