package integration_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/integration"
	"chancery/postgres"
	"chancery/problem"
	"chancery/tags"
	"chancery/team"
)

// drawer holds one template, a PDF with these tags in it.
type drawer []tags.Tag

func (drawer) Team(context.Context, string) (team.Team, error) { return team.Team{}, nil }

func (drawer) Template(context.Context, string, string) (postgres.Template, error) {
	return postgres.Template{Name: "offer", Kind: "pdf"}, nil
}

func (drawer) AddDocument(context.Context, string, envelope.Document, envelope.Revision) error {
	return nil
}

// paper takes in everything.
type paper struct{}

func (paper) Accept(context.Context, string, string, io.Reader, int64) (envelope.Document, envelope.Revision, error) {
	return envelope.Document{ID: "doc_1"}, envelope.Revision{}, nil
}

func (paper) Template(context.Context, string) ([]byte, error) { return []byte("%PDF"), nil }

func (d drawer) Find(context.Context, []byte) ([]tags.Tag, []byte, error) { return d, nil, nil }

func TestATagThatNobodyFillsInIsRefusedAndAFieldIsMadeOfOthers(t *testing.T) {
	said := mapping.Draft{Documents: []mapping.DraftDocument{{Template: "offer"}}, Values: []mapping.DraftValue{{Field: "city", Value: "Brno"}},
		Recipients: []mapping.DraftRecipient{{Ref: "customer", Role: envelope.Signer, Step: 1, Name: "Ann Lee", Email: "ann@example.com"}}}
	for name, tt := range map[string]struct {
		tag  tags.Tag
		code string
	}{
		"a field":                {tags.Tag{Text: "{{city_es_:signer1}}", Kind: envelope.TextField, Label: "city", Recipient: "signer1"}, ""},
		"nobody's":               {tags.Tag{Text: "{{!price}}", Kind: envelope.TextField, Label: "price", ReadOnly: true}, "tag_read_only"},
		"somebody's, to be read": {tags.Tag{Text: "{{!city_es_:signer1}}", Kind: envelope.TextField, Label: "city", Recipient: "signer1", ReadOnly: true}, "tag_read_only"},
		"a stranger's":           {tags.Tag{Text: "{{city_es_:signer2}}", Kind: envelope.TextField, Label: "city", Recipient: "signer2"}, "tag_recipient_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			d := drawer{tt.tag}
			drawing := integration.Drawing{Records: d, Papers: paper{}, Tags: d, Limit: 1 << 20}
			e, err := drawing.DrawUp(t.Context(), envelope.Envelope{}, said, nil)
			switch {
			case tt.code != "" && (!problem.Has(err, tt.code) || !strings.Contains(problem.Of(err).Public, tt.tag.Text) || problem.Of(err).Field != "documents[0]"):
				t.Errorf("got %v", err)
			case tt.code == "" && (err != nil || len(e.Fields) != 1 || e.Fields[0].Value != "Brno" || e.Fields[0].Recipient != e.Recipients[0].ID):
				t.Errorf("got %+v, %v", e.Fields, err)
			}
		})
	}
}
