package integration

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/templates"
)

// Cupboard is where templates are kept.
type Cupboard interface {
	KeepTemplate(ctx context.Context, content []byte) (blob, sha256 string, err error)
}

// kindOf a template's bytes: a PDF says so, a DOCX is a zip file, and the rest is HTML.
func kindOf(content []byte) string {
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")):
		return kindPDF
	case bytes.HasPrefix(content, []byte("PK")):
		return string(templates.DOCX)
	}
	return string(templates.HTML)
}

// SaveTemplate reads a template and stores it; one of the same name is retired, and
// mappings take the new one from then on.
func (d *Desk) SaveTemplate(ctx context.Context, teamID, name string, content []byte) (postgres.Template, error) {
	name = strings.TrimSpace(name)
	t := postgres.Template{ID: id.New(id.Template), Team: teamID, Name: name, Kind: kindOf(content), Size: int64(len(content)), CreatedAt: d.Now()}
	switch {
	case name == "" || len([]rune(name)) > envelope.MaxName:
		return t, problem.Invalid("name_missing", "A template needs a name of at most 200 characters.").At("name")
	case len(content) > templates.MaxTemplate:
		return t, problem.TooLarge("template_too_large", "The template is larger than 20 MB, or unpacks to more than a document holds.").At("file")
	case t.Kind != kindPDF:
		if _, err := templates.Tokens(templates.Kind(t.Kind), content); err != nil {
			return t, err
		}
	}
	var err error
	if t.Blob, t.SHA256, err = d.Cupboard.KeepTemplate(ctx, content); err != nil {
		return t, err
	}
	return t, d.Records.AddTemplate(ctx, t)
}

// Asked are the merge tokens of a team's template.
func (d *Desk) Asked(ctx context.Context, teamID, which string) ([]templates.Token, error) {
	return d.Drawing.tokens(ctx, teamID, which)
}

// checkTemplates finds templates that are not there, and tokens for which the
// record has no field.
func (d *Desk) checkTemplates(ctx context.Context, teamID string, m mapping.Mapping, describe mapping.Describe) ([]mapping.Fault, error) {
	var faults []mapping.Fault
	for i, doc := range m.Documents {
		where := fmt.Sprintf("documents[%d].template", i)
		asked, err := d.Drawing.tokens(ctx, teamID, doc.Template)
		if p := problem.Of(err); err != nil && p.Kind != problem.KindInternal {
			faults = append(faults, mapping.Fault{Where: where, Code: p.Code, Sentence: p.Public})
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, t := range asked {
			path := pathOf(t)
			if path == "" || t.Filled {
				continue
			}
			found, err := mapping.CheckPaths(m.Record, []string{path}, where, describe)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				f.Sentence = fmt.Sprintf("The template asks for %s. %s", connectors.Clean(t.Text), f.Sentence)
				faults = append(faults, f)
			}
		}
	}
	return faults, nil
}
