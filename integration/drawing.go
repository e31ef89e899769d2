package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/tags"
	"chancery/team"
	"chancery/templates"
)

// Drawing makes the documents of a journey from a team's templates. All of its
// fields are needed.
type Drawing struct {
	Records Shelf
	Papers  Intake
	Tags    Tagger
	Limit   int64 // bytes of a document
}

// Shelf is where templates and documents are kept.
type Shelf interface {
	Team(ctx context.Context, id string) (team.Team, error)
	Template(ctx context.Context, teamID, which string) (postgres.Template, error)
	AddDocument(ctx context.Context, teamID string, d envelope.Document, upload envelope.Revision) error
}

// Intake takes documents in and keeps templates.
type Intake interface {
	Accept(ctx context.Context, name, password string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error)
	Template(ctx context.Context, blob string) ([]byte, error)
}

// Tagger finds text tags in a PDF and takes them off its pages.
type Tagger interface {
	Find(ctx context.Context, file []byte) (found []tags.Tag, cleaned []byte, err error)
}

// Blank is an empty draft of the team.
func (d *Drawing) Blank(ctx context.Context, teamID string) (envelope.Envelope, error) {
	of, err := d.Records.Team(ctx, teamID)
	return envelope.Envelope{Team: of.ID, Status: envelope.Draft, Test: of.Test(), Sender: of.Sender, Lifetime: envelope.DefaultLifetime}, err
}

// Paths are what templates ask of a record.
func (d *Drawing) Paths(ctx context.Context, teamID string, names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		asked, err := d.tokens(ctx, teamID, name)
		if err != nil {
			return nil, err
		}
		for _, t := range asked {
			if path := pathOf(t); path != "" && !slices.Contains(all, path) {
				all = append(all, path)
			}
		}
	}
	return all, nil
}

func (d *Drawing) tokens(ctx context.Context, teamID, name string) ([]templates.Token, error) {
	kept, content, err := d.template(ctx, teamID, name)
	if err != nil || kept.Kind == kindPDF {
		return nil, err
	}
	return templates.Tokens(templates.Kind(kept.Kind), content)
}

// pathOf is the path of a token from the record on: inside a block of a list, that
// of a member of its elements. The list itself is read with what is in it.
func pathOf(t templates.Token) string {
	if t.Sign == templates.Repeat || t.Path == "." {
		return ""
	}
	return strings.Join(append(slices.Clone(t.Within), t.Path), ".")
}

// kindPDF is a template that has nothing to fill but text tags.
const kindPDF = "pdf"

func (d *Drawing) template(ctx context.Context, teamID, name string) (postgres.Template, []byte, error) {
	kept, err := d.Records.Template(ctx, teamID, name)
	if err != nil {
		return kept, nil, err
	}
	content, err := d.Papers.Template(ctx, kept.Blob)
	return kept, content, err
}

// DrawUp fills the templates with the record, stores what comes of it and puts
// documents, recipients and fields into the draft: those of the text tags, with the
// mapping's values in them.
func (d *Drawing) DrawUp(ctx context.Context, e envelope.Envelope, said mapping.Draft, record map[string]any) (envelope.Envelope, error) {
	place, err := mapping.PlaceOf(said.Locale, said.Zone)
	if err != nil {
		return e, err
	}
	refs := map[string]string{}
	for i, r := range said.Recipients {
		next := id.New(id.Recipient)
		refs[r.Ref], refs[fmt.Sprintf("signer%d", i+1)] = next, next
		e.Recipients = append(e.Recipients, envelope.Recipient{ID: next, Person: envelope.Person{Name: r.Name, Email: r.Email}, Role: r.Role,
			Step: r.Step, Zone: r.Zone, Status: envelope.Waiting, Place: next, LinkVersion: 1})
	}
	for i, doc := range said.Documents {
		made, fields, err := d.document(ctx, e.Team, doc, place, record)
		if err != nil {
			return e, at(err, fmt.Sprintf("documents[%d]", i))
		}
		e.Documents = append(e.Documents, made)
		for _, t := range fields {
			field, err := placed(t, made.ID, refs, said.Values)
			if err != nil {
				return e, at(err, fmt.Sprintf("documents[%d]", i))
			}
			e.Fields = append(e.Fields, field)
		}
	}
	return e, nil
}

// at says in which of the mapping's documents something is wrong.
func at(err error, where string) error {
	p := problem.Of(err)
	if p.Kind == problem.KindInternal || p.Kind == problem.KindAway {
		return err
	}
	return p.At("%s", where)
}

// placed makes a field of a tag. Its recipient is named by the mapping's ref, or by
// their place in it: signer1 is the first.
func placed(t tags.Tag, document string, refs map[string]string, values []mapping.DraftValue) (envelope.Field, error) {
	field := t.Field(document)
	field.ID = id.New(id.Field)
	if t.ReadOnly {
		return field, problem.Invalid("tag_read_only", fmt.Sprintf("The text tag %s shows a value that nobody fills in, which fields cannot: write a merge token such as {{Account.Name}} in its place.", t.Text))
	}
	who, known := refs[t.Recipient]
	if !known {
		return field, problem.Invalid("tag_recipient_unknown", fmt.Sprintf("The text tag %s names a recipient whom the mapping does not have.", t.Text))
	}
	field.Recipient = who
	for _, v := range values {
		if strings.EqualFold(v.Field, t.Label) {
			field.Value = v.Value
		}
	}
	return field, nil
}

// document fills one template, renders it, takes its tags off and takes it in.
func (d *Drawing) document(ctx context.Context, teamID string, doc mapping.DraftDocument, place mapping.Place, record map[string]any) (envelope.Document, []tags.Tag, error) {
	kept, content, err := d.template(ctx, teamID, doc.Template)
	if err != nil {
		return envelope.Document{}, nil, err
	}
	if kept.Kind != kindPDF {
		if content, err = templates.Fill(templates.Kind(kept.Kind), content, record, place); err != nil {
			return envelope.Document{}, nil, err
		}
		if content, err = templates.Render(ctx, templates.Kind(kept.Kind), content); err != nil {
			return envelope.Document{}, nil, err
		}
	}
	found, cleaned, err := d.Tags.Find(ctx, content)
	if err != nil {
		return envelope.Document{}, nil, err
	}
	if cleaned != nil {
		content = cleaned
	}
	name := doc.Name
	if name == "" {
		name = kept.Name
	}
	made, upload, err := d.Papers.Accept(ctx, name+".pdf", "", bytes.NewReader(content), d.Limit)
	if err != nil {
		return made, nil, err
	}
	return made, found, d.Records.AddDocument(ctx, teamID, made, upload)
}
