package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/postgres"
	"chancery/team"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID        string    `json:"id"`
	Event     string    `json:"event" doc:"The event's id, which is the webhook-id."`
	Type      string    `json:"type" example:"recipient.signed"`
	Envelope  string    `json:"envelope"`
	Status    string    `json:"status" enum:"pending,delivered,failed"`
	CreatedAt time.Time `json:"created_at"`
	NextAt    time.Time `json:"next_at,omitzero" doc:"When it is attempted next, as far as is known: after a failure, or when it has its turn. A sandbox's webhooks are called as often as it may call the API."`
	Attempts  []Attempt `json:"attempts" nullable:"false"`
}

// Attempt is one try of a delivery.
type Attempt struct {
	ID      string    `json:"id"`
	Number  int       `json:"number" doc:"1 is the first since the delivery was created or last replayed."`
	At      time.Time `json:"at"`
	TookMS  int64     `json:"took_ms"`
	Status  int       `json:"status,omitempty" doc:"Of HTTP; left out when there was no reply."`
	Error   string    `json:"error,omitempty"`
	Excerpt string    `json:"excerpt,omitempty" doc:"The beginning of the reply."`
	NextAt  time.Time `json:"next_at,omitzero" doc:"When it is tried again; left out when this was the last try."`
}

// DeliveryPage is a part of an endpoint's deliveries, newest first.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries" nullable:"false"`
	Next       string     `json:"next,omitempty" doc:"The cursor of the next page; left out on the last one."`
}

// Replay chooses what is sent again: either events, or all since and until.
type Replay struct {
	Events []string  `json:"events,omitempty" maxItems:"100" doc:"Ids of events."`
	Since  time.Time `json:"since,omitzero"`
	Until  time.Time `json:"until,omitzero" doc:"Until now unless said."`
	Missed bool      `json:"missed,omitempty" doc:"Of the span only what never reached the endpoint: given up, or happened while it was disabled."`
}

// DeliveryInFull is a delivery with what is sent.
type DeliveryInFull struct {
	Delivery
	Request DeliveryRequest `json:"request"`
}

// DeliveryRequest is what each attempt posts. Its webhook-timestamp is that of the
// attempt; signatures are made anew and kept nowhere.
type DeliveryRequest struct {
	URL  string  `json:"url" doc:"The endpoint's address."`
	ID   string  `json:"webhook_id"`
	Body Payload `json:"body" doc:"The body as it was frozen when the event happened."`
}

// Replayed lists the deliveries that are on their way again.
type Replayed struct {
	Deliveries []string `json:"deliveries" nullable:"false"`
}

func (a *api) deliveryRoutes() {
	const one = "/v1/webhook-endpoints/{id}"
	serve(a, route{Method: http.MethodGet, Path: one + "/deliveries", ID: "list-webhook-deliveries", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "See what was delivered, and how that went"}, a.listDeliveries)
	serve(a, route{Method: http.MethodGet, Path: one + "/deliveries/{delivery}", ID: "get-webhook-delivery", Tag: "Webhooks", Verb: team.ManageWebhooks,
		Summary: "Look at a delivery: what is sent, what was answered, and when it is tried next"}, a.getDelivery)
	serve(a, route{Method: http.MethodPost, Path: one + "/replay", ID: "replay-webhook-deliveries", Tag: "Webhooks", Verb: team.ManageWebhooks, Status: http.StatusAccepted,
		Summary: "Send events again", Doc: "With the same webhook-id and body, so that a receiver can tell. After an outage, since and \"missed\": true recover what got lost."}, a.replayDeliveries)
}

type deliveriesInput struct {
	EndpointPath
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type deliveriesReply struct{ Body DeliveryPage }

func (a *api) listDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesReply, error) {
	one, err := a.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Records.Deliveries(ctx, callerOf(ctx).Team.ID, one.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("list deliveries of endpoint %s: %w", one.ID, err)
	}
	return &deliveriesReply{DeliveryPage{Deliveries: each(found, deliveryShown), Next: next}}, nil
}

type deliveryInput struct {
	EndpointPath
	Delivery string `path:"delivery" maxLength:"200"`
}

type deliveryReply struct{ Body DeliveryInFull }

func (a *api) getDelivery(ctx context.Context, in *deliveryInput) (*deliveryReply, error) {
	one, err := a.endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	found, body, err := a.Records.Logged(ctx, callerOf(ctx).Team.ID, one.ID, in.Delivery)
	if err != nil {
		return nil, err
	}
	return &deliveryReply{DeliveryInFull{deliveryShown(found), DeliveryRequest{one.URL, found.EventID, Payload(body)}}}, nil
}

func deliveryShown(d postgres.Delivery) Delivery {
	return Delivery{
		ID: d.ID, Event: d.EventID, Type: string(d.EventType), Envelope: d.Envelope,
		Status: string(d.Status), CreatedAt: utc(d.CreatedAt), NextAt: utc(d.NextAt),
		Attempts: each(d.Attempts, func(t postgres.Attempt) Attempt {
			return Attempt{
				ID: t.ID, Number: t.Number, At: utc(t.At), TookMS: t.Took.Milliseconds(), Status: t.Status,
				Error: t.Error, Excerpt: t.Excerpt, NextAt: utc(t.Next),
			}
		}),
	}
}

type replayInput struct {
	EndpointPath
	Body Replay
}

type replayReply struct{ Body Replayed }

func (a *api) replayDeliveries(ctx context.Context, in *replayInput) (*replayReply, error) {
	if (len(in.Body.Events) > 0) == !in.Body.Since.IsZero() || in.Body.Missed && in.Body.Since.IsZero() || slices.ContainsFunc(in.Body.Events, notAnID) {
		return nil, errReplay
	}
	if _, err := a.endpoint(ctx, in.ID); err != nil {
		return nil, err
	}
	until := in.Body.Until
	if until.IsZero() {
		until = a.Now()
	}
	which := postgres.Replay{Events: in.Body.Events, Since: in.Body.Since, Until: until, Missed: in.Body.Missed}
	ids, err := a.Records.Redeliver(ctx, callerOf(ctx).Team.ID, in.ID, which)
	if err != nil {
		return nil, fmt.Errorf("replay deliveries of endpoint %s: %w", in.ID, err)
	}
	if err := a.Desk.Redeliver(ctx, ids); err != nil {
		return nil, fmt.Errorf("start %d deliveries of endpoint %s: %w", len(ids), in.ID, err)
	}
	return &replayReply{Replayed{each(ids, func(id string) string { return id })}}, nil
}

// notAnID tells what cannot be an event's id, and what the database cannot even compare.
func notAnID(event string) bool {
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	return event == "" || strings.ContainsFunc(event, odd)
}
