package api

import (
	"context"
	"fmt"
	"net/http"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

var errNoDraft = problem.Conflict("envelope_sent_already", "This envelope has already been sent.")

func (a *api) draftRoutes() {
	serve(a, route{Method: http.MethodPost, Path: "/v1/envelopes", ID: "create-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Create a draft, and send it if asked", Status: http.StatusCreated}, a.createEnvelope)
	serve(a, route{Method: http.MethodPut, Path: "/v1/envelopes/{id}", ID: "replace-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Write a draft anew", Doc: "Recipients and fields get new ids."}, a.replaceEnvelope)
	serve(a, route{Method: http.MethodPatch, Path: "/v1/envelopes/{id}", ID: "change-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Change what is named of a draft", Doc: "Recipients and fields have routes of their own."}, a.changeEnvelope)
	serve(a, route{Method: http.MethodDelete, Path: "/v1/envelopes/{id}", ID: "delete-envelope", Tag: "Envelopes", Verb: team.SendEnvelopes,
		Summary: "Delete a draft", Status: http.StatusNoContent}, a.deleteEnvelope)
}

type createInput struct{ Body NewEnvelope }

type createReply struct {
	Location string `header:"Location"`
	Body     Envelope
}

func created(e *envelopeReply) *createReply {
	return &createReply{Location: "/v1/envelopes/" + e.Body.ID, Body: e.Body}
}

func (a *api) createEnvelope(ctx context.Context, in *createInput) (*createReply, error) {
	who := callerOf(ctx)
	draft, err := a.compose(ctx, a.blank(ctx, who), in.Body.Content)
	if err != nil {
		return nil, err
	}
	if in.Body.Send {
		if err := maySend(who, draft); err != nil {
			return nil, err
		}
	}
	draft, err = a.keepDraft(ctx, draft)
	if err != nil {
		return nil, err
	}
	if !in.Body.Send || draft.Status.Final() {
		return created(shown(draft)), nil
	}
	if draft.Status == envelope.Sent { // by an earlier try; the engine may have died before it knew
		if err := a.Desk.Send(ctx, draft.ID, who.Witness(), who.Origin); err != nil {
			return nil, fmt.Errorf("send envelope %s again: %w", draft.ID, err)
		}
		reply, err := a.getEnvelope(ctx, &EnvelopePath{draft.ID})
		return created(reply), err
	}
	sent, err := a.send(ctx, draft)
	if err != nil {
		return nil, err
	}
	return created(sent), nil
}

func (a *api) blank(ctx context.Context, who Caller) envelope.Envelope {
	return envelope.Envelope{
		ID: newID(ctx, id.Envelope), Team: who.Team.ID, Owner: who.Actor.ID, Status: envelope.Draft, Test: who.Team.Test(),
		Sender: who.Team.Sender, CreatedAt: utc(a.Now()),
	}
}

// keepDraft stores a new draft, or finds the one that an earlier try under the
// same Idempotency-Key has stored before it failed.
func (a *api) keepDraft(ctx context.Context, draft envelope.Envelope) (envelope.Envelope, error) {
	if _, again := ctx.Value(keySeed).(string); again {
		earlier, err := a.find(ctx, draft.ID)
		if err == nil || problem.Of(err).Kind != problem.KindMissing {
			return earlier, err
		}
	}
	who := callerOf(ctx)
	noted := envelope.Evidence{Kind: envelope.NotedCreated, By: who.Witness(), Origin: who.Origin}
	if err := a.Records.CreateDraft(ctx, draft, noted); err != nil {
		return draft, fmt.Errorf("create draft %s: %w", draft.ID, err)
	}
	return draft, nil
}

// edit changes a draft of the caller's team. The store refuses if somebody else
// has changed it meanwhile.
func (a *api) edit(ctx context.Context, id string, change func(*envelope.Envelope) error) (*envelopeReply, error) {
	e, err := a.find(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.Status != envelope.Draft {
		return nil, errNoDraft
	}
	if err := change(&e); err != nil {
		return nil, err
	}
	if err := e.Check(); err != nil {
		return nil, err
	}
	if err := a.Records.SaveDraft(ctx, e); err != nil {
		return nil, fmt.Errorf("save draft %s: %w", e.ID, err)
	}
	return a.getEnvelope(ctx, &EnvelopePath{e.ID})
}

type replaceInput struct {
	EnvelopePath
	Body Content
}

func (a *api) replaceEnvelope(ctx context.Context, in *replaceInput) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) (err error) {
		*e, err = a.compose(ctx, *e, in.Body)
		return err
	})
}

type changeInput struct {
	EnvelopePath
	Body Amendment
}

func (a *api) changeEnvelope(ctx context.Context, in *changeInput) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error { return a.amend(ctx, e, in.Body) })
}

func (a *api) amend(ctx context.Context, e *envelope.Envelope, said Amendment) (err error) {
	set(&e.Title, said.Title)
	set(&e.Message, said.Message)
	if said.Tags != nil {
		if e.Tags, err = envelope.ReadTags(*said.Tags); err != nil {
			return err
		}
	}
	if said.Documents != nil {
		if e.Documents, err = a.documents(ctx, *said.Documents); err != nil {
			return err
		}
	}
	if said.Quorums != nil {
		e.Quorums = quorumsOf(*said.Quorums)
	}
	if said.Reminders != nil {
		if e.Pace, err = paceOf(said.Reminders); err != nil {
			return err
		}
	}
	if said.ExpiresAfter != nil {
		e.Lifetime, err = lifetimeOf(*said.ExpiresAfter)
	}
	return err
}

// set takes over what was said and leaves the rest.
func set[T any](to *T, said *T) {
	if said != nil {
		*to = *said
	}
}

func (a *api) deleteEnvelope(ctx context.Context, in *EnvelopePath) (*struct{}, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if e.Status != envelope.Draft {
		return nil, errNoDraft
	}
	if err := a.Records.DeleteDraft(ctx, e.Team, e.ID); err != nil {
		return nil, fmt.Errorf("delete draft %s: %w", e.ID, err)
	}
	return nil, nil
}
