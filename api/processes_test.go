package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery/api"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/rate"
	"chancery/rate/redistest"
	"chancery/team"
)

// The promise is a hundred calls in any 60 seconds, asked for ten times a second for
// ten minutes. Here all times are a tenth: a window of six seconds, a hundred calls a
// second, for one minute. The code is the same, and so is the clock, which is Redis' own.
var tenth = rate.Limit{Name: "production", Calls: 100, Per: 6 * time.Second}

const (
	processes  = 3
	callsEvery = 10 * time.Millisecond
	rush       = time.Minute
)

// TestMain is also a process of its own that answers the API, when it is told to be.
func TestMain(m *testing.M) {
	if told := os.Getenv("CHANCERY_API_PROCESS"); told != "" {
		fmt.Fprintln(os.Stderr, beProcess(told))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// station is what a process needs to know.
type station struct{ Database, Redis string }

func beProcess(told string) error {
	var at station
	if err := json.Unmarshal([]byte(told), &at); err != nil {
		return err
	}
	store, err := postgres.Open(context.Background(), postgres.Config{URL: at.Database, Sealer: postgrestest.Sealer{}})
	if err != nil {
		return err
	}
	client, err := rate.Connect(at.Redis)
	if err != nil {
		return err
	}
	var alone atomic.Int64
	window := rate.NewShared(rate.NewRedisWindow(client, "calls/"), rate.Watch{Fallback: func() { alone.Add(1) }})
	answer, err := api.New(api.Config{Records: store, Desk: &desk{store: store}, Papers: shelf{}, Links: links{}, Integration: integrated(store), Window: window, Production: tenth})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", answer)
	mux.HandleFunc("/alone", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, alone.Load()) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test lets go of us
		os.Exit(0)
	}()
	return http.Serve(listener, mux)
}

// start runs a process and returns its address.
func (s station) start(t *testing.T) string {
	t.Helper()
	told, err := json.Marshal(s)
	must(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHANCERY_API_PROCESS="+string(told))
	cmd.Stderr = os.Stderr
	leash, err := cmd.StdinPipe()
	must(t, err)
	said, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { leash.Close(); _ = cmd.Wait() })
	address, err := bufio.NewReader(said).ReadString('\n')
	must(t, err)
	return strings.TrimSpace(address)
}

// hasty is one call: when it was sent and answered, and what the answer said.
type hasty struct {
	process     int
	sent, heard time.Time
	allowed     bool
	left, reset int // of RateLimit
	after       int // Retry-After
	policy      string
}

var standsAt = regexp.MustCompile(`^"production";r=(\d+);t=(\d+)$`)

func makeCall(client *http.Client, process int, address, key string) (hasty, error) {
	r, err := http.NewRequest("GET", "http://"+address+"/v1/team", nil)
	if err != nil {
		return hasty{}, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	call := hasty{process: process, sent: time.Now()}
	reply, err := client.Do(r)
	if err != nil {
		return call, err
	}
	call.heard = time.Now()
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return call, err
	}
	call.allowed, call.policy = reply.StatusCode == http.StatusOK, reply.Header.Get("RateLimit-Policy")
	said := standsAt.FindStringSubmatch(reply.Header.Get("RateLimit"))
	if said == nil || !call.allowed && reply.StatusCode != http.StatusTooManyRequests {
		return call, fmt.Errorf("answered %d with RateLimit %q", reply.StatusCode, reply.Header.Get("RateLimit"))
	}
	call.left, _ = strconv.Atoi(said[1])
	call.reset, _ = strconv.Atoi(said[2])
	call.after, _ = strconv.Atoi(reply.Header.Get("Retry-After"))
	return call, nil
}

// hurry calls all processes by turns, and lets half happen in between.
func hurry(t *testing.T, addresses []string, key string, half func()) []hasty {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	defer client.CloseIdleConnections()
	var calls []hasty
	var mu sync.Mutex
	var under sync.WaitGroup
	ticker := time.NewTicker(callsEvery)
	defer ticker.Stop()
	between := time.AfterFunc(rush/2, half)
	defer between.Stop()
	for i, end := 0, time.Now().Add(rush); time.Now().Before(end); i++ {
		<-ticker.C
		under.Go(func() {
			call, err := makeCall(client, i%processes, addresses[i%processes], key)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, call)
		})
	}
	under.Wait()
	slices.SortFunc(calls, func(a, b hasty) int { return a.sent.Compare(b.sent) })
	return calls
}

// those keeps some of the calls.
func those(calls []hasty, which func(hasty) bool) []hasty {
	return slices.DeleteFunc(slices.Clone(calls), func(c hasty) bool { return !which(c) })
}

// mostInAWindow is the most calls of which it is certain that one window holds them:
// each was counted between its sending and its answer.
func mostInAWindow(calls []hasty) int {
	most := 0
	for _, first := range calls {
		most = max(most, len(those(calls, func(c hasty) bool {
			return !c.sent.Before(first.sent) && c.heard.Before(first.sent.Add(tenth.Per))
		})))
	}
	return most
}

// holdToTheHeaders compares what each answer said with what became of all calls that
// were counted together with it.
func holdToTheHeaders(t *testing.T, calls, together []hasty) {
	t.Helper()
	in := those(together, func(c hasty) bool { return c.allowed })
	lies := 0
	lie := func(format string, args ...any) {
		if lies++; lies <= 5 {
			t.Errorf(format, args...)
		}
	}
	for _, c := range calls {
		if c.policy != `"production";q=100;w=6` {
			lie("RateLimit-Policy is %s", c.policy)
		}
		if c.allowed {
			certain, possible := 0, 0
			for _, other := range in {
				if other.sent.After(c.heard.Add(-tenth.Per)) && !other.heard.After(c.sent) {
					certain++
				}
				if other.heard.After(c.sent.Add(-tenth.Per)) && !other.sent.After(c.heard) {
					possible++
				}
			}
			if used := tenth.Calls - c.left; used < certain || used > possible {
				lie("it says that %d are used, when it is %d to %d", used, certain, possible)
			}
			continue
		}
		if c.left != 0 || c.after < 1 || c.after != c.reset || c.after > 6 {
			lie("a refusal says r=%d, t=%d, Retry-After %d", c.left, c.reset, c.after)
		}
		// Others hurry too: whoever comes when they were told finds a call that was free.
		free := c.heard.Add(time.Duration(c.after) * time.Second)
		if free.After(calls[len(calls)-1].sent) {
			continue
		}
		if len(those(in, func(o hasty) bool { return o.heard.After(c.sent) && !o.sent.After(free.Add(50*callsEvery)) })) == 0 {
			lie("nobody was let in between a refusal and the end of its Retry-After of %d s", c.after)
		}
	}
	if lies > 5 {
		t.Errorf("%d headers are not true", lies)
	}
}

func openStations(t *testing.T) (addresses []string, key string, redis *redistest.Server) {
	t.Helper()
	database := postgrestest.New(t)
	redis = redistest.Start(t)
	for range processes {
		addresses = append(addresses, station{database.URL, redis.Address}.start(t))
	}
	return addresses, (&scene{t: t, store: database.Open(t)}).team(team.Production), redis
}

// alone is how many calls a process has counted by itself.
func alone(t *testing.T, address string) int {
	t.Helper()
	reply, err := http.Get("http://" + address + "/alone")
	must(t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	must(t, err)
	n, err := strconv.Atoi(string(text))
	must(t, err)
	return n
}

func TestThreeProcessesLetInAHundredCallsInAnyWindow(t *testing.T) {
	t.Parallel()
	addresses, key, _ := openStations(t)
	calls := hurry(t, addresses, key, func() {})
	in := those(calls, func(c hasty) bool { return c.allowed })
	most := mostInAWindow(in)
	t.Logf("%d of %d calls were let in by %d processes, %d in the fullest window of %s", len(in), len(calls), processes, most, tenth.Per)
	if windows := int(rush / tenth.Per); most > tenth.Calls || len(in) < tenth.Calls*(windows-1) {
		t.Errorf("%d calls were let in, %d in one window", len(in), most)
	}
	for _, address := range addresses {
		if n := alone(t, address); n != 0 {
			t.Errorf("%d calls were counted without Redis", n)
		}
	}
	holdToTheHeaders(t, calls, calls)
	holdToRetryAfter(t, addresses, key)
}

// holdToRetryAfter comes again when it was told to, when nobody else is there.
func holdToRetryAfter(t *testing.T, addresses []string, key string) {
	t.Helper()
	for i := range 2 * tenth.Calls {
		call, err := makeCall(http.DefaultClient, i%processes, addresses[i%processes], key)
		must(t, err)
		if call.allowed {
			continue
		}
		time.Sleep(time.Until(call.heard.Add(time.Duration(call.after) * time.Second)))
		if again, err := makeCall(http.DefaultClient, 0, addresses[(i+1)%processes], key); err != nil || !again.allowed {
			t.Errorf("whoever came after %d s was refused: %v", call.after, err)
		}
		return
	}
	t.Error("nobody was refused")
}

func TestWithoutRedisNoProcessLetsInMoreThanAHundredCallsInAnyWindow(t *testing.T) {
	t.Parallel()
	addresses, key, redis := openStations(t)
	var killed time.Time
	calls := hurry(t, addresses, key, func() { killed = time.Now(); redis.Kill() })
	in := those(calls, func(c hasty) bool { return c.allowed })
	before := func(c hasty) bool { return c.heard.Before(killed) }
	if most := mostInAWindow(those(in, before)); most > tenth.Calls {
		t.Errorf("%d calls were let in within one window before Redis died", most)
	}
	holdToTheHeaders(t, those(calls, before), calls)
	for process, address := range addresses {
		own := those(calls, func(c hasty) bool { return c.process == process })
		most := mostInAWindow(those(own, func(c hasty) bool { return c.allowed }))
		if most > tenth.Calls {
			t.Errorf("process %d let in %d calls within one window", process, most)
		}
		if alone(t, address) == 0 {
			t.Errorf("process %d has not counted its calls without Redis", process)
		}
		holdToTheHeaders(t, those(own, func(c hasty) bool { return c.sent.After(killed.Add(tenth.Per)) }), own)
		t.Logf("process %d let in %d calls, %d in its fullest window", process, len(those(own, func(c hasty) bool { return c.allowed })), most)
	}
	if all := those(in, func(c hasty) bool { return c.sent.After(killed.Add(tenth.Per)) }); len(all) < 2*tenth.Calls {
		t.Errorf("only %d calls were let in without Redis", len(all))
	}
}
