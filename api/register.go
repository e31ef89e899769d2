package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"chancery/team"
)

// route describes an operation in a line; see describe.
type route struct {
	Method  string
	Path    string
	ID      string
	Tag     string
	Summary string
	Verb    team.Verb // what it does, for the judge; needed
	Doc     string
	Status  int // of success; 0 is 200
}

// serve registers a typed handler.
func serve[I, O any](a *api, r route, handle func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, a.describe(r), refusing(a, handle))
}

// serveFile registers a handler that answers with bytes of its own making.
func serveFile[I any](a *api, r route, mediaType string, schema *huma.Schema, handle func(context.Context, *I) (*fileReply, error)) {
	op := a.describe(r)
	op.Responses[statusWord(http.StatusOK)] = &huma.Response{
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}
	huma.Register(a.huma, op, refusing(a, handle))
}

// refusing turns a handler's errors into problems: the one place where typed
// handlers meet them.
func refusing[I, O any](a *api, handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		var said *Problem
		if errors.As(err, &said) { // it knows more than one sentence
			return nil, err
		}
		if err != nil {
			return nil, a.refusal(ctx, err)
		}
		return out, nil
	}
}

// schema refers to the type among the contract's components.
func (a *api) schema(t reflect.Type) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(t, true, "")
}

// describe adds what all operations have in common.
func (a *api) describe(r route) huma.Operation {
	a.means(r)
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: r.Path, Summary: r.Summary, Description: r.Doc,
		Tags: []string{r.Tag}, DefaultStatus: r.Status,
		Security:                     []map[string][]string{{"key": {}}, {"userAndKey": {}}},
		RejectUnknownQueryParameters: true,
		MaxBodyBytes:                 -1, // readBody has counted
		BodyReadTimeout:              -1, // and timed it
		Responses:                    map[string]*huma.Response{"default": a.problemResponse()},
	}
	if r.Method == http.MethodPost {
		op.Parameters = []*huma.Param{idempotencyKey()}
	}
	return op
}

func (a *api) problemResponse() *huma.Response {
	return &huma.Response{
		Description: "A problem (RFC 9457).",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: a.schema(reflect.TypeFor[Problem]())}},
	}
}

func idempotencyKey() *huma.Param {
	most := maxKey
	return &huma.Param{
		Name: "Idempotency-Key", In: "header",
		Description: "The same key with the same body within 24 hours is answered with the first reply, and nothing happens twice.",
		Schema:      &huma.Schema{Type: huma.TypeString, MaxLength: &most},
	}
}
