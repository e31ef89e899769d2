package templates_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/connectors/mapping"
	"chancery/jail"
	"chancery/pages"
	"chancery/tags"
	"chancery/templates"
	"chancery/templates/sample"
)

func TestMain(m *testing.M) {
	jail.Main()
	os.Exit(m.Run())
}

func reader(t testing.TB) *pages.Pages {
	t.Helper()
	p := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pdfium")})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// text of the first page.
func text(t *testing.T, p *pages.Pages, file []byte) string {
	t.Helper()
	lines, err := p.Text(t.Context(), pages.File{Key: t.Name() + time.Now().String(), Read: func(context.Context) ([]byte, error) { return file, nil }}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, "\n")
}

// From a template and a record to a PDF with the places to sign, with the real
// programs. CHANCERY_PICTURES is a folder for looking at them.
func TestARecordBecomesADocumentToSign(t *testing.T) {
	place, err := mapping.PlaceOf("de", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := reader(t)
	for _, tt := range []struct {
		kind     templates.Kind
		template []byte
		there    bool
		fields   string
	}{
		{templates.DOCX, sample.Contract(), jail.CanWrite(), "text signer1 · checkbox signer1 · signature signer1 · signature signer2 · date signer1 · date signer2"},
		{templates.HTML, sample.Offer, jail.CanBrowse(), "text signer1 · signature signer1 · date signer1 · signature signer2 · date signer2"},
	} {
		if !tt.there {
			t.Skipf("skipped 1 case: what makes PDFs of %s is not installed", tt.kind)
		}
		filled, err := templates.Fill(tt.kind, tt.template, sample.Record(), place)
		if err != nil {
			t.Fatalf("%s: %v", tt.kind, err)
		}
		file, err := templates.Render(t.Context(), tt.kind, filled)
		if err != nil {
			t.Fatalf("%s: %v", tt.kind, err)
		}
		found, cleaned, err := tags.Finder{Pages: p}.Find(t.Context(), file)
		if err != nil {
			t.Fatalf("%s: %v", tt.kind, err)
		}
		keep(t, string(tt.kind)+"-filled", filled)
		keep(t, string(tt.kind)+"-tagged.pdf", file)
		keep(t, string(tt.kind)+"-cleaned.pdf", cleaned)
		var fields []string
		for _, f := range found {
			fields = append(fields, string(f.Kind)+" "+f.Recipient)
			t.Logf("%+v", f)
		}
		if got := strings.Join(fields, " · "); !sameWords(got, tt.fields) {
			t.Errorf("%s has %s", tt.kind, got)
		}
		said := text(t, p, cleaned)
		for _, want := range []string{"Lee & Söhne <GmbH>", "30. November 2026", "1.558,80", "15.870,50", "€", "会議用テーブル", "株式会社東京", "Delivery within four weeks.", "Payment within 30 days.", "Framework agreement of 2025"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s does not say %q", tt.kind, want)
			}
		}
		for _, never := range []string{"{{", "[[", "<<", "signer"} {
			if strings.Contains(said, never) {
				t.Errorf("%s still says %q:\n%s", tt.kind, never, said)
			}
		}
	}
}

// sameWords compares lists in any order: cells of a table may be read either way.
func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, word := range strings.Split(a, " · ") {
		count[word]++
	}
	for _, word := range strings.Split(b, " · ") {
		count[word]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func keep(t *testing.T, name string, file []byte) {
	t.Helper()
	if dir := os.Getenv("CHANCERY_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o644); err != nil {
			t.Error(err)
		}
	}
}
