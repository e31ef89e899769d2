// Package bench measures how many envelopes a hub carries from the API call that
// creates one to the webhook that says it is complete, and what the bare engine
// does for the same number of workflow tasks and activities on the same machine.
package bench

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
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"chancery/demo"
)

// Options of a run.
type Options struct {
	Hub      string
	Key      string // of a production team without a tight limit of calls
	Letters  *Sink  // where the hub's letters go
	Clients  int
	Duration time.Duration
}

// Result of a run.
type Result struct {
	Envelopes  int
	Took       time.Duration
	CreateSend []time.Duration
	Sign       []time.Duration
	CPU        time.Duration // of the hub, the engine, PostgreSQL and the load generator
}

// Rate is envelopes a second.
func (r Result) Rate() float64 { return float64(r.Envelopes) / r.Took.Seconds() }

// CPUEach is processor time per envelope.
func (r Result) CPUEach() time.Duration {
	return r.CPU / time.Duration(max(r.Envelopes, 1))
}

// load is the clients and the subscriber they wait for.
type load struct {
	Options
	client   *http.Client
	document string
	page     int

	mu      sync.Mutex
	waiting map[string]chan struct{} // by envelope id
	sending []time.Duration
	signing []time.Duration
	done    atomic.Int64
}

// Run lets the clients work for the given time. Envelopes under way at the end
// are finished and count.
func Run(ctx context.Context, o Options) (Result, error) {
	l := &load{Options: o, waiting: map[string]chan struct{}{}, client: &http.Client{
		Timeout:   time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2 * o.Clients},
	}}
	stop, err := l.subscribe(ctx)
	if err != nil {
		return Result{}, err
	}
	defer stop()
	if err := l.upload(ctx); err != nil {
		return Result{}, err
	}
	before, err := processorTime()
	if err != nil {
		return Result{}, err
	}
	started := time.Now()
	var clients errgroup.Group
	for range o.Clients {
		clients.Go(func() error {
			for time.Since(started) < o.Duration {
				if err := l.envelope(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := clients.Wait(); err != nil {
		return Result{}, err
	}
	after, err := processorTime()
	return Result{
		Envelopes: int(l.done.Load()), Took: time.Since(started),
		CreateSend: l.sending, Sign: l.signing, CPU: after - before,
	}, err
}

// envelope goes from the call that creates it to the webhook of its completion.
func (l *load) envelope(ctx context.Context) error {
	started := time.Now()
	var made struct {
		ID         string
		Recipients []struct{ ID string }
		Fields     []struct{ ID, Recipient string }
	}
	if err := l.call(ctx, http.MethodPost, "/v1/envelopes", l.content(), &made); err != nil {
		return err
	}
	l.note(&l.sending, time.Since(started))
	completed := l.expect(made.ID)
	for _, r := range made.Recipients {
		if err := l.sign(ctx, made.ID, r.ID); err != nil {
			return err
		}
	}
	select {
	case <-completed:
		l.done.Add(1)
		return nil
	case <-time.After(time.Minute):
		return fmt.Errorf("envelope %s: no webhook of completion within a minute", made.ID)
	}
}

func (l *load) content() map[string]any {
	field := func(recipient string, x float64) map[string]any {
		return map[string]any{"recipient": recipient, "page": l.page, "kind": "signature", "x": x, "y": 640, "width": 200, "height": 60}
	}
	return map[string]any{
		"title":     "Bench agreement",
		"documents": []string{l.document},
		"recipients": []map[string]any{
			{"ref": "a", "name": demo.Zoe.Name, "email": demo.Zoe.Email, "step": 1},
			{"ref": "b", "name": demo.Khai.Name, "email": demo.Khai.Email, "step": 2},
		},
		"fields": []map[string]any{field("a", 60), field("b", 320)},
		"send":   true,
	}
}

func (l *load) sign(ctx context.Context, envelope, recipient string) error {
	var link string
	select {
	case link = <-l.Letters.Link(recipient):
	case <-time.After(time.Minute):
		return fmt.Errorf("envelope %s: no invitation within a minute", envelope)
	}
	started := time.Now()
	if err := l.send(ctx, http.MethodPost, link+"/acts", demo.Signature(), nil); err != nil {
		return err
	}
	l.note(&l.signing, time.Since(started))
	return nil
}

func (l *load) note(to *[]time.Duration, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*to = append(*to, took)
}

func (l *load) upload(ctx context.Context) error {
	file, err := demo.Agreement()
	if err != nil {
		return err
	}
	doc, pages, err := demo.Upload(ctx, l.Hub, l.Key, file)
	l.document, l.page = doc, pages
	return err
}

// subscribe listens for the webhooks of completion.
func (l *load) subscribe(ctx context.Context) (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(l.hear), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with stop
	var made struct{ ID string }
	err = l.call(ctx, http.MethodPost, "/v1/webhook-endpoints", map[string]any{
		"url": "http://" + listener.Addr().String(), "types": []string{"envelope.completed"},
	}, &made)
	return func() {
		_ = l.call(ctx, http.MethodDelete, "/v1/webhook-endpoints/"+made.ID, nil, nil) // or later events are tried in vain
		_ = server.Close()
	}, err
}

func (l *load) hear(w http.ResponseWriter, r *http.Request) {
	var event struct {
		Data struct{ Envelope struct{ ID string } }
	}
	if json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	if wait, ok := l.waiting[event.Data.Envelope.ID]; ok {
		close(wait)
		delete(l.waiting, event.Data.Envelope.ID)
	}
	l.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (l *load) expect(envelope string) <-chan struct{} {
	wait := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[envelope] = wait
	return wait
}

func (l *load) call(ctx context.Context, method, path string, body, reply any) error {
	return l.send(ctx, method, l.Hub+path, body, reply)
}

func (l *load) send(ctx context.Context, method, address string, body, reply any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+l.Key)
	answer, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %s: %s", method, request.URL.Path, answer.Status, said)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(said, reply)
}

// Share returns the duration that so many of them stay below.
func Share(all []time.Duration, share float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
