package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// subscriber is a program that hears of events. Signatures are judged by the
// standard's own library.
type subscriber struct {
	id     string
	server *http.Server
	judge  *standardwebhooks.Webhook

	mu    sync.Mutex
	heard []heard
}

// heard is one line of webhooks.jsonl: enough to check the signature again.
type heard struct {
	ID        string          `json:"webhook-id"`
	Timestamp string          `json:"webhook-timestamp"`
	Signature string          `json:"webhook-signature"`
	Valid     bool            `json:"valid"`
	Type      string          `json:"type"`
	Body      json.RawMessage `json:"body"`
}

func subscribe(ctx context.Context, api *caller) (*subscriber, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	var made struct{ ID, Secret string }
	url := "http://" + listener.Addr().String() + "/hooks"
	if err := api.call(ctx, http.MethodPost, "/v1/webhook-endpoints", map[string]any{"url": url}, &made); err != nil {
		return nil, fmt.Errorf("register %s for webhooks: %w", url, err)
	}
	judge, err := standardwebhooks.NewWebhook(made.Secret)
	if err != nil {
		return nil, fmt.Errorf("read the endpoint's secret: %w", err)
	}
	s := &subscriber{id: made.ID, judge: judge}
	s.server = &http.Server{Handler: http.HandlerFunc(s.hear), ReadTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // ends with close
	return s, nil
}

func (s *subscriber) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	line := heard{
		ID:        r.Header.Get("webhook-id"),
		Timestamp: r.Header.Get("webhook-timestamp"),
		Signature: r.Header.Get("webhook-signature"),
		Valid:     s.judge.Verify(body, r.Header) == nil,
		Body:      body,
	}
	var event struct{ Type string }
	if json.Unmarshal(body, &event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	line.Type = event.Type
	s.mu.Lock()
	s.heard = append(s.heard, line)
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (s *subscriber) lines() []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// close ends the subscription too: nobody will listen at this address again.
func (s *subscriber) close(ctx context.Context, api *caller) error {
	err := api.call(ctx, http.MethodDelete, "/v1/webhook-endpoints/"+s.id, nil, nil)
	_ = s.server.Close()
	return err
}

// hear waits until the subscriber has been told that the envelope is complete.
func (r *run) hear(ctx context.Context) error {
	return r.until(ctx, "the webhook of completion", func(context.Context) (bool, error) {
		for _, line := range r.hooks.lines() {
			if !line.Valid {
				return false, fmt.Errorf("webhook %s has a signature that does not hold", line.ID)
			}
			if line.Type == "document.downloadable" && bytes.Contains(line.Body, []byte(r.summary.Envelope)) {
				return true, nil
			}
		}
		return false, nil
	})
}
