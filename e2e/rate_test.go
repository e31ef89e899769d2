package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// queued is how long the last webhooks may take: two spans and a busy machine.
const queued = 4 * time.Minute

// clockwork is an endpoint that remembers when it was called for which event.
type clockwork struct {
	mu    sync.Mutex
	times []time.Time
	heard map[string]bool
}

func (c *clockwork) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times = append(c.times, time.Now())
	c.heard[r.Header.Get("webhook-id")] = true
	w.WriteHeader(http.StatusNoContent)
}

func (c *clockwork) tally() (events int, times []time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.heard), slices.Clone(c.times)
}

// A sandbox's webhooks are called at most a hundred times in any minute by both
// workers together. The others wait, are shown with the time of their turn, and all arrive.
func TestWebhooksOfASandboxWaitTheirTurnAndAllArrive(t *testing.T) {
	t.Parallel() // it mostly waits
	need(t, "redis-server")
	f := openFleet(t, "queued", "CHANCERY_REDIS_URL=redis://"+startRedis(t)+"/0", "CHANCERY_LEVEL=B-B")
	heard := &clockwork{heard: map[string]bool{}}
	server := httptest.NewServer(heard)
	t.Cleanup(server.Close)
	api := newCaller(f.front.server.URL, home.team(t, "sandbox", "Queued", ann.email, bob.email))
	var endpoint struct{ ID string }
	must(t, api.insist(http.MethodPost, "/v1/webhook-endpoints", "", map[string]any{"url": server.URL}, &endpoint))
	document := uploadAgreement(t, api)
	const envelopes = 70 // of two events each: envelope.sent, recipient.released
	for i := range envelopes {
		name := fmt.Sprintf("queued-%d", i)
		must(t, api.insist(http.MethodPost, "/v1/envelopes", name, note(name, document), nil))
	}
	var page struct {
		Deliveries []struct {
			Status   string
			NextAt   time.Time `json:"next_at"`
			Attempts []json.RawMessage
		}
	}
	must(t, api.insist(http.MethodGet, "/v1/webhook-endpoints/"+endpoint.ID+"/deliveries?limit=100", "", nil, &page))
	waiting := 0
	for _, d := range page.Deliveries {
		if d.Status == "failed" {
			t.Error("a delivery has failed")
		}
		if d.Status == "pending" && d.NextAt.After(time.Now()) && len(d.Attempts) == 0 {
			waiting++
		}
	}
	if waiting < 10 {
		t.Errorf("only %d deliveries are shown as waiting", waiting)
	}
	eventually(t, queued, "all webhooks arrive", func() error {
		if n, _ := heard.tally(); n < 2*envelopes {
			return fmt.Errorf("%d of %d have arrived", n, 2*envelopes)
		}
		return nil
	})
	_, times := heard.tally()
	if len(times) != 2*envelopes {
		t.Errorf("%d events came in %d calls", 2*envelopes, len(times))
	}
	for i := 100; i < len(times); i++ {
		if span := times[i].Sub(times[i-100]); span < time.Minute-transit {
			t.Errorf("calls %d to %d came within %s", i-100, i, span)
		}
	}
}

// transit is by how much two calls may come closer together on their way than they were sent.
const transit = 2 * time.Second
