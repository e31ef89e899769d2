package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Journey is a record of a connected system on its way to being an envelope and back.
type Journey struct {
	ID         string    `json:"id"`
	Connection string    `json:"connection"`
	Mapping    string    `json:"mapping"`
	RecordType string    `json:"record_type"`
	Record     string    `json:"record"`
	Status     string    `json:"status"` // begun, passed, sent, finished, attention
	Envelope   string    `json:"envelope"`
	Words      string    `json:"words"` // what needs attention
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`
}

// Press begins a journey with a record of the mapping's connection, whether or not it
// meets the condition.
func (c *Client) Press(ctx context.Context, mapping, record string) (Journey, error) {
	return ask[Journey](ctx, c, http.MethodPost, "/v1/journeys", map[string]string{"mapping": mapping, "record": record})
}

// Bring begins a journey with the record itself; nothing is read or written back.
func (c *Client) Bring(ctx context.Context, mapping string, record map[string]any) (Journey, error) {
	return ask[Journey](ctx, c, http.MethodPost, "/v1/journeys", map[string]any{"mapping": mapping, "data": record})
}

// Journey tells where one stands.
func (c *Client) Journey(ctx context.Context, journey string) (Journey, error) {
	return ask[Journey](ctx, c, http.MethodGet, under("/v1/journeys/%s", journey), nil)
}

// Journeys goes through them, newest first; an empty status is all.
func (c *Client) Journeys(ctx context.Context, status string) iter.Seq2[Journey, error] {
	return pages(func(cursor string) ([]Journey, string, error) {
		page, err := ask[struct {
			Journeys []Journey `json:"journeys"`
			Next     string    `json:"next"`
		}](ctx, c, http.MethodGet, query("/v1/journeys", "status", status, "after", cursor), nil)
		return page.Journeys, page.Next, err
	})
}

// RetryJourney goes on with one that needed attention. Decide says whose values count
// where somebody else has changed the record meanwhile: ours, theirs, or "" when nobody has.
func (c *Client) RetryJourney(ctx context.Context, journey, decide string) (Journey, error) {
	body := map[string]string{}
	if decide != "" {
		body["decide"] = decide
	}
	return ask[Journey](ctx, c, http.MethodPost, under("/v1/journeys/%s/retry", journey), body)
}
