package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"chancery/demo"
)

// A worker that dies at any step of an envelope, before the step or between the
// step and hearing of it, leaves an envelope that ends as if nothing had been.
func TestAWorkerMayDieAtEveryStep(t *testing.T) { dieAtEveryStep(t, onlyTheWorker) }

// The same when the API dies with it.
func TestTheWholeHubMayDieAtEveryStep(t *testing.T) { dieAtEveryStep(t, everything) }

// lanes is how many envelopes are under fire side by side. A crash is mostly waiting: for the
// engine to notice it (10 s), and for a claimed Idempotency-Key (a minute) where the
// API has died too.
func (v victims) lanes() int {
	if v == everything {
		return 14
	}
	return 8
}

// moment is a step at which to die.
type moment struct {
	step int
	side side
}

func dieAtEveryStep(t *testing.T, which victims) {
	key := home.team(t, "production", "Under fire")
	all := make([]*lane, which.lanes())
	var opening sync.WaitGroup
	for i := range all {
		all[i] = newLane(t, fmt.Sprintf("%s-%d", which, i), key, which)
		opening.Go(func() { all[i].open(t) })
	}
	opening.Wait()
	if t.Failed() {
		t.FailNow()
	}
	direct := newCaller("http://"+all[0].apiAddress, key)
	heard := subscribe(t, direct)
	document := uploadAgreement(t, direct)
	stories := &finished{}
	steps := all[0].countSteps(t, document, stories, heard)
	t.Logf("an undisturbed envelope has %d steps", steps)

	moments := make(chan moment)
	var firing sync.WaitGroup
	for _, l := range all {
		firing.Go(func() {
			for m := range moments {
				l.dieAt(t, m, document, stories)
			}
		})
	}
	for step := 1; step <= steps; step++ {
		moments <- moment{step, before}
		moments <- moment{step, after}
	}
	close(moments)
	firing.Wait()
	if most := 2 * steps; stories.deaths < most*9/10 {
		t.Errorf("only %d of %d deaths took place", stories.deaths, most)
	}
	t.Logf("%d deaths", stories.deaths)
	stories.stand(all[0])
	findings(t, stories.all, heard)
	t.Log(home.command(t, "audit", "verify"))
}

func uploadAgreement(t testing.TB, c *caller) string {
	t.Helper()
	file, err := demo.Agreement()
	if err != nil {
		t.Fatal(err)
	}
	document, err := c.upload("agreement.pdf", file)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// finished collects the stories of all lanes.
type finished struct {
	mu     sync.Mutex
	all    []*story
	deaths int
}

func (f *finished) add(s *story, died bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, s)
	if died {
		f.deaths++
	}
}

// stand lets one lane's API answer for all: they share the records.
func (f *finished) stand(l *lane) {
	for _, s := range f.all {
		s.api = newCaller("http://"+l.apiAddress, s.api.key)
	}
}

// countSteps plays one envelope to its last letter and webhook.
func (l *lane) countSteps(t *testing.T, document string, stories *finished, heard *subscriber) int {
	t.Helper()
	s := l.story("undisturbed", document)
	l.gate.arm(nil)
	if err := s.play(); err != nil {
		t.Fatal(err)
	}
	eventually(t, startPatience, "everything is told", func() error {
		if events, _, _ := heard.tally(); events < len(eventsOfTheStory) {
			return fmt.Errorf("%d events were delivered", events)
		}
		return allWritten([]*story{s})
	})
	stories.add(s, false)
	return l.settled()
}

// settled waits until no more requests come, and returns how many there were.
func (l *lane) settled() int {
	last := l.gate.counted()
	for quiet := 0; quiet < 10; quiet++ {
		time.Sleep(100 * time.Millisecond)
		if now := l.gate.counted(); now != last {
			last, quiet = now, 0
		}
	}
	return last
}

// lastSteps is how long the last steps of an envelope may come after its end: what is
// told of it is written down.
const lastSteps = 5 * time.Second

func (l *lane) dieAt(t *testing.T, m moment, document string, stories *finished) {
	s := l.story(fmt.Sprintf("%s-%s-%d", l.name, m.side, m.step), document)
	deadly := &fuse{at: m.step, side: m.side, kill: func() { l.kill(t) }, blown: make(chan struct{})}
	l.gate.arm(deadly)
	if err := s.play(); err != nil {
		t.Errorf("the hub died %s step %d: %v", m.side, m.step, err)
		return
	}
	died := true
	select {
	case <-deadly.blown:
	case <-time.After(lastSteps):
		died = false
		l.gate.arm(nil)
	}
	l.standing.Wait()
	stories.add(s, died)
}
