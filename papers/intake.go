package papers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"chancery/envelope"
	"chancery/id"
	"chancery/pades"
	"chancery/problem"
)

// Accept takes an upload in: it must be a PDF that can be certified, and at most
// limit bytes long. Active content is taken out of it, which the document tells;
// every other file is kept byte for byte.
func (p *Papers) Accept(ctx context.Context, name string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error) {
	file, err := readUpload(r, limit)
	if err != nil {
		return envelope.Document{}, envelope.Revision{}, err
	}
	file, report, removed, err := harmless(ctx, file)
	if err != nil {
		return envelope.Document{}, envelope.Revision{}, err
	}
	sum := sha256.Sum256(file)
	doc := envelope.Document{
		ID: id.New(id.Document), Name: name, Size: int64(len(file)), SHA256: hex.EncodeToString(sum[:]), Removed: removed,
	}
	for _, page := range report.Pages {
		doc.Pages = append(doc.Pages, envelope.Size{Width: page.Width, Height: page.Height})
	}
	blob := "uploads/" + doc.ID
	if _, err := p.Vault.Put(ctx, blob, bytes.NewReader(file)); err != nil {
		return doc, envelope.Revision{}, fmt.Errorf("keep upload %s: %w", doc.ID, err)
	}
	return doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: blob}, nil
}

func readUpload(r io.Reader, limit int64) ([]byte, error) {
	file, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, problem.Invalid("upload_broken", "The upload ended before the file was complete.").Because(err)
	case len(file) == 0:
		return nil, problem.Invalid("document_empty", "The file is empty.")
	case int64(len(file)) > limit:
		return nil, problem.TooLarge("document_too_large", fmt.Sprintf("The file is larger than %d MB.", limit>>20))
	}
	return file, nil
}

// harmless returns the file itself, or what is left of it without its active
// content. What is left must pass the same inspection.
func harmless(ctx context.Context, file []byte) (kept []byte, report pades.Inspection, removed []string, err error) {
	report, err = pades.Inspect(ctx, bytes.NewReader(file), int64(len(file)))
	if !problem.Has(err, "pdf_active_content") {
		return file, report, nil, err
	}
	kept, removed, err = pades.Clean(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, report, nil, err
	}
	report, err = pades.Inspect(ctx, bytes.NewReader(kept), int64(len(kept)))
	return kept, report, removed, err
}
