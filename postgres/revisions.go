package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// revisionWords is the sealed part of a revision. The digest is that of the whole
// document, by which somebody who has a copy could find where it was signed.
type revisionWords struct {
	SHA256 string `json:"sha256"`
	Plan   []byte `json:"plan,omitempty"`

	RenewAt time.Time `json:"renew_at,omitzero"`
}

// revisionRow is a revision on its way into the database; see commit.go.
type revisionRow struct {
	Document string `json:"document_id"`
	Number   int    `json:"number"`
	Blob     string `json:"blob"`
	Size     int64  `json:"size"`
	Sealed   bytea  `json:"sealed"`
}

func revisionID(envelopeID, documentID string, number int) string {
	return envelopeID + "/" + documentID + "/" + strconv.Itoa(number)
}

func (s *Store) revisionRows(envelopeID string, revisions []envelope.Revision) ([]revisionRow, error) {
	return each(revisions, func(r envelope.Revision) (revisionRow, error) {
		sealed, err := s.seal(revisionWords{r.SHA256, r.Plan, r.RenewAt}, "revisions", "sealed", revisionID(envelopeID, r.Document, r.Number))
		return revisionRow{r.Document, r.Number, r.Blob, r.Size, sealed}, err
	})
}

// Revisions returns a document as it grew in an envelope, oldest first. The first
// is the upload, which belongs to no envelope in particular.
func (s *Store) Revisions(ctx context.Context, envelopeID, documentID string) ([]envelope.Revision, error) {
	return s.revisions(ctx, envelopeID, documentID, `order by number`)
}

// Newest returns the newest revision of a document in an envelope; the upload when
// nothing has been added to it.
func (s *Store) Newest(ctx context.Context, envelopeID, documentID string) (envelope.Revision, error) {
	found, err := s.revisions(ctx, envelopeID, documentID, `order by number desc limit 1`)
	if err != nil {
		return envelope.Revision{}, err
	}
	return found[0], nil
}

func (s *Store) revisions(ctx context.Context, envelopeID, documentID, which string) ([]envelope.Revision, error) {
	rows, _ := s.pool.Query(ctx, `
		select 0 as number, blob, size, sealed from documents where id = @document
		union all
		select number, blob, size, sealed from revisions
		 where envelope_id = @envelope and document_id = @document `+which,
		pgx.StrictNamedArgs{"envelope": envelopeID, "document": documentID})
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (envelope.Revision, error) {
		r := envelope.Revision{Document: documentID}
		var sealed []byte
		if err := row.Scan(&r.Number, &r.Blob, &r.Size, &sealed); err != nil {
			return r, err
		}
		return s.revision(r, envelopeID, sealed)
	})
	if err != nil {
		return nil, fmt.Errorf("read revisions of document %s in envelope %s: %w", documentID, envelopeID, err)
	}
	if len(found) == 0 {
		return nil, errDocumentMissing
	}
	return found, nil
}

// revision opens the sealed part, which for number 0 is the upload's.
func (s *Store) revision(r envelope.Revision, envelopeID string, sealed []byte) (envelope.Revision, error) {
	if r.Number == 0 {
		var words uploadWords
		err := s.unseal(&words, sealed, "documents", "sealed", r.Document)
		r.SHA256, r.Plan = words.Document.SHA256, words.Plan
		return r, err
	}
	var words revisionWords
	err := s.unseal(&words, sealed, "revisions", "sealed", revisionID(envelopeID, r.Document, r.Number))
	r.SHA256, r.Plan, r.RenewAt = words.SHA256, words.Plan, words.RenewAt
	return r, err
}
