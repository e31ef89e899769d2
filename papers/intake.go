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
// limit bytes long.
func (p *Papers) Accept(ctx context.Context, name string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error) {
	file, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return envelope.Document{}, envelope.Revision{}, problem.Invalid("upload_broken", "The upload ended before the file was complete.").Because(err)
	case len(file) == 0:
		return envelope.Document{}, envelope.Revision{}, problem.Invalid("document_empty", "The file is empty.")
	case int64(len(file)) > limit:
		return envelope.Document{}, envelope.Revision{}, problem.TooLarge("document_too_large", fmt.Sprintf("The file is larger than %d MB.", limit>>20))
	}
	report, err := pades.Inspect(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return envelope.Document{}, envelope.Revision{}, err
	}
	sum := sha256.Sum256(file)
	doc := envelope.Document{ID: id.New(id.Document), Name: name, Size: int64(len(file)), SHA256: hex.EncodeToString(sum[:])}
	for _, page := range report.Pages {
		doc.Pages = append(doc.Pages, envelope.Size{Width: page.Width, Height: page.Height})
	}
	blob := "uploads/" + doc.ID
	if _, err := p.Vault.Put(ctx, blob, bytes.NewReader(file)); err != nil {
		return doc, envelope.Revision{}, fmt.Errorf("keep upload %s: %w", doc.ID, err)
	}
	return doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: blob}, nil
}
