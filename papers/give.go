package papers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // signatures come as PNG or JPEG
	_ "image/png"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
)

// Current returns a document as it stands.
func (p *Papers) Current(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error) {
	if _, ok := e.Document(documentID); !ok {
		return nil, problem.Missing("document_missing", "There is no such document.")
	}
	revisions, err := p.Records.Revisions(ctx, e.ID, documentID)
	if err != nil {
		return nil, err
	}
	return p.file(ctx, revisions)
}

// Final returns a document once it is sealed.
func (p *Papers) Final(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error) {
	if e.Status != envelope.Completed {
		return nil, problem.Conflict("envelope_not_completed", "The document is final when everybody has signed.")
	}
	return p.Current(ctx, e, documentID)
}

// Limits of an uploaded picture of a signature.
const (
	MaxPicture       = 1 << 20 // bytes
	maxPictureSide   = 4000    // pixels
	maxPicturePixels = 4 << 20
)

// KeepPicture keeps the picture of a signature until the act that names it.
func (p *Papers) KeepPicture(ctx context.Context, envelopeID string, picture []byte) (string, error) {
	if len(picture) > MaxPicture {
		return "", problem.TooLarge("picture_too_large", "The picture is larger than 1 MB.")
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return "", problem.Invalid("picture_invalid", "The picture is neither a PNG nor a JPEG.").Because(err)
	}
	if max(size.Width, size.Height) > maxPictureSide || size.Width*size.Height > maxPicturePixels || size.Width*size.Height == 0 {
		return "", problem.TooLarge("picture_too_large", "The picture has too many pixels.")
	}
	name := id.New("pic")
	if _, err := p.Vault.Put(ctx, pictureBlob(envelopeID, name), bytes.NewReader(picture)); err != nil {
		return "", fmt.Errorf("keep picture of envelope %s: %w", envelopeID, err)
	}
	return name, nil
}

// picture of an act: it must have been uploaded to the same envelope.
func (p *Papers) picture(ctx context.Context, envelopeID, name string) ([]byte, error) {
	if !id.Is("pic", name) {
		return nil, errors.New("its name is not one of ours")
	}
	return p.Vault.ReadAll(ctx, pictureBlob(envelopeID, name))
}

func pictureBlob(envelopeID, name string) string { return envelopeID + "/pictures/" + name }
