package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"
	"time"
)

// Document is an uploaded PDF.
type Document struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Pages  []Size `json:"pages"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hexadecimal
}

// Size of a page in points.
type Size struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// NewEnvelope is an envelope to be: a draft, or sent at once.
type NewEnvelope struct {
	Title        string     `json:"title"`
	Message      string     `json:"message,omitempty"`
	Tags         []string   `json:"tags,omitempty"` // to find and sort by; recipients do not see them
	Documents    []string   `json:"documents"`
	Recipients   []NewParty `json:"recipients"`
	Quorums      []Quorum   `json:"quorums,omitempty"`
	Fields       []NewField `json:"fields,omitempty"`
	Reminders    *Reminders `json:"reminders,omitempty"`
	ExpiresAfter string     `json:"expires_after,omitempty"` // such as 720h
	Send         bool       `json:"send,omitempty"`
}

// NewParty is a recipient to be. Ref is a name for the fields of the same request.
type NewParty struct {
	Ref   string `json:"ref,omitempty"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role,omitempty"` // signer unless said; approver, viewer, cc
	Step  int    `json:"step,omitempty"` // 1 unless said; equal steps act at the same time
	Zone  string `json:"zone,omitempty"` // such as Europe/Paris
}

// NewField is a place to fill, in points from the top left corner of the page.
type NewField struct {
	Recipient string  `json:"recipient"` // the ref
	Document  string  `json:"document,omitempty"`
	Page      int     `json:"page"`
	Kind      string  `json:"kind"` // signature, initials, text, date, checkbox
	X         float64 `json:"x"`
	Y         float64 `json:"y"`
	Width     float64 `json:"width"`
	Height    float64 `json:"height"`
	Label     string  `json:"label,omitempty"`
	Value     string  `json:"value,omitempty"`
	Optional  bool    `json:"optional,omitempty"`
}

// Quorum lets a step go on when that many of its recipients have acted.
type Quorum struct {
	Step int `json:"step"`
	Need int `json:"need"`
}

// Reminders say when recipients who do not answer are written to again.
type Reminders struct {
	FirstAfter   string `json:"first_after"` // such as 72h
	Every        string `json:"every,omitempty"`
	AtMost       int    `json:"at_most,omitempty"`
	BusinessDays bool   `json:"business_days,omitempty"`
}

// Envelope is documents on their way to being signed.
type Envelope struct {
	ID         string      `json:"id"`
	Team       string      `json:"team"`
	Status     string      `json:"status"` // draft, sent, completed, declined, voided, expired
	Test       bool        `json:"test"`
	Title      string      `json:"title"`
	Tags       []string    `json:"tags"`
	Reason     string      `json:"reason"` // why it was declined or voided
	Documents  []Document  `json:"documents"`
	Recipients []Recipient `json:"recipients"`
	CreatedAt  time.Time   `json:"created_at"`
	SentAt     time.Time   `json:"sent_at"`
	ExpiresAt  time.Time   `json:"expires_at"`
	EndedAt    time.Time   `json:"ended_at"`
	Outlook    Outlook     `json:"outlook"`
}

// Recipient is a person in an envelope.
type Recipient struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Role    string    `json:"role"`
	Step    int       `json:"step"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason"`
	ActedAt time.Time `json:"acted_at"`
}

// Outlook answers why an envelope waits, and for whom.
type Outlook struct {
	Why     string   `json:"why"`
	Waiting []string `json:"waiting"`
}

// Upload brings a PDF, which may then be used in several envelopes.
func (c *Client) Upload(ctx context.Context, name string, file io.Reader) (Document, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.Copy(part, file)
	}
	if err != nil {
		return Document{}, fmt.Errorf("read document %s: %w", name, err)
	}
	if err := form.Close(); err != nil {
		return Document{}, fmt.Errorf("write form of document %s: %w", name, err)
	}
	return read[Document](ctx, c, call{method: http.MethodPost, path: "/v1/documents", kind: form.FormDataContentType(), body: body.Bytes()})
}

// Create makes an envelope. With Send it is on its way at once, or not made at all.
func (c *Client) Create(ctx context.Context, e NewEnvelope) (Envelope, error) {
	return ask[Envelope](ctx, c, http.MethodPost, "/v1/envelopes", e)
}

// Get looks at an envelope.
func (c *Client) Get(ctx context.Context, envelope string) (Envelope, error) {
	return ask[Envelope](ctx, c, http.MethodGet, under("/v1/envelopes/%s", envelope), nil)
}

// Send brings a draft on its way.
func (c *Client) Send(ctx context.Context, envelope string) (Envelope, error) {
	return ask[Envelope](ctx, c, http.MethodPost, under("/v1/envelopes/%s/send", envelope), nil)
}

// Void ends an envelope. Everybody who was written to is told the reason.
func (c *Client) Void(ctx context.Context, envelope, reason string) (Envelope, error) {
	return ask[Envelope](ctx, c, http.MethodPost, under("/v1/envelopes/%s/void", envelope), map[string]string{"reason": reason})
}

// Filter chooses envelopes. The zero value is all of the key's team.
type Filter struct {
	Status   string
	Tag      string
	Team     string // one of the teams below
	Children bool   // those of the teams below, too
	PerPage  int    // 20 unless said, at most 100
}

// List goes through envelopes, newest first, and asks for a page when it is needed.
// After an error there is nothing more.
func (c *Client) List(ctx context.Context, f Filter) iter.Seq2[Envelope, error] {
	children := ""
	if f.Children {
		children = "true"
	}
	return pages(func(cursor string) ([]Envelope, string, error) {
		page, err := ask[struct {
			Envelopes []Envelope `json:"envelopes"`
			Next      string     `json:"next"`
		}](ctx, c, http.MethodGet, query("/v1/envelopes", "status", f.Status, "tag", f.Tag, "team", f.Team, "children", children, "limit", number(f.PerPage), "cursor", cursor), nil)
		return page.Envelopes, page.Next, err
	})
}

// Final is the sealed document of a completed envelope.
func (c *Client) Final(ctx context.Context, envelope, document string) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: under("/v1/envelopes/%s/documents/%s/final", envelope, document)})
}

// Trail is the audit trail as a sealed PDF.
func (c *Client) Trail(ctx context.Context, envelope string) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: under("/v1/envelopes/%s/audit-trail.pdf", envelope)})
}

// pages makes one list of many pages.
func pages[T any](page func(cursor string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for cursor := ""; ; {
			found, next, err := page(cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range found {
				if !yield(one, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			cursor = next
		}
	}
}
