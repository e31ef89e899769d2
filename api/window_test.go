package api_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"

	"chancery/api"
)

var hundred = api.Limit{Name: "sandbox", Calls: 100, Per: time.Minute}

func TestTheEdgeOfAWindowLetsNobodyDoubleTheLimit(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 59, 900e6, time.UTC) // a fixed window would begin anew in 100 ms
	window := api.NewMemoryWindow(func() time.Time { return now })
	if n := allowed(t, window, 100, hundred); n != 100 {
		t.Fatalf("%d of the first 100 calls were let in", n)
	}
	now = now.Add(300 * time.Millisecond)
	if n := allowed(t, window, 100, hundred); n != 0 {
		t.Fatalf("%d more calls were let in over the edge of a minute", n)
	}
	now = now.Add(time.Minute - 301*time.Millisecond)
	if n := allowed(t, window, 1, hundred); n != 0 {
		t.Fatal("a call was let in a millisecond too early")
	}
	now = now.Add(time.Millisecond)
	if n := allowed(t, window, 200, hundred); n != 100 {
		t.Fatalf("%d of 200 calls were let in after a whole minute", n)
	}
}

func TestNoSpanOfTheWindowEverHoldsMoreThanTheLimit(t *testing.T) {
	limit := api.Limit{Name: "few", Calls: 4, Per: time.Second}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		window := api.NewMemoryWindow(func() time.Time { return now })
		var taken []time.Time
		for _, wait := range rapid.SliceOfN(rapid.IntRange(0, 600), 1, 60).Draw(t, "waits in ms") {
			now = now.Add(time.Duration(wait) * time.Millisecond)
			recent := 0
			for _, call := range taken {
				if now.Sub(call) < limit.Per {
					recent++
				}
			}
			standing, _ := window.Take(context.Background(), "tm", limit)
			if standing.Allowed != (recent < limit.Calls) {
				t.Fatalf("after %d calls in the span, allowed is %t", recent, standing.Allowed)
			}
			if standing.Allowed {
				taken = append(taken, now)
			}
		}
	})
}

func TestTeamsDoNotUseUpEachOthersCalls(t *testing.T) {
	window := api.NewMemoryWindow(nil)
	allowed(t, window, 100, hundred)
	if standing, _ := window.Take(context.Background(), "another", hundred); !standing.Allowed || standing.Left != 99 {
		t.Fatalf("another team stands at %+v", standing)
	}
}

func TestProcessesShareTheWindowInRedis(t *testing.T) {
	address := startRedis(t)
	limit := api.Limit{Name: "short", Calls: 20, Per: 400 * time.Millisecond}
	var first, second *api.RedisWindow
	for _, process := range []**api.RedisWindow{&first, &second} {
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: address})
		t.Cleanup(func() { client.Close() })
		*process = api.NewRedisWindow(client, "calls:")
	}
	began := time.Now()
	var together sync.WaitGroup
	var counts [2]int
	for i, process := range []*api.RedisWindow{first, second} {
		together.Go(func() { counts[i] = allowed(t, process, 20, limit) })
	}
	together.Wait()
	if time.Since(began) >= limit.Per {
		t.Skip("this machine is too busy to look at a window of 400 ms")
	}
	if counts[0]+counts[1] != 20 {
		t.Fatalf("two processes let %d + %d of 40 calls in, want 20 together", counts[0], counts[1])
	}
	standing, err := first.Take(context.Background(), "tm", limit)
	must(t, err)
	if standing.Allowed || standing.Left != 0 || standing.Reset <= 0 || standing.Reset > limit.Per {
		t.Fatalf("the full window stands at %+v", standing)
	}
	time.Sleep(standing.Reset + time.Millisecond)
	if standing, err = second.Take(context.Background(), "tm", limit); err != nil || !standing.Allowed {
		t.Fatalf("whoever waited for Reset stands at %+v, %v", standing, err)
	}
}

// allowed counts how many of so many calls are let in.
func allowed(t testing.TB, window api.Window, calls int, limit api.Limit) (in int) {
	t.Helper()
	for range calls {
		standing, err := window.Take(context.Background(), "tm", limit)
		if err != nil {
			t.Error(err)
		}
		if standing.Allowed {
			in++
		}
	}
	return in
}

// startRedis runs a server on a socket of the test's own.
func startRedis(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed; on Debian: apt install redis-server")
	}
	socket := filepath.Join(t.TempDir(), "redis")
	server := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(socket))
	must(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 200 {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return socket
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal(fmt.Errorf("redis did not start on %s", socket))
	return ""
}
