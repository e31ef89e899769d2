package papers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"chancery/papers"
	"chancery/problem"
	"chancery/vault"
)

const uploadLimit = 1 << 20

func newPapers(t *testing.T) *papers.Papers {
	t.Helper()
	dir := t.TempDir()
	kek, err := vault.KeyFile(filepath.Join(dir, "kek"))
	if err != nil {
		t.Fatal(err)
	}
	disk, err := vault.NewDisk(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return &papers.Papers{Vault: vault.NewStore(disk, kek)}
}

// onePage is a file whose catalog has these members besides its pages.
func onePage(members string) []byte {
	b := []byte("%PDF-1.7\n")
	var offsets []int
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R" + members + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>",
	} {
		offsets = append(offsets, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = append(b, "xref\n0 4\n0000000000 65535 f \n"...)
	for _, at := range offsets {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n%d\n%%%%EOF\n", start)
}

const script = "/OpenAction<</S/JavaScript/JS(app.alert)>>"

func TestAHarmlessUploadIsKeptByteForByte(t *testing.T) {
	p := newPapers(t)
	file := onePage("/OpenAction[3 0 R/Fit]")
	doc, revision, err := p.Accept(t.Context(), "a.pdf", "", bytes.NewReader(file), uploadLimit)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.Vault.ReadAll(t.Context(), revision.Blob)
	if err != nil || !bytes.Equal(kept, file) {
		t.Errorf("kept %d of %d bytes: %v", len(kept), len(file), err)
	}
	if r := doc.Report; r == nil || r.SHA256 != doc.SHA256 || r.Size != doc.Size || len(r.Reasons) > 0 {
		t.Errorf("the report is %+v", r)
	}
	if doc.Removed != nil || len(doc.Pages) != 1 || doc.Pages[0].Width != 300 {
		t.Errorf("%+v", doc)
	}
}

func TestAnUploadWithAScriptIsKeptWithoutItAndSaysSo(t *testing.T) {
	file := onePage(script)
	p := newPapers(t)
	doc, revision, err := p.Accept(t.Context(), "a.pdf", "", bytes.NewReader(file), uploadLimit)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := p.Vault.ReadAll(t.Context(), revision.Blob)
	if err != nil || bytes.Contains(kept, []byte("alert")) {
		t.Errorf("kept %q: %v", kept, err)
	}
	sum := sha256.Sum256(kept)
	if doc.Size != int64(len(kept)) || doc.SHA256 != hex.EncodeToString(sum[:]) || revision.SHA256 != doc.SHA256 || revision.Size != doc.Size {
		t.Errorf("size and digest are not those of what is kept: %+v %+v", doc, revision)
	}
	came := sha256.Sum256(file)
	if r := doc.Report; r.SHA256 != hex.EncodeToString(came[:]) || len(r.Reasons) != 1 || r.Reasons[0].Severity != "normalised" || r.Reasons[0].Kind != "JavaScript" {
		t.Errorf("the report is %+v", r)
	}
	if !slices.Equal(doc.Removed, []string{"JavaScript"}) || len(doc.Pages) != 1 {
		t.Errorf("%+v", doc)
	}
}

func TestUploadsThatCannotBeSignedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		file []byte
		code string
	}{
		"nothing":                     {nil, "document_empty"},
		"more than the limit":         {make([]byte, uploadLimit+1), "document_too_large"},
		"a letter":                    {[]byte("Dear Ann"), "not_a_pdf"},
		"a form that a program draws": {onePage("/NeedsRendering true/AcroForm<</XFA(<xdp/>)>>"), "pdf_xfa_only"},
		"a script in a signed file":   {onePage(script + "/Perms<</DocMDP<<>>>>"), "pdf_already_signed"},
		"a script that poses as data": {onePage("/PieceInfo<</Type/Font/S/JavaScript>>"), "pdf_active_content"},
	} {
		p := newPapers(t)
		if _, _, err := p.Accept(t.Context(), "a.pdf", "", bytes.NewReader(tt.file), uploadLimit); !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
