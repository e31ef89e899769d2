package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chancery/demo"
)

// cuts is how often the power fails.
const cuts = 10

// The hub, the engine and PostgreSQL die together, ten times, at any moment of an
// envelope; those who sign and send go on asking all the while.
func TestThePowerMayFailAtAnyMoment(t *testing.T) {
	t.Parallel() // it mostly waits
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	house := moveIn(t)
	api := newCaller("http://"+house.listen, house.key(t))
	heard := subscribe(t, api)
	document := uploadAgreement(t, api)
	// The hub's first team may write to those of the demo alone.
	theirs := [2]player{{demo.Zoe.Name, demo.Zoe.Email}, {demo.Khai.Name, demo.Khai.Email}}
	tell := func(name string) *story {
		return &story{name: name, api: api, letters: openOutbox("http://127.0.0.1:" + house.pages), document: document, signers: theirs}
	}
	calm := tell("calm")
	began := time.Now()
	must(t, calm.play())
	usual := time.Since(began)

	stories := &finished{}
	stories.add(calm, false)
	var telling sync.WaitGroup
	for i := range cuts {
		s := tell(fmt.Sprintf("cut-%d", i+1))
		telling.Go(func() {
			if err := s.play(); err != nil {
				t.Error(err)
				return
			}
			stories.add(s, true)
		})
		time.Sleep(time.Duration(dice.Int64N(int64(usual + usual/2))))
		house.cut()
		house.start(t)
	}
	telling.Wait()
	findings(t, stories.all, heard)
	t.Log(house.verifyChains(t))
}

// house is `standalone run` on a folder that outlives it.
type house struct {
	folder, listen      string
	engine, mail, pages string // ports
	process             *process
}

func moveIn(t *testing.T) *house {
	t.Helper()
	h := &house{folder: filepath.Join(openFolder(t), "data"), listen: freeAddress(t)}
	for _, port := range []*string{&h.engine, &h.mail, &h.pages} {
		_, *port, _ = net.SplitHostPort(freeAddress(t))
	}
	h.start(t)
	t.Cleanup(func() {
		h.process.stop()
		h.process.audit(t, "standalone run")
	})
	return h
}

func (h *house) start(t *testing.T) {
	t.Helper()
	cmd := exec.Command(built.standalone, "run", "--data", h.folder, "--listen", h.listen,
		"--temporal-port", h.engine, "--smtp-port", h.mail, "--http-port", h.pages)
	cmd.Env = environment()
	var err error
	h.process, err = launch(cmd)
	must(t, err)
	if err := h.process.answers("http://" + h.listen + "/readyz"); err != nil {
		t.Fatalf("start the hub: %v: %s", err, h.process.said)
	}
}

var shownOnce = regexp.MustCompile(`API key is shown this once: (\S+)`)

// key is the one that the first start shows.
func (h *house) key(t *testing.T) string {
	t.Helper()
	found := shownOnce.FindStringSubmatch(h.process.said.String())
	if found == nil {
		t.Fatalf("the first start shows no API key: %s", h.process.said)
	}
	return found[1]
}

// cut ends the hub and its PostgreSQL at once.
func (h *house) cut() {
	servers := h.servers()
	_ = h.process.cmd.Process.Kill() // it cannot have ended
	for _, pid := range servers {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended with its parent
	}
	<-h.process.ended
}

// servers are the PostgreSQL processes that live in the folder.
func (h *house) servers() (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == filepath.Join(h.folder, "postgres") {
			if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// verifyChains lets `chancery audit verify` read the database of the running house.
func (h *house) verifyChains(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(h.folder, "keys", "postgres.json"))
	must(t, err)
	var passwords struct{ Chancery string }
	must(t, json.Unmarshal(content, &passwords))
	database := url.URL{Scheme: "postgres", User: url.UserPassword("chancery", passwords.Chancery), Host: "localhost", Path: "/chancery",
		RawQuery: url.Values{"host": {filepath.Join(h.folder, "run")}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}
	home := household{ground: &foundation{DatabaseURL: database.String()}, folder: h.folder}
	return home.command(t, "audit", "verify")
}
