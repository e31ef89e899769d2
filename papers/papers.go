// Package papers keeps the documents: it takes uploads in, certifies, signs and
// seals them, and gives out what they have become.
//
// A document is its upload and the revisions appended to it, each a blob of its
// own in the vault; a file is their concatenation. No blob is ever rewritten, and
// a blob that no revision names (its step was repeated after a crash) was never
// given to anybody.
package papers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"chancery/audit"
	"chancery/envelope"
	"chancery/id"
	"chancery/pades"
	"chancery/vault"
)

// Papers needs all of its fields.
type Papers struct {
	Vault      *vault.Store
	Records    Records
	Sandbox    *House // for tests: leads to a root nobody trusts
	Production *House
	Level      pades.Level         // that documents reach
	Trust      []*x509.Certificate // roots of others, for files that people bring to be checked
}

// Records is what papers need of the database.
type Records interface {
	Revisions(ctx context.Context, envelopeID, documentID string) ([]envelope.Revision, error)
	Trail(ctx context.Context, chain string) ([]audit.Entry, error)
	Note(ctx context.Context, chain string, evidence envelope.Evidence) error
	// NoteIssued keeps the digest of an audit trail that was given out.
	NoteIssued(ctx context.Context, envelopeID, digest string, at time.Time) error
	// Issued returns what is known of the files with these digests.
	Issued(ctx context.Context, digests []string) (map[string]envelope.Issue, error)
}

// house of the envelope's kind of team: the two are never mixed.
func (p *Papers) house(e envelope.Envelope) *House {
	if e.Test {
		return p.Sandbox
	}
	return p.Production
}

// file reads a document as these revisions have made it.
func (p *Papers) file(ctx context.Context, revisions []envelope.Revision) ([]byte, error) {
	if len(revisions) == 0 {
		return nil, fmt.Errorf("read document: it has no revisions")
	}
	newest := revisions[len(revisions)-1]
	file := make([]byte, 0, newest.Size)
	for _, r := range revisions {
		part, err := p.Vault.ReadAll(ctx, r.Blob)
		if err != nil {
			return nil, fmt.Errorf("read revision %d of document %s: %w", r.Number, r.Document, err)
		}
		file = append(file, part...)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != newest.SHA256 {
		return nil, fmt.Errorf("read document %s: its bytes are not those that were recorded", newest.Document)
	}
	return file, nil
}

// append keeps the bytes that a signature adds. Its name is new at every try, so
// that a repeat after a crash never meets the bytes of the try before.
func (p *Papers) append(ctx context.Context, e envelope.Envelope, file, increment []byte, document string, number int, plan []byte) (envelope.Revision, error) {
	name := fmt.Sprintf("%s/%s/%d.%s", e.ID, document, number, id.New("rev"))
	if _, err := p.Vault.Put(ctx, name, bytes.NewReader(increment)); err != nil {
		return envelope.Revision{}, fmt.Errorf("keep revision %d of document %s: %w", number, document, err)
	}
	sum := sha256.Sum256(file)
	return envelope.Revision{
		Document: document,
		Number:   number,
		Size:     int64(len(file)),
		SHA256:   hex.EncodeToString(sum[:]),
		Blob:     name,
		Plan:     plan,
	}, nil
}
