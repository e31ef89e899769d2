package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chancery/postgres"
	"chancery/team"
)

// Event is what subscribers were told.
type Event struct {
	ID       string    `json:"id" doc:"The webhook-id of its deliveries."`
	Type     string    `json:"type" example:"recipient.signed"`
	Sequence int64     `json:"sequence" doc:"Counts the events of one envelope from 1 without gaps."`
	Team     string    `json:"team"`
	Envelope string    `json:"envelope"`
	At       time.Time `json:"at"`
	Payload  Payload   `json:"payload" doc:"The body of its deliveries."`
}

// Payload is an event's body as it was frozen when it happened.
type Payload json.RawMessage

// MarshalJSON hands the bytes on.
func (p Payload) MarshalJSON() ([]byte, error) { return p, nil }

// Schema names the members that every payload has.
func (Payload) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type:        huma.TypeObject,
		Description: "type, timestamp, and data with id, sequence, envelope and, where it is about one, recipient.",
		Properties: map[string]*huma.Schema{
			"type":      {Type: huma.TypeString},
			"timestamp": {Type: huma.TypeString, Format: "date-time"},
			"data":      {Type: huma.TypeObject, AdditionalProperties: true},
		},
		Required:             []string{"type", "timestamp", "data"},
		AdditionalProperties: true,
	}
}

type feedInput struct {
	Oversight
	After string `query:"after" maxLength:"500" doc:"next of the call before; without it the feed begins with the first event."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

// Feed is a part of a team's events, oldest first.
type Feed struct {
	Events []Event `json:"events" nullable:"false"`
	Next   string  `json:"next,omitempty" doc:"Ask again after this one. It stays the same while nothing new has happened."`
}

type feedReply struct{ Body Feed }

func (a *api) eventRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/events", ID: "list-events", Tag: "Events", Verb: team.ReadEnvelopes,
		Summary: "Read the team's events, oldest first",
		Doc:     "For those who would rather ask than be told: no event is ever skipped or told twice."}, a.feed)
}

func (a *api) feed(ctx context.Context, in *feedInput) (*feedReply, error) {
	of, err := in.scope(ctx)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Records.Events(ctx, of.teams, of.owner, in.After, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	if next == "" {
		next = in.After
	}
	return &feedReply{Feed{Events: each(found, eventShown), Next: next}}, nil
}

func eventShown(e postgres.StoredEvent) Event {
	return Event{
		ID: e.ID, Type: string(e.Type), Sequence: e.Sequence, Team: e.TeamID, Envelope: e.EnvelopeID,
		At: utc(e.At), Payload: Payload(e.Payload),
	}
}
