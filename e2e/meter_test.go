package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/pades/paper"
)

const (
	metered   = 1000            // envelopes
	sending   = 16              // that are on their way at the same time
	killEvery = 4 * time.Second // one of the processes, at random
)

// fleet is two API and two worker processes behind a balancer. Any of them may be
// killed; another takes its place.
type fleet struct {
	front    *balancer
	settings []string
	apis     [2]string // addresses

	mu     sync.Mutex
	crew   [4]*process // the APIs, then the workers
	buried []*process
}

func openFleet(t *testing.T, namespace string, more ...string) *fleet {
	t.Helper()
	must(t, register(namespace))
	f := &fleet{apis: [2]string{freeAddress(t), freeAddress(t)}}
	f.front = openBalancer(t, f.apis)
	f.settings = append([]string{"CHANCERY_NAMESPACE=" + namespace, "CHANCERY_PUBLIC_URL=" + f.front.server.URL, "CHANCERY_TRUSTED_PROXIES=127.0.0.1"}, more...)
	t.Cleanup(func() { f.close(t) })
	for i := range f.crew {
		must(t, f.man(t, i))
	}
	return f
}

// man puts a new process into a place.
func (f *fleet) man(t *testing.T, i int) error {
	var p *process
	var err error
	if i < len(f.apis) {
		p, err = home.serve(f.apis[i], f.settings...)
	} else {
		p, err = home.work(freeAddress(t), f.settings...)
	}
	if err == nil {
		f.mu.Lock()
		f.crew[i] = p
		f.mu.Unlock()
	}
	return err
}

// kill ends one process as a power cut would, and puts another in its place.
func (f *fleet) kill(t *testing.T, i int) error {
	f.mu.Lock()
	victim := f.crew[i]
	f.buried = append(f.buried, victim)
	f.mu.Unlock()
	victim.kill()
	return f.man(t, i)
}

func (f *fleet) close(t *testing.T) {
	for _, p := range f.buried {
		p.race(t, "one that was killed")
	}
	for i, p := range f.crew {
		if p != nil {
			p.stop()
			p.audit(t, fmt.Sprintf("process %d", i))
		}
	}
}

// harass kills at random until it is told to stop, and returns how many died.
func (f *fleet) harass(t *testing.T, stop <-chan struct{}) (died [2]int) {
	for {
		select {
		case <-stop:
			return died
		case <-time.After(killEvery/2 + rand.N(killEvery)):
		}
		i := rand.N(len(f.crew))
		if err := f.kill(t, i); err != nil {
			t.Errorf("put another in the place of process %d: %v", i, err)
			return died
		}
		died[i/len(f.apis)]++
	}
}

// Whatever dies while a thousand envelopes are sent, and however often their senders
// have to ask again: each is counted, and counted once.
func TestAThousandEnvelopesAreCountedOnceEachThoughAnythingMayDie(t *testing.T) {
	f := openFleet(t, "meter", "CHANCERY_LEVEL=B-B")
	made := teamLines.FindStringSubmatch(home.command(t, "team", "create", "--kind", "production", "--name", "Metered",
		"--sender-name", senderName, "--sender-email", senderEmail))
	if made == nil {
		t.Fatal("chancery team create does not print a team and a key")
	}
	api := newCaller(f.front.server.URL, made[2])
	document, err := api.upload("note.pdf", paper.New("A note", time.Now()).Bytes())
	must(t, err)
	began := time.Now()
	stop, fallen := make(chan struct{}), make(chan [2]int, 1)
	go func() { fallen <- f.harass(t, stop) }()
	tries := sendMany(t, api, document)
	close(stop)
	died := <-fallen
	took := time.Since(began)
	t.Logf("%d envelopes were sent in %s with %d tries, while %d APIs and %d workers died", metered, took.Round(time.Second), tries, died[0], died[1])
	if died[0] < 3 || died[1] < 3 {
		t.Errorf("only %d APIs and %d workers died", died[0], died[1])
	}
	judgeMeter(t, made[1])
}

// sendMany sends all envelopes, each under a key of its own, and answers how many
// calls that took. Who must wait for another try makes room for others.
func sendMany(t *testing.T, api *caller, document string) (tries int) {
	t.Helper()
	under := make(chan struct{}, sending)
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range metered {
		all.Go(func() {
			name := fmt.Sprintf("metered-%d", i)
			for end := time.Now().Add(2 * insistence); ; {
				under <- struct{}{}
				got, err := api.call(http.MethodPost, "/v1/envelopes", name, note(name, document))
				<-under
				mu.Lock()
				tries++
				mu.Unlock()
				if err == nil && got.status == http.StatusCreated {
					return
				}
				if err == nil && !worthAnotherTry(got) || time.Now().After(end) {
					t.Errorf("%s: %v %v", name, err, got.err())
					return
				}
				time.Sleep(pause(got))
			}
		})
	}
	all.Wait()
	return tries
}

func note(name, document string) map[string]any {
	return map[string]any{
		"title": name, "documents": []string{document}, "send": true,
		"recipients": []map[string]any{{"ref": "reader", "name": ann.name, "email": ann.email}},
		"fields":     []map[string]any{{"recipient": "reader", "page": 1, "kind": "signature", "x": 60, "y": 600, "width": 180, "height": 40}},
	}
}

// judgeMeter compares the envelopes in the records with what was counted.
func judgeMeter(t *testing.T, team string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	records, err := pgx.Connect(ctx, ground.DatabaseOwnerURL)
	must(t, err)
	defer records.Close(ctx)
	for what, want := range map[string]struct {
		statement string
		count     int
	}{
		"envelopes":                             {`select count(*) from envelopes where team_id = $1`, metered},
		"envelopes that are sent":               {`select count(*) from envelopes where team_id = $1 and status = 'sent'`, metered},
		"rows of usage":                         {`select count(*) from usage where team_id = $1 and documents = 1 and not test`, metered},
		"sent envelopes that are not counted":   {`select count(*) from envelopes e where team_id = $1 and status <> 'draft' and not exists (select from usage u where u.envelope_id = e.id)`, 0},
		"counted envelopes that are not sent":   {`select count(*) from usage u where team_id = $1 and not exists (select from envelopes e where e.id = u.envelope_id and e.sent_at is not null)`, 0},
		"changes by which envelopes were sent":  {`select count(*) from changes where team_id = $1 and id = 'send'`, metered},
		"documents that the months do not have": {`select (select coalesce(sum(u.documents), 0) from usage u where u.organisation_id = t.organisation_id and not u.test) - (select sum(m.documents) from usage_months m where m.organisation_id = t.organisation_id) from teams t where t.id = $1`, 0},
	} {
		var got int
		if err := records.QueryRow(ctx, want.statement, team).Scan(&got); err != nil || got != want.count {
			t.Errorf("%s: %d, want %d: %v", what, got, want.count, err)
		}
	}
}
