package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// subscriber is a program that hears of events and keeps every body it was sent.
type subscriber struct {
	server *httptest.Server
	judge  *standardwebhooks.Webhook
	secret string

	mu     sync.Mutex
	heard  map[string][]byte // the first body, by webhook-id
	times  int
	faults []string
}

// subscribe registers a new subscriber with the caller's team.
func subscribe(t testing.TB, c *caller) *subscriber {
	t.Helper()
	s := &subscriber{heard: map[string][]byte{}}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	var made struct{ Secret string }
	err := c.insist(http.MethodPost, "/v1/webhook-endpoints", "", map[string]any{"url": s.server.URL}, &made)
	if err != nil {
		t.Fatal(err)
	}
	s.secret = made.Secret
	if s.judge, err = standardwebhooks.NewWebhook(made.Secret); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil { // the sender died while it spoke
		return
	}
	id := r.Header.Get("webhook-id")
	verdict := s.judge.Verify(body, r.Header)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times++
	if verdict != nil {
		s.faults = append(s.faults, fmt.Sprintf("webhook %s: %v", id, verdict))
	}
	if first, again := s.heard[id]; !again {
		s.heard[id] = body
	} else if !bytes.Equal(first, body) {
		s.faults = append(s.faults, fmt.Sprintf("webhook %s came with two bodies:\n%s\n%s", id, first, body))
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *subscriber) body(id string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, ok := s.heard[id]
	return body, ok
}

// tally returns how many events came, in how many deliveries, and what was wrong with them.
func (s *subscriber) tally() (events, deliveries int, faults []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heard), s.times, s.faults
}
