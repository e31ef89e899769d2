package api

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"chancery/audit"
	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

var (
	errNoDocument = problem.Missing("document_missing", "There is no such document.")
	errNotFinal   = problem.Conflict("envelope_not_completed", "The sealed documents are there when the envelope is completed.")
)

type paperPath struct {
	ID       string `path:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Document string `path:"doc" example:"doc_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

type fileReply struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        []byte
}

func (a *api) paperRoutes() {
	const papers = "/v1/envelopes/{id}/documents/{doc}"
	servePDF(a, route{Method: http.MethodGet, Path: papers + "/current", ID: "get-current-document", Tag: "Papers", Verb: team.ReadEnvelopes,
		Summary: "Download a document as it stands"}, a.currentPaper)
	servePDF(a, route{Method: http.MethodGet, Path: papers + "/final", ID: "get-final-document", Tag: "Papers", Verb: team.ReadEnvelopes,
		Summary: "Download a sealed document", Doc: "Once the envelope is completed."}, a.finalPaper)
	servePDF(a, route{Method: http.MethodGet, Path: "/v1/envelopes/{id}/audit-trail.pdf", ID: "get-audit-trail-pdf", Tag: "Papers", Verb: team.ReadEnvelopes,
		Summary: "Download the audit trail for people to read"}, a.trailPDF)
	serveFile(a, route{Method: http.MethodGet, Path: "/v1/envelopes/{id}/audit-trail", ID: "get-audit-trail", Tag: "Papers", Verb: team.ReadEnvelopes,
		Summary: "Read the audit trail", Doc: "The whole hash chain; it can be checked without this hub."},
		"application/json", a.schema(reflect.TypeFor[AuditTrail]()), a.trail)
}

// servePDF registers a handler that answers with a PDF.
func servePDF[I any](a *api, r route, handle func(context.Context, *I) (*fileReply, error)) {
	serveFile(a, r, "application/pdf", &huma.Schema{Type: huma.TypeString, Format: "binary"}, handle)
}

func pdfFile(name string, content []byte) *fileReply {
	return &fileReply{
		ContentType: "application/pdf",
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": name}),
		Body:        content,
	}
}

// paper finds the envelope and the document in it.
func (a *api) paper(ctx context.Context, in *paperPath) (envelope.Envelope, envelope.Document, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return e, envelope.Document{}, err
	}
	doc, ok := e.Document(in.Document)
	if !ok {
		return e, doc, errNoDocument
	}
	return e, doc, nil
}

func (a *api) currentPaper(ctx context.Context, in *paperPath) (*fileReply, error) {
	e, doc, err := a.paper(ctx, in)
	if err != nil {
		return nil, err
	}
	content, err := a.Papers.Current(ctx, e, doc.ID)
	if err != nil {
		return nil, fmt.Errorf("read document %s of envelope %s: %w", doc.ID, e.ID, err)
	}
	return pdfFile(doc.Name, content), nil
}

func (a *api) finalPaper(ctx context.Context, in *paperPath) (*fileReply, error) {
	e, doc, err := a.paper(ctx, in)
	if err != nil {
		return nil, err
	}
	if e.Status != envelope.Completed {
		return nil, errNotFinal
	}
	content, err := a.Papers.Final(ctx, e, doc.ID)
	if err != nil {
		return nil, fmt.Errorf("read sealed document %s of envelope %s: %w", doc.ID, e.ID, err)
	}
	return pdfFile(doc.Name, content), nil
}

func (a *api) trailPDF(ctx context.Context, in *EnvelopePath) (*fileReply, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	content, err := a.Papers.AuditPDF(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("write audit trail of envelope %s: %w", e.ID, err)
	}
	return pdfFile("audit-trail-"+e.ID+".pdf", content), nil
}

// AuditTrail is a chain of evidence in the form that package audit checks; its
// own documentation says how the hashes are made.
type AuditTrail struct {
	Format   string           `json:"format" example:"chancery audit 1"`
	Chain    string           `json:"chain" doc:"The envelope's id."`
	Events   []map[string]any `json:"events" nullable:"false" doc:"n, at, kind, actor, detail, personal, salt, commitment, prev and hash of each."`
	HeadHash string           `json:"head_hash" doc:"The last hash; compare it with one kept elsewhere."`
}

func (a *api) trail(ctx context.Context, in *EnvelopePath) (*fileReply, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	entries, err := a.Records.Trail(ctx, e.ID)
	if err != nil {
		return nil, fmt.Errorf("read audit trail of envelope %s: %w", e.ID, err)
	}
	var text bytes.Buffer
	if err := audit.NewTrail(e.ID, entries).WriteJSON(&text); err != nil {
		return nil, err
	}
	return &fileReply{ContentType: "application/json", Body: text.Bytes()}, nil
}
