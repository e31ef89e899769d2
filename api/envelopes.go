package api

import (
	"context"
	"fmt"
	"net/http"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/team"
)

// EnvelopePath names an envelope. Paths are exported because huma does not look
// into embedded types that are not.
type EnvelopePath struct {
	ID string `path:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

type envelopeReply struct{ Body Envelope }

func shown(e envelope.Envelope) *envelopeReply { return &envelopeReply{envelopeShown(e)} }

func (a *api) envelopeRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/envelopes", ID: "list-envelopes", Tag: "Envelopes", Verb: team.ReadEnvelopes,
		Summary: "List envelopes, newest first"}, a.listEnvelopes)
	serve(a, route{Method: http.MethodGet, Path: "/v1/envelopes/{id}", ID: "get-envelope", Tag: "Envelopes", Verb: team.ReadEnvelopes,
		Summary: "Look at an envelope", Doc: "Its outlook says why it waits, what happens next, and when."}, a.getEnvelope)
	serve(a, route{Method: http.MethodPost, Path: "/v1/envelopes/{id}/send", ID: "send-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Send a draft", Doc: "Certifies the documents and asks the first step."}, a.sendEnvelope)
	serve(a, route{Method: http.MethodPost, Path: "/v1/envelopes/{id}/void", ID: "void-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "End an envelope", Doc: "Everybody who was written to is told the reason."}, a.voidEnvelope)
	serve(a, route{Method: http.MethodPost, Path: "/v1/envelopes/{id}/resend", ID: "resend-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Write the invitation again", Doc: "To one recipient, or to everybody who is asked now. An address that letters come back from is tried again only when its recipient is named."}, a.resendEnvelope)
	a.draftRoutes()
}

type listInput struct {
	Oversight
	Status string `query:"status" enum:"draft,sent,completed,declined,voided,expired" doc:"Only these."`
	Tag    string `query:"tag" maxLength:"200" example:"renewal" doc:"Only those with this tag."`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// Page is a part of the list.
type Page struct {
	Envelopes []Envelope `json:"envelopes" nullable:"false"`
	Next      string     `json:"next,omitempty" doc:"The cursor of the next page; left out on the last one."`
}

type listReply struct{ Body Page }

func (a *api) listEnvelopes(ctx context.Context, in *listInput) (*listReply, error) {
	of, err := in.scope(ctx)
	if err != nil {
		return nil, err
	}
	filter := postgres.Filter{Status: envelope.Status(in.Status), Owner: of.owner, Tag: envelope.TidyTag(in.Tag), After: in.Cursor, Limit: in.Limit}
	found, next, err := a.Records.Envelopes(ctx, of.teams, filter)
	if err != nil {
		return nil, fmt.Errorf("list envelopes: %w", err)
	}
	return &listReply{Page{Envelopes: each(found, envelopeShown), Next: next}}, nil
}

var errNoEnvelope = problem.Missing("envelope_missing", "There is no such envelope.")

// find opens an envelope, for what the route does with it: the one place where an
// envelope's team and owner are asked about. What is no id never reaches the
// database, which would stumble over some of it.
func (a *api) find(ctx context.Context, wanted string) (envelope.Envelope, error) {
	if !id.Is(id.Envelope, wanted) {
		return envelope.Envelope{}, errNoEnvelope
	}
	e, err := a.Records.EnvelopeAmong(ctx, callerOf(ctx).within(), wanted)
	if err != nil {
		return envelope.Envelope{}, err
	}
	if err := allow(ctx, e.Team, e.Owner, errNoEnvelope); err != nil {
		return envelope.Envelope{}, err
	}
	return e, nil
}

func (a *api) getEnvelope(ctx context.Context, in *EnvelopePath) (*envelopeReply, error) {
	e, err := a.find(ctx, in.ID)
	return shown(e), err
}

func (a *api) sendEnvelope(ctx context.Context, in *EnvelopePath) (*envelopeReply, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return a.send(ctx, e)
}

// send asks the desk, after everything that can be refused at once.
func (a *api) send(ctx context.Context, e envelope.Envelope) (*envelopeReply, error) {
	who := callerOf(ctx)
	if err := maySend(who, e); err != nil {
		return nil, err
	}
	if err := a.Desk.Send(ctx, e.ID, who.Witness(), who.Origin); err != nil {
		return nil, fmt.Errorf("send envelope %s: %w", e.ID, err)
	}
	return a.getEnvelope(ctx, &EnvelopePath{e.ID})
}

func maySend(who Caller, e envelope.Envelope) error {
	if err := e.CheckSend(); err != nil {
		return err
	}
	for i, r := range e.Recipients {
		if err := mayWrite(who.Team, r.Person.Email, fmt.Sprintf("recipients[%d].email", i)); err != nil {
			return err
		}
	}
	return nil
}

type voidInput struct {
	EnvelopePath
	Body Ending
}

// Ending is why an envelope is voided.
type Ending struct {
	Reason string `json:"reason,omitempty" doc:"What the recipients are told; at most 1000 characters. Needed."`
}

func (a *api) voidEnvelope(ctx context.Context, in *voidInput) (*envelopeReply, error) {
	who := callerOf(ctx)
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	wish := envelope.Void{ID: newID(ctx, id.Act), By: who.Witness(), Reason: in.Body.Reason, Origin: who.Origin}
	if e.Status == envelope.Draft {
		return nil, errNotSent
	}
	// The desk answers for one that has ended: this very wish may have ended it.
	if _, err := e.Void(wish, e.Clock(a.Now())); err != nil && !e.Status.Final() {
		return nil, err
	}
	if err := a.Desk.Void(ctx, e.ID, wish); err != nil {
		return nil, fmt.Errorf("void envelope %s: %w", e.ID, err)
	}
	return a.getEnvelope(ctx, &in.EnvelopePath)
}

type resendInput struct {
	EnvelopePath
	Body *Resending
}

// Resending chooses who is written to again.
type Resending struct {
	Recipient string `json:"recipient,omitempty" doc:"Only this one; everybody who is asked now unless said."`
}

func (a *api) resendEnvelope(ctx context.Context, in *resendInput) (*envelopeReply, error) {
	who := callerOf(ctx)
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	wish := envelope.Resending{ID: newID(ctx, id.Act), By: who.Witness(), Origin: who.Origin}
	if in.Body != nil {
		wish.Recipient = in.Body.Recipient
	}
	if _, err := e.Resend(wish, e.Clock(a.Now())); err != nil {
		return nil, err
	}
	if err := a.Desk.Resend(ctx, e.ID, wish); err != nil {
		return nil, fmt.Errorf("write again for envelope %s: %w", e.ID, err)
	}
	return a.getEnvelope(ctx, &in.EnvelopePath)
}
