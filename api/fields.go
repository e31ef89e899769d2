package api

import (
	"context"
	"net/http"
	"slices"

	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

var errNoField = problem.Missing("field_missing", "There is no such field.")

// FieldPath names a field of an envelope.
type FieldPath struct {
	ID    string `path:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Field string `path:"fid" example:"fld_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

func (a *api) fieldRoutes() {
	const all, one = "/v1/envelopes/{id}/fields", "/v1/envelopes/{id}/fields/{fid}"
	serve(a, route{Method: http.MethodPost, Path: all, ID: "add-field", Tag: "Fields", Verb: team.SendEnvelopes,
		Summary: "Add a field to a draft", Status: http.StatusCreated}, a.addField)
	serve(a, route{Method: http.MethodPatch, Path: one, ID: "change-field", Tag: "Fields", Verb: team.SendEnvelopes,
		Summary: "Change a field of a draft"}, a.changeField)
	serve(a, route{Method: http.MethodDelete, Path: one, ID: "remove-field", Tag: "Fields", Verb: team.SendEnvelopes,
		Summary: "Take a field out of a draft"}, a.removeField)
}

type addFieldInput struct {
	EnvelopePath
	Body Place
}

func (a *api) addField(ctx context.Context, in *addFieldInput) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		field, err := fieldOf(*e, in.Body, nil, len(e.Fields))
		e.Fields = append(e.Fields, field)
		return err
	})
}

type changeFieldInput struct {
	FieldPath
	Body FieldChange
}

func (a *api) changeField(ctx context.Context, in *changeFieldInput) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		i := slices.IndexFunc(e.Fields, func(f envelope.Field) bool { return f.ID == in.Field })
		if i < 0 {
			return errNoField
		}
		alter(&e.Fields[i], in.Body)
		if in.Body.Recipient != nil {
			e.Fields[i].Recipient = pointed(*e, *in.Body.Recipient, nil)
		}
		return nil
	})
}

func alter(f *envelope.Field, said FieldChange) {
	set(&f.Document, said.Document)
	set(&f.Page, said.Page)
	set((*string)(&f.Kind), said.Kind)
	set(&f.X, said.X)
	set(&f.Y, said.Y)
	set(&f.Width, said.Width)
	set(&f.Height, said.Height)
	set(&f.Label, said.Label)
	set(&f.Value, said.Value)
	set(&f.Optional, said.Optional)
}

func (a *api) removeField(ctx context.Context, in *FieldPath) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		before := len(e.Fields)
		e.Fields = slices.DeleteFunc(e.Fields, func(f envelope.Field) bool { return f.ID == in.Field })
		if len(e.Fields) == before {
			return errNoField
		}
		return nil
	})
}
