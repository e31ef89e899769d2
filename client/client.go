// Package client speaks to Chancery's API from Go: upload, create, send, watch, and
// take the results home.
//
//	hub := client.New("https://sign.example.com", os.Getenv("CHANCERY_KEY"))
//	doc, err := hub.Upload(ctx, "lease.pdf", file)
//	env, err := hub.Create(ctx, client.NewEnvelope{Title: "Lease", Documents: []string{doc.ID}, Send: true, …})
//
// It needs nothing but the standard library. Every call takes a context, makes one
// Idempotency-Key where it creates or sends and keeps it through its retries, waits
// as Retry-After says, and returns a refusal as *Problem. Replies may gain members;
// those that are not known here are passed over.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// DefaultTries of a call: the first one and three more.
	DefaultTries = 4
	// DefaultWait before the second try; it doubles with each.
	DefaultWait = 500 * time.Millisecond
	// MaxWait is how long Retry-After may ask a call to wait. What lasts longer is the
	// caller's business: the problem comes back at once.
	MaxWait = 2 * time.Minute
	// DefaultTimeout of one try: the hub itself gives up on a request after as long.
	DefaultTimeout = 2 * time.Minute
	// MaxReply is the largest reply in bytes: a sealed document with its proofs is far smaller.
	MaxReply = 256 << 20
)

// Client speaks for one API key. New makes it; the members may be changed before the
// first call. It may be used by several goroutines.
type Client struct {
	Address string // of the hub, such as https://sign.example.com
	Key     string // ck_test_… or ck_live_…
	HTTP    *http.Client
	Tries   int
	Wait    time.Duration
}

// New returns a client of the hub at this address.
func New(address, key string) *Client {
	return &Client{Address: strings.TrimRight(address, "/"), Key: key, HTTP: &http.Client{Timeout: DefaultTimeout}, Tries: DefaultTries, Wait: DefaultWait}
}

// call is one request, however often it is tried.
type call struct {
	method string
	path   string
	kind   string // of the body
	body   []byte
	once   string // the Idempotency-Key
}

// sends is a call with a JSON body, or none when it is nil.
func sends(method, path string, body any) (call, error) {
	c := call{method: method, path: path}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return call{}, fmt.Errorf("write request %s %s: %w", method, path, err)
		}
		c.kind, c.body = "application/json", text
	}
	return c, nil
}

type onceKey struct{}

// WithIdempotencyKey lets the next call under this context have a key of the caller's
// own, such as the number of an order: the call is then one even when the program ends
// between two tries. Use it for one call; another one under the same key is refused.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, onceKey{}, key)
}

func idempotencyKey(ctx context.Context) string {
	if key, ok := ctx.Value(onceKey{}).(string); ok {
		return key
	}
	return rand.Text()
}

// ask makes a call and reads its JSON reply.
func ask[Reply any](ctx context.Context, c *Client, method, path string, body any) (Reply, error) {
	var reply Reply
	wanted, err := sends(method, path, body)
	if err != nil {
		return reply, err
	}
	return read[Reply](ctx, c, wanted)
}

func read[Reply any](ctx context.Context, c *Client, wanted call) (Reply, error) {
	var reply Reply
	text, err := c.do(ctx, wanted)
	if err != nil || len(text) == 0 {
		return reply, err
	}
	if err := json.Unmarshal(text, &reply); err != nil {
		return reply, fmt.Errorf("read reply to %s %s: %w", wanted.method, wanted.path, err)
	}
	return reply, nil
}

// do tries a call until there is an answer that another try would not change.
func (c *Client) do(ctx context.Context, wanted call) ([]byte, error) {
	if wanted.method == http.MethodPost {
		wanted.once = idempotencyKey(ctx)
	}
	wait := c.Wait
	for try := 1; ; try++ {
		reply, err := c.try(ctx, wanted)
		pause, again := worthAnotherTry(err, wait)
		if !again || try >= c.Tries || ctx.Err() != nil {
			return reply, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("wait to ask %s %s again: %w", wanted.method, wanted.path, ctx.Err())
		}
		wait *= 2
	}
}

func (c *Client) try(ctx context.Context, wanted call) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, wanted.method, c.Address+wanted.path, bytes.NewReader(wanted.body))
	if err != nil {
		return nil, fmt.Errorf("address %s %s: %w", wanted.method, wanted.path, err)
	}
	request.Header.Set("Authorization", "Bearer "+c.Key)
	request.Header.Set("User-Agent", "chancery-go/1")
	if wanted.kind != "" {
		request.Header.Set("Content-Type", wanted.kind)
	}
	if wanted.once != "" {
		request.Header.Set("Idempotency-Key", wanted.once)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return nil, &unreachable{wanted, err}
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(response.Body, MaxReply+1))
	if err != nil {
		return nil, &unreachable{wanted, err}
	}
	if len(reply) > MaxReply {
		return nil, fmt.Errorf("read reply to %s %s: it is longer than %d bytes", wanted.method, wanted.path, MaxReply)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, problemOf(response, reply)
	}
	return reply, nil
}

// query writes what is asked beside the path, without what is empty.
func query(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// under is a path with ids in it, whatever they hold.
func under(path string, ids ...string) string {
	escaped := make([]any, len(ids))
	for i, id := range ids {
		escaped[i] = url.PathEscape(id)
	}
	return fmt.Sprintf(path, escaped...)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
