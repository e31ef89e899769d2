package rate

import (
	"context"
	"slices"
	"sync"
	"time"
)

// MemoryQueue is the queue of one process.
type MemoryQueue struct {
	now   func() time.Time
	mu    sync.Mutex
	lines map[string]*line
}

var _ Queue = (*MemoryQueue)(nil)

// line is one line of waiting calls.
type line struct {
	calls   []time.Time // made within the last span, oldest first
	waiting []place     // in the order in which they came
}

type place struct {
	name string
	back time.Time // when they have been told to come again
}

// NewMemoryQueue makes a queue that asks now for the time; nil is time.Now.
func NewMemoryQueue(now func() time.Time) *MemoryQueue {
	return &MemoryQueue{now: orRealTime(now), lines: map[string]*line{}}
}

// soonest is the shortest wait: who waits asks seldom.
const soonest = 100 * time.Millisecond

// Turn counts the call if its turn has come.
func (q *MemoryQueue) Turn(_ context.Context, to, name string, limit Limit) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	l := q.lines[to]
	if l == nil {
		l = &line{}
		q.lines[to] = l
	}
	wait := l.turn(now, name, limit)
	q.sweep(now, limit.Per)
	return wait
}

// turn gives every free call to those who have waited longest. Those who come before
// their turn learn when a call is free for them, if all before them take theirs.
func (l *line) turn(now time.Time, name string, limit Limit) time.Duration {
	l.calls = within(l.calls, now, limit.Per)
	l.waiting = slices.DeleteFunc(l.waiting, func(p place) bool { return now.Sub(p.back) > limit.Per && p.name != name })
	at := slices.IndexFunc(l.waiting, func(p place) bool { return p.name == name })
	known := at >= 0
	if !known {
		at = len(l.waiting)
	}
	free := limit.Calls - len(l.calls)
	if at < free {
		l.calls = append(l.calls, now)
		if known {
			l.waiting = slices.Delete(l.waiting, at, at+1)
		}
		return 0
	}
	if !known {
		l.waiting = append(l.waiting, place{name: name})
	}
	wait := max(soonest, l.until(at-free, now, limit))
	l.waiting[at].back = now.Add(wait)
	return wait
}

// until is how long it takes until that many calls, and one more, have left the window.
func (l *line) until(ahead int, now time.Time, limit Limit) time.Duration {
	rounds := time.Duration(ahead/limit.Calls) * limit.Per
	if i := ahead % limit.Calls; i < len(l.calls) {
		return rounds + limit.Per - now.Sub(l.calls[i])
	}
	return rounds + limit.Per // behind somebody who goes about now
}

// sweep forgets lines in which nothing happens any more.
func (q *MemoryQueue) sweep(now time.Time, per time.Duration) {
	for to, l := range q.lines {
		idle := len(l.calls) == 0 || now.Sub(l.calls[len(l.calls)-1]) >= per
		if idle && len(l.waiting) == 0 {
			delete(q.lines, to)
		}
	}
}
