package api

import (
	"context"
	"net/http"
	"time"

	"chancery/connectors"
	"chancery/id"
	"chancery/integration"
	"chancery/problem"
	"chancery/team"
)

// NewJourney begins a journey by hand.
type NewJourney struct {
	Mapping string         `json:"mapping" example:"map_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Record  string         `json:"record,omitempty" maxLength:"200" doc:"The id of a record in the connected system."`
	Data    map[string]any `json:"data,omitempty" doc:"The record itself, from a system that calls us; nothing is read or written back."`
}

// Journey is a record on its way to being an envelope and back.
type Journey struct {
	ID         string             `json:"id" example:"jny_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Connection string             `json:"connection"`
	Mapping    string             `json:"mapping"`
	Version    int                `json:"version" doc:"Of the mapping."`
	RecordType string             `json:"record_type"`
	Record     string             `json:"record"`
	Status     string             `json:"status" enum:"begun,passed,sent,finished,attention" doc:"passed: the record did not meet the condition any more. attention: see words, mend it, retry."`
	Envelope   string             `json:"envelope,omitempty"`
	Words      string             `json:"words,omitempty" doc:"What needs attention; a system's own words where it has some."`
	Due        []JourneyWriteBack `json:"due,omitempty" doc:"What the record is still to learn of."`
	CreatedAt  time.Time          `json:"created_at"`
	ChangedAt  time.Time          `json:"changed_at"`
}

// JourneyWriteBack is an event that a record is to learn of.
type JourneyWriteBack struct {
	Event string    `json:"event"`
	Type  string    `json:"type"`
	At    time.Time `json:"at"`
	Words string    `json:"words,omitempty"`
}

// JourneyPage is a page of journeys.
type JourneyPage struct {
	Journeys []Journey `json:"journeys" nullable:"false"`
	Next     string    `json:"next,omitempty" doc:"Cursor of the next page."`
}

// JourneyPath names a journey.
type JourneyPath struct {
	ID string `path:"id" example:"jny_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

// RetryJourney goes on with one that needed attention.
type RetryJourney struct {
	Decide string `json:"decide,omitempty" enum:"ours,theirs" doc:"Whose values count, where somebody else has changed the record meanwhile."`
}

func (a *api) journeyRoutes() {
	const all, one = "/v1/journeys", "/v1/journeys/{id}"
	serve(a, route{Method: http.MethodPost, Path: all, ID: "begin-journey", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusAccepted,
		Summary: "Make an envelope of a record and send it", Doc: "Whether or not the record meets the mapping's condition. Under one Idempotency-Key it is one journey."}, a.beginJourney)
	serve(a, route{Method: http.MethodGet, Path: all, ID: "list-journeys", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List journeys, the newest first"}, a.listJourneys)
	serve(a, route{Method: http.MethodGet, Path: one, ID: "get-journey", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "See where a journey stands"}, a.getJourney)
	serve(a, route{Method: http.MethodPost, Path: one + "/retry", ID: "retry-journey", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusAccepted,
		Summary: "Go on with a journey that needed attention"}, a.retryJourney)
}

func journeyShown(j connectors.Journey) Journey {
	return Journey{ID: j.ID, Connection: j.Connection, Mapping: j.Mapping, Version: j.Version, RecordType: j.Ref.Type, Record: j.Ref.ID,
		Status: string(j.Status), Envelope: j.Envelope, Words: j.Words, CreatedAt: utc(j.CreatedAt), ChangedAt: utc(j.ChangedAt)}
}

type journeyReply struct{ Body Journey }

type newJourneyInput struct{ Body NewJourney }

func (a *api) beginJourney(ctx context.Context, in *newJourneyInput) (*journeyReply, error) {
	m, err := a.mapping(ctx, in.Body.Mapping)
	if err != nil {
		return nil, problem.Of(err).At("mapping")
	}
	request := newID(ctx, id.Request)
	var begun connectors.Journey
	switch {
	case (in.Body.Record == "") == (in.Body.Data == nil):
		return nil, problem.Invalid("record_or_data", "A journey needs either the id of a record or the record itself.")
	case in.Body.Data != nil:
		begun, err = a.Integration.Bring(ctx, m, in.Body.Data, request)
	default:
		begun, err = a.Integration.Press(ctx, m, in.Body.Record, request)
	}
	return &journeyReply{journeyShown(begun)}, err
}

type journeysInput struct {
	Status string `query:"status" enum:"begun,passed,sent,finished,attention"`
	After  string `query:"after" doc:"Cursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *api) listJourneys(ctx context.Context, in *journeysInput) (*struct{ Body JourneyPage }, error) {
	found, next, err := a.Records.Journeys(ctx, callerOf(ctx).Team.ID, connectors.Status(in.Status), in.After, in.Limit)
	return &struct{ Body JourneyPage }{JourneyPage{each(found, journeyShown), next}}, err
}

var errNoJourney = problem.Missing("journey_missing", "There is no such journey.")

func (a *api) journey(ctx context.Context, wanted string) (connectors.Journey, error) {
	if !id.Is(id.Journey, wanted) {
		return connectors.Journey{}, errNoJourney
	}
	return a.Integration.TeamJourney(ctx, callerOf(ctx).Team.ID, wanted)
}

func (a *api) getJourney(ctx context.Context, in *JourneyPath) (*journeyReply, error) {
	j, err := a.journey(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	shown := journeyShown(j)
	due, err := a.Records.Due(ctx, j.ID, "")
	for _, w := range due {
		shown.Due = append(shown.Due, JourneyWriteBack{w.Event, string(w.Type), utc(w.At), w.Words})
	}
	return &journeyReply{shown}, err
}

type retryInput struct {
	JourneyPath
	Body RetryJourney
}

func (a *api) retryJourney(ctx context.Context, in *retryInput) (*journeyReply, error) {
	j, err := a.journey(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Integration.Retry(ctx, j, integration.Decision(in.Body.Decide)); err != nil {
		return nil, err
	}
	return a.getJourney(ctx, &in.JourneyPath)
}
