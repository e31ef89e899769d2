package rate_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery/rate"
	"chancery/rate/redistest"
)

// visit is one time that somebody asks for a turn.
type visit struct {
	at   time.Time
	name string
}

// crowd lets everybody ask, and ask again when they are told to, a little late; it
// answers when each had their turn, and how often anybody asked.
func crowd(now *time.Time, queue rate.Queue, limit rate.Limit, visits []visit, late func() time.Duration) (turns []visit, asked int) {
	for len(visits) > 0 { // sorted by time
		next := visits[0]
		visits = visits[1:]
		if next.at.After(*now) {
			*now = next.at
		}
		asked++
		if wait := queue.Turn(context.Background(), "tm", next.name, limit); wait > 0 {
			again := visit{now.Add(wait + late()), next.name}
			i, _ := slices.BinarySearchFunc(visits, again, func(a, b visit) int { return a.at.Compare(b.at) })
			visits = slices.Insert(visits, i, again)
			continue
		}
		turns = append(turns, visit{*now, next.name})
	}
	return turns, asked
}

func times(turns []visit) (all []time.Time) {
	for _, turn := range turns {
		all = append(all, turn.at)
	}
	return all
}

func TestFiveThousandWaitTheirTurnInOrderAndAskSeldom(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	began := now
	queue := rate.NewMemoryQueue(func() time.Time { return now })
	var visits []visit
	for i := range 5000 {
		visits = append(visits, visit{now.Add(time.Duration(i) * time.Millisecond), fmt.Sprintf("%04d", i)})
	}
	n := 0
	late := func() time.Duration { n++; return time.Duration(n%40) * time.Millisecond }
	turns, asked := crowd(&now, queue, hundred, visits, late)
	if most := fullest(times(turns), hundred.Per); most != hundred.Calls {
		t.Errorf("the fullest minute had %d calls", most)
	}
	if took := now.Sub(began); took < 49*time.Minute || took > 51*time.Minute {
		t.Errorf("5,000 calls took %s", took)
	}
	if asked > 4*len(turns) {
		t.Errorf("they asked %d times", asked)
	}
	for i, turn := range turns {
		place, err := strconv.Atoi(turn.name)
		if err != nil || place < i-hundred.Calls || place > i+hundred.Calls {
			t.Fatalf("number %s had turn %d", turn.name, i)
		}
	}
}

func TestNoSpanHoldsMoreTurnsThanTheLimitAndEverybodyHasOne(t *testing.T) {
	limit := rate.Limit{Name: "few", Calls: 3, Per: time.Second}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		queue := rate.NewMemoryQueue(func() time.Time { return now })
		var visits []visit
		at := now
		for i, wait := range rapid.SliceOfN(rapid.IntRange(0, 900), 1, 40).Draw(t, "waits in ms") {
			at = at.Add(time.Duration(wait) * time.Millisecond)
			visits = append(visits, visit{at, fmt.Sprint(i)})
		}
		last := at
		late := func() time.Duration {
			return time.Duration(rapid.IntRange(0, 1500).Draw(t, "late in ms")) * time.Millisecond
		}
		turns, _ := crowd(&now, queue, limit, slices.Clone(visits), late)
		if len(turns) != len(visits) {
			t.Fatalf("%d of %d had a turn", len(turns), len(visits))
		}
		if most := fullest(times(turns), limit.Per); most > limit.Calls {
			t.Fatalf("%d turns lie in one span", most)
		}
		if now.Sub(last) > time.Duration(len(visits))*3*limit.Per {
			t.Fatalf("the last turn was %s after the last came", now.Sub(last))
		}
	})
}

func TestWhoDoesNotComeBackHoldsNobodyUpForLong(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	queue := rate.NewMemoryQueue(func() time.Time { return now })
	one := rate.Limit{Name: "one", Calls: 1, Per: time.Second}
	for _, name := range []string{"first", "lost", "last"} {
		queue.Turn(t.Context(), "tm", name, one)
	}
	now = now.Add(2 * time.Second)
	wait := queue.Turn(t.Context(), "tm", "last", one)
	now = now.Add(wait + one.Per)
	if wait := queue.Turn(t.Context(), "tm", "last", one); wait != 0 {
		t.Errorf("the last still waits for %s", wait)
	}
}

func TestSeveralWorkersShareTheQueueInRedis(t *testing.T) {
	redis := redistest.Start(t)
	const workers, each = 3, 20
	limit := rate.Limit{Name: "short", Calls: 10, Per: time.Second}
	var together sync.WaitGroup
	var mu sync.Mutex
	var taken []time.Time
	for worker := range workers {
		client, err := rate.Connect(redis.Address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		queue := rate.NewSharedQueue(rate.NewRedisQueue(client, "hooks/"), rate.Watch{Fallback: func() { t.Error("a turn was not counted in Redis") }})
		for i := range each {
			together.Go(func() {
				name := fmt.Sprintf("%d-%d", worker, i)
				for {
					before := time.Now()
					wait := queue.Turn(t.Context(), "tm", name, limit)
					if wait == 0 {
						mu.Lock()
						taken = append(taken, before)
						mu.Unlock()
						return
					}
					time.Sleep(wait)
				}
			})
		}
	}
	began := time.Now()
	together.Wait()
	if most := fullest(taken, limit.Per-slip); len(taken) != workers*each || most > limit.Calls {
		t.Errorf("%d had a turn, %d in one span", len(taken), most)
	}
	if took := time.Since(began); took > 12*time.Second {
		t.Errorf("it took %s, and the limit asks for 5", took)
	}
}

func TestWithoutRedisTheQueueGoesOn(t *testing.T) {
	redis := redistest.Start(t)
	client, err := rate.Connect(redis.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fallbacks := 0
	queue := rate.NewSharedQueue(rate.NewRedisQueue(client, "hooks/"), rate.Watch{Fallback: func() { fallbacks++ }})
	one := rate.Limit{Name: "one", Calls: 1, Per: time.Minute}
	if queue.Turn(t.Context(), "tm", "first", one) != 0 || queue.Turn(t.Context(), "tm", "second", one) == 0 || fallbacks != 0 {
		t.Fatal("the Redis does not count turns")
	}
	redis.Kill()
	if wait := queue.Turn(t.Context(), "tm", "second", one); wait != 0 || fallbacks != 1 {
		t.Errorf("without Redis there is a wait of %s, and %d fallbacks", wait, fallbacks)
	}
}
