package rate

import (
	"context"
	"sync"
	"time"
)

// MemoryWindow is the window of one process.
type MemoryWindow struct {
	now   func() time.Time
	mu    sync.Mutex
	calls map[string][]time.Time // allowed ones, oldest first, at most limit.Calls
	swept time.Time
}

var _ Window = (*MemoryWindow)(nil)

// NewMemoryWindow makes a window that asks now for the time; nil is time.Now.
func NewMemoryWindow(now func() time.Time) *MemoryWindow {
	return &MemoryWindow{now: orRealTime(now), calls: map[string][]time.Time{}}
}

func orRealTime(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

// Take counts one call, if it may be made.
func (w *MemoryWindow) Take(_ context.Context, who string, limit Limit) Standing {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.sweep(now, limit.Per)
	calls := within(w.calls[who], now, limit.Per)
	allowed := len(calls) < limit.Calls
	if allowed {
		calls = append(calls, now)
	}
	w.calls[who] = calls
	return standing(allowed, calls, now, limit)
}

// Look tells where somebody stands and counts nothing.
func (w *MemoryWindow) Look(who string, limit Limit) Standing {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	calls := within(w.calls[who], now, limit.Per)
	if w.calls[who] = calls; len(calls) == 0 {
		delete(w.calls, who)
	}
	return standing(len(calls) < limit.Calls, calls, now, limit)
}

func standing(allowed bool, calls []time.Time, now time.Time, limit Limit) Standing {
	s := Standing{Allowed: allowed, Left: max(0, limit.Calls-len(calls))}
	if len(calls) > 0 {
		s.Reset = limit.Per - now.Sub(calls[0])
	}
	return s
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

// sweep forgets who has been silent, once a span.
func (w *MemoryWindow) sweep(now time.Time, per time.Duration) {
	if now.Sub(w.swept) < per {
		return
	}
	w.swept = now
	for who, calls := range w.calls {
		if len(calls) == 0 || now.Sub(calls[len(calls)-1]) >= per {
			delete(w.calls, who)
		}
	}
}
