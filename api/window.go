package api

import (
	"context"
	"sync"
	"time"
)

// Limit is how many calls a team may make in any span of that length. The name
// is what RateLimit-Policy shows.
type Limit struct {
	Name  string
	Calls int
	Per   time.Duration
}

// Standing is where a team stands after asking for one more call.
type Standing struct {
	Allowed bool
	Left    int           // calls it could make at once
	Reset   time.Duration // until the oldest call leaves the window, and one more is free
}

// Window counts calls in a sliding window: at no moment do more than limit.Calls
// lie within the last limit.Per. A refused call does not count.
type Window interface {
	Take(ctx context.Context, team string, limit Limit) (Standing, error)
}

// MemoryWindow is the window of one process.
type MemoryWindow struct {
	now   func() time.Time
	mu    sync.Mutex
	calls map[string][]time.Time // allowed ones, oldest first, at most limit.Calls
	swept time.Time
}

// NewMemoryWindow makes a window that asks now for the time; nil is time.Now.
func NewMemoryWindow(now func() time.Time) *MemoryWindow {
	if now == nil {
		now = time.Now
	}
	return &MemoryWindow{now: now, calls: map[string][]time.Time{}}
}

// Take counts one call of the team, if it may make it. It never fails.
func (w *MemoryWindow) Take(_ context.Context, team string, limit Limit) (Standing, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.sweep(now, limit.Per)
	calls := within(w.calls[team], now, limit.Per)
	allowed := len(calls) < limit.Calls
	if allowed {
		calls = append(calls, now)
	}
	w.calls[team] = calls
	return Standing{Allowed: allowed, Left: limit.Calls - len(calls), Reset: reset(calls, now, limit.Per)}, nil
}

// within drops the calls that have left the window. It keeps the same array, so a
// busy team costs no garbage.
func within(calls []time.Time, now time.Time, per time.Duration) []time.Time {
	old := 0
	for old < len(calls) && now.Sub(calls[old]) >= per {
		old++
	}
	return calls[:copy(calls, calls[old:])]
}

func reset(calls []time.Time, now time.Time, per time.Duration) time.Duration {
	if len(calls) == 0 {
		return 0
	}
	return per - now.Sub(calls[0])
}

// sweep forgets teams that have been silent, once a span.
func (w *MemoryWindow) sweep(now time.Time, per time.Duration) {
	if now.Sub(w.swept) < per {
		return
	}
	w.swept = now
	for team, calls := range w.calls {
		if len(calls) == 0 || now.Sub(calls[len(calls)-1]) >= per {
			delete(w.calls, team)
		}
	}
}
