package rate

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// rest is how long nobody asks a Redis that did not answer. Then one call tries
// again, and the others do not wait for it.
const rest = time.Second

// Watch says who hears of a Redis that is away. All of it may be left out.
type Watch struct {
	Log      *slog.Logger
	Fallback func()           // a call was counted by this process alone
	Now      func() time.Time // nil is time.Now
}

// Shared counts over all processes, and by itself while that is not possible: at no
// moment has this process let in more than the limit, whatever the Redis forgets.
type Shared struct {
	all *RedisWindow
	own *MemoryWindow // also knows what was let in over all
	fuse
}

var _ Window = (*Shared)(nil)

// NewShared shares a window.
func NewShared(all *RedisWindow, w Watch) *Shared {
	s := &Shared{all: all, own: NewMemoryWindow(w.Now)}
	s.insert(w)
	return s
}

// Take counts one call, if it may be made. The own count comes second: its calls
// leave the window after those of the Redis, and never keep out who was told to come.
func (s *Shared) Take(ctx context.Context, who string, limit Limit) Standing {
	if own := s.own.Look(who, limit); !own.Allowed {
		return own
	}
	var over Standing
	if !s.ask(ctx, func(ctx context.Context) (err error) { over, err = s.all.Take(ctx, who, limit); return err }) {
		return s.own.Take(ctx, who, limit)
	}
	if !over.Allowed {
		return over
	}
	if own := s.own.Take(ctx, who, limit); !own.Allowed || own.Left < over.Left {
		return own
	}
	return over
}

// SharedQueue is a queue over all processes, and of each while that is not possible.
type SharedQueue struct {
	all *RedisQueue
	own *MemoryQueue
	fuse
}

var _ Queue = (*SharedQueue)(nil)

// NewSharedQueue shares a queue.
func NewSharedQueue(all *RedisQueue, w Watch) *SharedQueue {
	s := &SharedQueue{all: all, own: NewMemoryQueue(w.Now)}
	s.insert(w)
	return s
}

// Turn counts the call if its turn has come.
func (s *SharedQueue) Turn(ctx context.Context, line, name string, limit Limit) (wait time.Duration) {
	if s.ask(ctx, func(ctx context.Context) (err error) { wait, err = s.all.Turn(ctx, line, name, limit); return err }) {
		return wait
	}
	return s.own.Turn(ctx, line, name, limit)
}

// fuse keeps a dead Redis from costing every call its patience.
type fuse struct {
	watch Watch
	mu    sync.Mutex
	blown bool
	again time.Time // when somebody may try
}

func (f *fuse) insert(w Watch) {
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	if w.Fallback == nil {
		w.Fallback = func() {}
	}
	w.Now = orRealTime(w.Now)
	f.watch = w
}

// ask tells whether the Redis has answered. Who asks may go away meanwhile; that is
// no fault of the Redis, and their call has been counted.
func (f *fuse) ask(ctx context.Context, question func(context.Context) error) bool {
	if !f.mayTry() {
		f.watch.Fallback()
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := question(ctx)
	f.learn(err)
	if err != nil {
		f.watch.Fallback()
	}
	return err == nil
}

// mayTry lets one call after each rest try whether the Redis is back.
func (f *fuse) mayTry() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.blown {
		return true
	}
	now := f.watch.Now()
	if now.Before(f.again) {
		return false
	}
	f.again = now.Add(rest)
	return true
}

func (f *fuse) learn(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil && !f.blown:
		f.watch.Log.Warn("the shared count of calls is out of reach; this process counts by itself", "error", err)
	case err == nil && f.blown:
		f.watch.Log.Info("the shared count of calls is back")
	}
	f.blown = err != nil
	if f.blown {
		f.again = f.watch.Now().Add(rest)
	}
}
