package papers_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/jail"
	"chancery/pades"
	"chancery/pages"
	"chancery/tags"
	"chancery/templates"
	"chancery/templates/sample"
)

// What a template has become is a document like any other: it is accepted, and
// signed at the highest level where its tags were.
func TestADocumentMadeOfATemplateGoesTheWholeRoad(t *testing.T) {
	if !jail.CanWrite() || !jail.CanBrowse() {
		t.Skip("skipped 2 cases: LibreOffice or Chromium is not installed")
	}
	reader := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pdfium")})
	defer reader.Close()
	for kind, template := range map[templates.Kind][]byte{templates.DOCX: sample.Contract(), templates.HTML: sample.Offer} {
		filled, err := templates.Fill(kind, template, sample.Record(), mapping.Place{})
		if err != nil {
			t.Fatal(err)
		}
		rendered, err := templates.Render(t.Context(), kind, filled)
		if err != nil {
			t.Fatal(err)
		}
		found, file, err := tags.Finder{Pages: reader}.Find(t.Context(), rendered)
		if err != nil {
			t.Fatal(err)
		}
		r := newRoad(t, pades.LevelLTA, false)
		doc, upload, err := r.Accept(t.Context(), "Contract.pdf", "", bytes.NewReader(file), uploadLimit)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if len(doc.Removed) > 0 {
			t.Errorf("%s is accepted without %v", kind, doc.Removed)
		}
		r.keep(upload)
		r.e.Documents = []envelope.Document{doc}
		for i, tag := range found {
			if f := tag.Field(doc.ID); f.Recipient == "signer1" {
				f.ID, f.Recipient = fmt.Sprint("fld_", i), "rcp_ann"
				r.e.Fields = append(r.e.Fields, f)
			}
		}
		if len(r.e.Fields) < 3 {
			t.Errorf("%s has the fields %v", kind, r.e.Fields)
		}
		for _, step := range []func() error{r.certify, r.sign, r.seal} {
			if err := step(); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		if report := r.verdict(r.Production.Authority.Roots()); report.Level != pades.LevelLTA || report.Verdict != pades.Unchanged {
			t.Errorf("%s: the verdict is %s at level %s", kind, report.Verdict, report.Level)
		}
	}
}
