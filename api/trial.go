package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"chancery/id"
	"chancery/rate"
	"chancery/webhooks"
)

// TrialOutcome is what came of trying an endpoint.
type TrialOutcome struct {
	Event     string  `json:"event" doc:"The webhook-id."`
	Delivered bool    `json:"delivered" doc:"The endpoint answered with a status from 200 to 299."`
	TookMS    int64   `json:"took_ms"`
	Status    int     `json:"status,omitempty" doc:"Of HTTP; left out when there was no reply."`
	Error     string  `json:"error,omitempty"`
	Excerpt   string  `json:"excerpt,omitempty" doc:"The beginning of the reply."`
	Body      Payload `json:"body" doc:"What was sent."`
}

type trialReply struct{ Body TrialOutcome }

// tryEndpoint takes as long as the endpoint does, 15 seconds at most. A disabled one
// may be tried, for that is how its owner sees that it can be enabled.
func (a *api) tryEndpoint(ctx context.Context, in *EndpointPath) (*trialReply, error) {
	one, err := a.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if wait, err := webhooks.MayTry(ctx, a.Window, one.Team); err != nil {
		return nil, huma.ErrorWithHeaders(a.refusal(ctx, err), http.Header{"Retry-After": {strconv.Itoa(rate.Seconds(wait))}})
	}
	at := a.Now()
	secrets, err := one.LiveSecrets(at)
	if err != nil {
		return nil, err
	}
	about := webhooks.Trial{ID: newID(ctx, id.Event), Endpoint: one.ID, Team: one.Team}
	sent, outcome, err := webhooks.Try(ctx, a.Hooks, about, one.URL, at, secrets...)
	if err != nil {
		return nil, err
	}
	a.noteTeam(ctx, "endpoint.tried", map[string]string{"endpoint": one.ID, "verdict": string(outcome.Verdict)})
	return &trialReply{TrialOutcome{
		Event: sent.EventID, Delivered: outcome.Verdict == webhooks.Delivered, TookMS: outcome.Took.Milliseconds(),
		Status: outcome.Status, Error: outcome.Error, Excerpt: outcome.Excerpt, Body: Payload(sent.Body),
	}}, nil
}
