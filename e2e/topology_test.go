package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/demo"
)

// topology is the hub as docker-compose.yml lays it out: two API and two worker
// processes against one engine, a Redis that counts calls, and a balancer in front.
type topology struct {
	front   *balancer
	apis    [2]string // addresses
	serving [2]*process
	working [2]*process
	key     string
}

func TestTwoAPIsAndTwoWorkersAreOneHub(t *testing.T) {
	need(t, "redis-server", "pdfsig", "qpdf")
	hub := openTopology(t)
	out := t.TempDir()
	t.Run("the demo passes through both APIs", func(t *testing.T) {
		hub.demo(t, filepath.Join(out, "calm"), nil)
		if hub.front.passed[0].Load() == 0 || hub.front.passed[1].Load() == 0 {
			t.Errorf("the balancer sent %d and %d calls", hub.front.passed[0].Load(), hub.front.passed[1].Load())
		}
	})
	t.Run("a hundred calls in a minute over both together", hub.limit)
	t.Run("every letter holds for another implementation of DKIM", func(t *testing.T) {
		judgeLetters(t, filepath.Join(out, "calm", "mails"))
	})
	t.Run("poppler and qpdf agree with the documents", func(t *testing.T) {
		judgePDF(t, filepath.Join(out, "calm", "signed.pdf"), 6)
		judgePDF(t, filepath.Join(out, "calm", "audit-trail.pdf"), 2) // certified and sealed
	})
	t.Run("an API and a worker may leave between two signatures", func(t *testing.T) {
		hub.demo(t, filepath.Join(out, "leaving"), func() {
			if code := hub.serving[0].stop(); code != 0 {
				t.Errorf("the API that was asked to leave exits with %d", code)
			}
			if code := hub.working[0].stop(); code != 0 {
				t.Errorf("the worker that was asked to leave exits with %d", code)
			}
		})
		hub.demo(t, filepath.Join(out, "alone"), nil)
	})
}

func openTopology(t *testing.T) *topology {
	t.Helper()
	const namespace = "topology"
	must(t, register(namespace))
	hub := &topology{apis: [2]string{freeAddress(t), freeAddress(t)}}
	hub.front = openBalancer(t, hub.apis)
	settings := []string{
		"CHANCERY_NAMESPACE=" + namespace, "CHANCERY_PUBLIC_URL=" + hub.front.server.URL,
		"CHANCERY_REDIS_URL=redis://" + startRedis(t) + "/0", "CHANCERY_TRUSTED_PROXIES=127.0.0.1",
	}
	for i, address := range hub.apis {
		var err error
		hub.serving[i], err = home.serve(address, settings...)
		must(t, err)
		hub.serving[i].attend(t, fmt.Sprintf("API %d", i+1))
		hub.working[i], err = home.work(freeAddress(t), settings...)
		must(t, err)
		hub.working[i].attend(t, fmt.Sprintf("worker %d", i+1))
	}
	hub.key = home.team(t, "sandbox", "Topology", demo.Preset()...)
	return hub
}

// demo plays `chancery demo` against the balancer. When Zoë has signed, between happens.
func (hub *topology) demo(t *testing.T, out string, between func()) {
	t.Helper()
	cmd := exec.Command(built.chancery, "demo", "--hub", hub.front.server.URL, "--key", hub.key,
		"--outbox", ground.Outbox, "--out", out)
	cmd.Env = home.settings()
	read, write, err := os.Pipe()
	must(t, err)
	cmd.Stdout = write
	p, err := launch(cmd)
	write.Close()
	must(t, err)
	var said []string
	for lines := bufio.NewScanner(read); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "zoe signs") && between != nil {
			between()
		}
	}
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("the demo exits with %d: %s %s", code, strings.Join(said, "\n"), p.said)
	}
	p.audit(t, "chancery demo")
}

// limit makes a hundred calls as a new team, by turns at both APIs.
func (hub *topology) limit(t *testing.T) {
	key := home.team(t, "sandbox", "Counted")
	began := time.Now()
	for i := range 100 {
		got, err := newCaller("http://"+hub.apis[i%2], key).call(http.MethodGet, "/v1/team", "", nil)
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("call %d answered %d %s, %v", i+1, got.status, got.body, err)
		}
	}
	for i, address := range hub.apis {
		got, err := newCaller("http://"+address, key).call(http.MethodGet, "/v1/team", "", nil)
		must(t, err)
		if took := time.Since(began); took > time.Minute {
			t.Fatalf("a hundred calls took %s; this machine is too busy to reach the limit", took)
		}
		if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
			t.Errorf("the first call too many at API %d answered %d with Retry-After %q", i+1, got.status, got.header.Get("Retry-After"))
		}
	}
}

func startRedis(t *testing.T) string {
	t.Helper()
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	redis, err := launch(cmd)
	must(t, err)
	redis.attend(t, "redis-server")
	eventually(t, startPatience, "Redis answers", func() error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			err = conn.Close()
		}
		return err
	})
	return address
}
