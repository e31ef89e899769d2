package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/team"
	"chancery/webhooks"
)

var (
	errEventUnknown = problem.Invalid("event_type_unknown", "There is no such event type.")
	errNoEndpoint   = problem.Missing("endpoint_missing", "There is no such webhook endpoint.")
	errReplay       = problem.Invalid("replay_invalid", "Say either which events to send again, or since when and until when.")
)

// NewEndpoint says where events go.
type NewEndpoint struct {
	URL   string   `json:"url" example:"https://example.com/hooks" doc:"An https address that is reachable from the public internet."`
	Types []string `json:"types,omitempty" example:"[\"envelope.completed\"]" doc:"Only these events; all unless said."`
	Tags  []string `json:"tags,omitempty" example:"[\"renewal\"]" doc:"Only of envelopes with at least one of these; of all unless said. At most 10."`

	Children bool `json:"children,omitempty" doc:"Those of the teams below, too. They are told only here, and only when it is asked for."`
}

// Endpoint is where events go.
type Endpoint struct {
	ID             string    `json:"id" example:"we_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	URL            string    `json:"url"`
	Types          []string  `json:"types" nullable:"false" doc:"Empty: all events."`
	Tags           []string  `json:"tags" nullable:"false" doc:"It is told of envelopes with one of these. Empty: of all."`
	Children       bool      `json:"children" doc:"It is told of the teams below, too."`
	CreatedAt      time.Time `json:"created_at"`
	FailingSince   time.Time `json:"failing_since,omitzero" doc:"Of failures without a success; after five days it is disabled."`
	DisabledAt     time.Time `json:"disabled_at,omitzero"`
	DisabledReason string    `json:"disabled_reason,omitempty" enum:"gone,failing,owner" doc:"It said 410, it failed for five days, or its team wanted it."`
}

// EndpointSecret is an endpoint with its new secret, which is shown this once.
type EndpointSecret struct {
	Endpoint
	Secret string `json:"secret" example:"whsec_…" doc:"Signs what is sent (Standard Webhooks 1.0). It is not shown again."`
}

// EndpointList is all of a team's endpoints.
type EndpointList struct {
	Endpoints []Endpoint `json:"endpoints" nullable:"false"`
}

// EndpointPath names a webhook endpoint.
type EndpointPath struct {
	ID string `path:"id" example:"we_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

type endpointSecretReply struct{ Body EndpointSecret }

func (a *api) endpointRoutes() {
	const all, one = "/v1/webhook-endpoints", "/v1/webhook-endpoints/{id}"
	serve(a, route{Method: http.MethodPost, Path: all, ID: "create-webhook-endpoint", Tag: "Webhooks", Verb: team.ManageWebhooks, Status: http.StatusCreated,
		Summary: "Be told about events", Doc: "From now on, by the rules of Standard Webhooks 1.0."}, a.createEndpoint)
	serve(a, route{Method: http.MethodGet, Path: all, ID: "list-webhook-endpoints", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "List webhook endpoints"}, a.listEndpoints)
	serve(a, route{Method: http.MethodDelete, Path: one, ID: "delete-webhook-endpoint", Tag: "Webhooks", Verb: team.ManageWebhooks, Status: http.StatusNoContent,
		Summary: "Be told no more"}, a.deleteEndpoint)
	serve(a, route{Method: http.MethodPost, Path: one + "/rotate-secret", ID: "rotate-webhook-secret", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "Get a new secret", Doc: "For 24 hours everything is signed with both the old and the new one."}, a.rotateSecret)
	serve(a, route{Method: http.MethodPost, Path: one + "/enable", ID: "enable-webhook-endpoint", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "Use a disabled endpoint again", Doc: "What it missed can be replayed."}, a.enableEndpoint)
	serve(a, route{Method: http.MethodPost, Path: one + "/test", ID: "test-webhook-endpoint", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "Try an endpoint now", Doc: "Posts one event of the type webhook.test, signed like all others, and answers with the outcome. It is not tried again, stands in no log, and changes nothing about the endpoint. A team may do so ten times in any minute."}, a.tryEndpoint)
	a.deliveryRoutes()
}

type newEndpointInput struct{ Body NewEndpoint }

func (a *api) createEndpoint(ctx context.Context, in *newEndpointInput) (*endpointSecretReply, error) {
	who := callerOf(ctx)
	if err := a.checkEndpoint(in.Body); err != nil {
		return nil, err
	}
	tags, err := envelope.ReadTags(in.Body.Tags)
	if err != nil {
		return nil, err
	}
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	next := postgres.Endpoint{
		ID: id.New(id.Endpoint), URL: in.Body.URL, Types: in.Body.Types, Tags: tags, Children: in.Body.Children,
		Secrets: []postgres.Secret{{Value: secret.Reveal()}}, CreatedAt: utc(a.Now()),
	}
	if err := a.Records.CreateEndpoint(ctx, who.Team.ID, next); err != nil {
		return nil, fmt.Errorf("create endpoint %s: %w", next.ID, err)
	}
	a.noteTeam(ctx, "endpoint.created", map[string]string{"endpoint": next.ID})
	return &endpointSecretReply{EndpointSecret{endpointShown(next), secret.Reveal()}}, nil
}

func (a *api) checkEndpoint(said NewEndpoint) error {
	if err := webhooks.CheckURL(said.URL, a.Hooks); err != nil {
		return problem.Of(err).At("url")
	}
	for i, wanted := range said.Types {
		if !envelope.KnownEventType(envelope.EventType(wanted)) {
			return errEventUnknown.At("types[%d]", i)
		}
	}
	return nil
}

func (a *api) listEndpoints(ctx context.Context, _ *struct{}) (*struct{ Body EndpointList }, error) {
	found, err := a.Records.Endpoints(ctx, callerOf(ctx).Team.ID)
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	return &struct{ Body EndpointList }{EndpointList{each(found, endpointShown)}}, nil
}

func (a *api) deleteEndpoint(ctx context.Context, in *EndpointPath) (*struct{}, error) {
	if _, err := a.endpoint(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := a.Records.DeleteEndpoint(ctx, callerOf(ctx).Team.ID, in.ID); err != nil {
		return nil, fmt.Errorf("delete endpoint %s: %w", in.ID, err)
	}
	a.noteTeam(ctx, "endpoint.deleted", map[string]string{"endpoint": in.ID})
	return nil, nil
}

// endpoint finds one, for what the route does with it.
func (a *api) endpoint(ctx context.Context, wanted string) (postgres.Endpoint, error) {
	if !id.Is(id.Endpoint, wanted) {
		return postgres.Endpoint{}, errNoEndpoint
	}
	one, err := a.Records.EndpointAmong(ctx, callerOf(ctx).within(), wanted)
	if err != nil {
		return postgres.Endpoint{}, err
	}
	if err := allow(ctx, one.Team, "", errNoEndpoint); err != nil {
		return postgres.Endpoint{}, err
	}
	return one, nil
}

func (a *api) rotateSecret(ctx context.Context, in *EndpointPath) (*endpointSecretReply, error) {
	one, err := a.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := a.Records.RotateSecret(ctx, callerOf(ctx).Team.ID, one.ID, secret.Reveal(), a.Now().Add(webhooks.Rolling)); err != nil {
		return nil, fmt.Errorf("rotate secret of endpoint %s: %w", one.ID, err)
	}
	a.noteTeam(ctx, "endpoint.secret_rotated", map[string]string{"endpoint": one.ID})
	return &endpointSecretReply{EndpointSecret{endpointShown(one), secret.Reveal()}}, nil
}

type endpointReply struct{ Body Endpoint }

func (a *api) enableEndpoint(ctx context.Context, in *EndpointPath) (*endpointReply, error) {
	if _, err := a.endpoint(ctx, in.ID); err != nil {
		return nil, err
	}
	if err := a.Records.EnableEndpoint(ctx, callerOf(ctx).Team.ID, in.ID); err != nil {
		return nil, fmt.Errorf("enable endpoint %s: %w", in.ID, err)
	}
	a.noteTeam(ctx, "endpoint.enabled", map[string]string{"endpoint": in.ID})
	one, err := a.endpoint(ctx, in.ID)
	return &endpointReply{endpointShown(one)}, err
}

// noteTeam adds to the team's chain. What it tells of has happened by then, so a
// failure is ours to look into and no reason to refuse.
func (a *api) noteTeam(ctx context.Context, kind string, detail map[string]string) {
	who := callerOf(ctx)
	a.note(ctx, "note "+kind, a.Records.Note(ctx, who.Team.ID, envelope.Evidence{
		Kind: kind, By: who.Witness(), Origin: who.Origin, Detail: detail,
	}))
}

func endpointShown(e postgres.Endpoint) Endpoint {
	return Endpoint{
		ID: e.ID, URL: e.URL, Types: same(e.Types), Tags: same(e.Tags), Children: e.Children, CreatedAt: utc(e.CreatedAt),
		FailingSince: utc(e.FailingSince), DisabledAt: utc(e.DisabledAt), DisabledReason: string(e.DisabledWhy),
	}
}
