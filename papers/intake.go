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
	"chancery/jail"
	"chancery/problem"
)

// Accept takes an upload in: it must be a PDF that can be certified, and at most
// limit bytes long. It is read in the jail only. What speaks against it is taken
// out, which the document tells; every other file is kept byte for byte. The
// password opens an encrypted file, which is kept without it.
func (p *Papers) Accept(ctx context.Context, name, password string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error) {
	file, err := readUpload(r, limit)
	if err != nil {
		return envelope.Document{}, envelope.Revision{}, err
	}
	result, err := jail.Normalise(ctx, bytes.NewReader(file), int64(len(file)), password)
	if err != nil {
		return envelope.Document{}, envelope.Revision{}, err
	}
	report := reportOn(file, result)
	if result.File != nil {
		file = result.File
	}
	doc := envelope.Document{
		ID: id.New(id.Document), Name: name, Size: int64(len(file)), SHA256: digest(file), Removed: result.Removed, Report: report,
	}
	for _, page := range result.Kept.Pages {
		doc.Pages = append(doc.Pages, envelope.Size{Width: page.Width, Height: page.Height})
	}
	blob := "uploads/" + doc.ID
	if _, err := p.Vault.Put(ctx, blob, bytes.NewReader(file)); err != nil {
		return doc, envelope.Revision{}, fmt.Errorf("keep upload %s: %w", doc.ID, err)
	}
	return doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: blob}, nil
}

func reportOn(file []byte, result jail.Result) *envelope.Report {
	report := &envelope.Report{Size: int64(len(file)), SHA256: digest(file), Reasons: []envelope.Reason{}}
	for _, r := range result.Found.Reasons {
		report.Reasons = append(report.Reasons, envelope.Reason{
			Code: r.Code, Severity: string(r.Severity), Sentence: r.Sentence, Kind: r.Kind, Where: r.Where, Count: r.Count,
		})
	}
	return report
}

func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
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
