package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Endpoint is where events go.
type Endpoint struct {
	ID             string    `json:"id"`
	URL            string    `json:"url"`
	Types          []string  `json:"types"` // empty: all events
	Tags           []string  `json:"tags"`  // of envelopes with one of these; empty: of all
	Children       bool      `json:"children"`
	Secret         string    `json:"secret"` // whsec_…; only when it was just made
	CreatedAt      time.Time `json:"created_at"`
	FailingSince   time.Time `json:"failing_since"`
	DisabledAt     time.Time `json:"disabled_at"`
	DisabledReason string    `json:"disabled_reason"` // gone, failing, owner
}

// NewEndpoint says where events go, and which.
type NewEndpoint struct {
	URL      string   `json:"url"`
	Types    []string `json:"types,omitempty"`    // all unless said
	Tags     []string `json:"tags,omitempty"`     // of envelopes with one of these; of all unless said
	Children bool     `json:"children,omitempty"` // those of the teams below, too
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID       string          `json:"id"`
	Event    string          `json:"event"` // the webhook-id
	Type     string          `json:"type"`
	Envelope string          `json:"envelope"`
	Status   string          `json:"status"` // pending, delivered, failed
	NextAt   time.Time       `json:"next_at"`
	Attempts []Attempt       `json:"attempts"`
	Request  DeliveryRequest `json:"request"` // only of a single one
}

// Attempt is one try of a delivery.
type Attempt struct {
	At      time.Time `json:"at"`
	TookMS  int64     `json:"took_ms"`
	Status  int       `json:"status"` // 0: there was no reply
	Error   string    `json:"error"`
	Excerpt string    `json:"excerpt"`
}

// DeliveryRequest is what each attempt posts.
type DeliveryRequest struct {
	URL       string          `json:"url"`
	WebhookID string          `json:"webhook_id"`
	Body      json.RawMessage `json:"body"`
}

// Trial is what came of trying an endpoint.
type Trial struct {
	Event     string `json:"event"`
	Delivered bool   `json:"delivered"`
	TookMS    int64  `json:"took_ms"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Excerpt   string `json:"excerpt"`
}

// Replay chooses what is sent again: either events, or all since a moment.
type Replay struct {
	Events []string  `json:"events,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	Missed bool      `json:"missed,omitempty"` // of the span only what never arrived
}

// AddEndpoint lets an address be told of events from now on. Its Secret is shown this once.
func (c *Client) AddEndpoint(ctx context.Context, e NewEndpoint) (Endpoint, error) {
	return ask[Endpoint](ctx, c, http.MethodPost, "/v1/webhook-endpoints", e)
}

// Endpoints are all of the team's.
func (c *Client) Endpoints(ctx context.Context) ([]Endpoint, error) {
	all, err := ask[struct {
		Endpoints []Endpoint `json:"endpoints"`
	}](ctx, c, http.MethodGet, "/v1/webhook-endpoints", nil)
	return all.Endpoints, err
}

// RemoveEndpoint ends an endpoint, with the log of its deliveries.
func (c *Client) RemoveEndpoint(ctx context.Context, endpoint string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: under("/v1/webhook-endpoints/%s", endpoint)})
	return err
}

// RotateSecret returns the endpoint with a new Secret. The old one signs beside it for 24 hours.
func (c *Client) RotateSecret(ctx context.Context, endpoint string) (Endpoint, error) {
	return ask[Endpoint](ctx, c, http.MethodPost, under("/v1/webhook-endpoints/%s/rotate-secret", endpoint), nil)
}

// EnableEndpoint uses a disabled endpoint again. Replay with Missed sends what it missed.
func (c *Client) EnableEndpoint(ctx context.Context, endpoint string) (Endpoint, error) {
	return ask[Endpoint](ctx, c, http.MethodPost, under("/v1/webhook-endpoints/%s/enable", endpoint), nil)
}

// TestEndpoint posts an event of the type webhook.test now and tells what came of it.
func (c *Client) TestEndpoint(ctx context.Context, endpoint string) (Trial, error) {
	return ask[Trial](ctx, c, http.MethodPost, under("/v1/webhook-endpoints/%s/test", endpoint), nil)
}

// Deliveries goes through what went to an endpoint, newest first.
func (c *Client) Deliveries(ctx context.Context, endpoint string) iter.Seq2[Delivery, error] {
	return pages(func(cursor string) ([]Delivery, string, error) {
		page, err := ask[struct {
			Deliveries []Delivery `json:"deliveries"`
			Next       string     `json:"next"`
		}](ctx, c, http.MethodGet, query(under("/v1/webhook-endpoints/%s/deliveries", endpoint), "cursor", cursor), nil)
		return page.Deliveries, page.Next, err
	})
}

// Delivery is one of them, with what is sent.
func (c *Client) Delivery(ctx context.Context, endpoint, delivery string) (Delivery, error) {
	return ask[Delivery](ctx, c, http.MethodGet, under("/v1/webhook-endpoints/%s/deliveries/%s", endpoint, delivery), nil)
}

// Replay sends events again and returns the ids of the deliveries that are on their way.
func (c *Client) Replay(ctx context.Context, endpoint string, which Replay) ([]string, error) {
	replayed, err := ask[struct {
		Deliveries []string `json:"deliveries"`
	}](ctx, c, http.MethodPost, under("/v1/webhook-endpoints/%s/replay", endpoint), which)
	return replayed.Deliveries, err
}
