package rate_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery/rate"
	"chancery/rate/redistest"
)

var hundred = rate.Limit{Name: "sandbox", Calls: 100, Per: time.Minute}

func TestTheEdgeOfAWindowLetsNobodyDoubleTheLimit(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 59, 900e6, time.UTC) // a fixed window would begin anew in 100 ms
	window := rate.NewMemoryWindow(func() time.Time { return now })
	if n := allowed(window, 100, hundred); n != 100 {
		t.Fatalf("%d of the first 100 calls were let in", n)
	}
	now = now.Add(300 * time.Millisecond)
	if n := allowed(window, 100, hundred); n != 0 {
		t.Fatalf("%d more calls were let in over the edge of a minute", n)
	}
	now = now.Add(time.Minute - 301*time.Millisecond)
	if n := allowed(window, 1, hundred); n != 0 {
		t.Fatal("a call was let in a millisecond too early")
	}
	now = now.Add(time.Millisecond)
	if n := allowed(window, 200, hundred); n != 100 {
		t.Fatalf("%d of 200 calls were let in after a whole minute", n)
	}
}

func TestNoSpanOfTheWindowEverHoldsMoreThanTheLimit(t *testing.T) {
	limit := rate.Limit{Name: "few", Calls: 4, Per: time.Second}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		window := rate.NewMemoryWindow(func() time.Time { return now })
		taken := map[string][]time.Time{}
		for _, wait := range rapid.SliceOfN(rapid.IntRange(0, 600), 1, 60).Draw(t, "waits in ms") {
			now = now.Add(time.Duration(wait) * time.Millisecond)
			who := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "who")
			recent := slices.DeleteFunc(slices.Clone(taken[who]), func(call time.Time) bool { return now.Sub(call) >= limit.Per })
			want := rate.Standing{Allowed: len(recent) < limit.Calls}
			if want.Allowed {
				taken[who] = append(taken[who], now)
				recent = append(recent, now)
			}
			want.Left, want.Reset = limit.Calls-len(recent), limit.Per-now.Sub(recent[0])
			if got := window.Take(context.Background(), who, limit); got != want {
				t.Fatalf("%s stands at %+v, want %+v", who, got, want)
			}
		}
	})
}

func TestTeamsDoNotUseUpEachOthersCalls(t *testing.T) {
	window := rate.NewMemoryWindow(nil)
	allowed(window, 100, hundred)
	if standing := window.Take(t.Context(), "another", hundred); !standing.Allowed || standing.Left != 99 {
		t.Fatalf("another team stands at %+v", standing)
	}
}

// short is a limit whose window a test can wait for, long enough for a busy machine.
var short = rate.Limit{Name: "short", Calls: 20, Per: 2 * time.Second}

func TestProcessesShareTheWindowInRedis(t *testing.T) {
	redis := redistest.Start(t)
	const processes = 4
	var together sync.WaitGroup
	var mu sync.Mutex
	var taken []time.Time
	end := time.Now().Add(3 * short.Per)
	for range processes {
		window := shared(t, redis, rate.Watch{Fallback: func() { t.Error("a call was not counted in Redis") }})
		together.Go(func() {
			for time.Now().Before(end) {
				before := time.Now()
				if !window.Take(t.Context(), "tm", short).Allowed {
					time.Sleep(10 * time.Millisecond)
					continue
				}
				mu.Lock()
				taken = append(taken, before)
				mu.Unlock()
			}
		})
	}
	together.Wait()
	if most := fullest(taken, short.Per-slip); most > short.Calls {
		t.Errorf("%d calls of %d processes lie in one window", most, processes)
	}
	if len(taken) < 3*short.Calls {
		t.Errorf("only %d calls were let in during three windows", len(taken))
	}
}

// slip is by how much our clock and that of the Redis may differ about one call: the
// way there, on a machine that does other things.
const slip = 150 * time.Millisecond

// fullest is the most calls that lie in one span.
func fullest(calls []time.Time, span time.Duration) int {
	slices.SortFunc(calls, time.Time.Compare)
	most, first := 0, 0
	for last, call := range calls {
		for call.Sub(calls[first]) >= span {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestWhoWaitsUntilTheResetIsLetIn(t *testing.T) {
	window := shared(t, redistest.Start(t), rate.Watch{})
	allowed(window, short.Calls, short)
	standing := window.Take(t.Context(), "tm", short)
	if standing.Allowed || standing.Left != 0 || standing.Reset <= 0 || standing.Reset > short.Per {
		t.Fatalf("the full window stands at %+v", standing)
	}
	time.Sleep(standing.Reset)
	if again := window.Take(t.Context(), "tm", short); !again.Allowed {
		t.Fatalf("whoever waited for %s stands at %+v", standing.Reset, again)
	}
}

func shared(t *testing.T, redis *redistest.Server, w rate.Watch) *rate.Shared {
	t.Helper()
	client, err := rate.Connect(redis.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return rate.NewShared(rate.NewRedisWindow(client, "calls/"), w)
}

func TestWithoutRedisEachProcessCountsByItselfAndRemembersWhatItLetIn(t *testing.T) {
	redis := redistest.Start(t)
	fallbacks := 0
	window := shared(t, redis, rate.Watch{Fallback: func() { fallbacks++ }})
	other := shared(t, redis, rate.Watch{})
	if n := allowed(window, 30, hundred) + allowed(other, 60, hundred); n != 90 || fallbacks != 0 {
		t.Fatalf("%d of 90 calls were let in, %d without Redis", n, fallbacks)
	}
	redis.Kill()
	if n := allowed(window, 200, hundred); n != 70 || fallbacks == 0 {
		t.Fatalf("%d calls were let in without Redis after 30 with it, and %d fallbacks counted; want 70", n, fallbacks)
	}
	redis.Begin()
	time.Sleep(1100 * time.Millisecond) // the rest of a fuse
	if n := allowed(window, 200, hundred); n != 0 {
		t.Fatalf("the Redis has forgotten, and the process let %d calls more in", n)
	}
	before := fallbacks
	if standing := window.Take(t.Context(), "another", hundred); !standing.Allowed || fallbacks != before {
		t.Fatalf("the Redis is back and was not asked: %+v", standing)
	}
}

func TestADeadRedisCostsOneCallItsPatienceAndNotAll(t *testing.T) {
	client, err := rate.Connect("redis://192.0.2.1:6379/0") // nobody answers there (RFC 5737)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	window := rate.NewShared(rate.NewRedisWindow(client, "calls/"), rate.Watch{})
	began := time.Now()
	if n := allowed(window, 1000, hundred); n != 100 {
		t.Errorf("%d calls were let in", n)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a thousand calls took %s", took)
	}
}

func TestWhoGoesAwayIsNoFaultOfTheRedis(t *testing.T) {
	window := shared(t, redistest.Start(t), rate.Watch{Fallback: func() { t.Error("the Redis was taken for dead") }})
	gone, leave := context.WithCancel(t.Context())
	leave()
	if !window.Take(gone, "tm", short).Allowed {
		t.Error("the call was refused")
	}
}

// allowed counts how many of so many calls are let in.
func allowed(window rate.Window, calls int, limit rate.Limit) (in int) {
	for range calls {
		if window.Take(context.Background(), "tm", limit).Allowed {
			in++
		}
	}
	return in
}
