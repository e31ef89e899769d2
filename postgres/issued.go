package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// issuedPrint is how a file is found again by its digest, in hexadecimal.
func (s *Store) issuedPrint(digest string) []byte {
	return s.sealer.Fingerprint("issued file", []byte(digest))
}

// issuedRow travels inside JSON, as recipientRow does.
type issuedRow struct {
	Print    bytea  `json:"fingerprint"`
	Document string `json:"document_id"`
	Number   int    `json:"number"`
}

// storeIssued is the part of a statement that stores the files in @issued of the
// envelope that the part named swapped returns.
const storeIssued = `
	issued_stored as (
		insert into issued (fingerprint, envelope_id, document_id, number, at)
		select i.fingerprint, s.id, i.document_id, i.number, @at
		  from swapped s, json_populate_recordset(null::issued, @issued) i
		on conflict do nothing
	)`

func (s *Store) issuedRows(revisions []envelope.Revision) []issuedRow {
	rows := make([]issuedRow, len(revisions))
	for i, r := range revisions {
		rows[i] = issuedRow{s.issuedPrint(r.SHA256), r.Document, r.Number}
	}
	return rows
}

// NoteIssued notes that the audit trail of an envelope was given out with this
// SHA-256 digest, in hexadecimal.
func (s *Store) NoteIssued(ctx context.Context, envelopeID, digest string, at time.Time) error {
	_, err := s.pool.Exec(ctx, `
		insert into issued (fingerprint, envelope_id, at) values (@print, @envelope, @at) on conflict do nothing`,
		pgx.StrictNamedArgs{"print": s.issuedPrint(digest), "envelope": envelopeID, "at": at})
	if err != nil {
		return fmt.Errorf("note that the audit trail of envelope %s was issued: %w", envelopeID, err)
	}
	return nil
}

// maxIssued is how many digests are asked about at once: more revisions than a
// file that was signed by all that it may be.
const maxIssued = 1000

// Issued returns what is known of the files with these digests, in hexadecimal, by digest.
func (s *Store) Issued(ctx context.Context, digests []string) (map[string]envelope.Issue, error) {
	prints := make([][]byte, 0, len(digests))
	of := map[string]string{}
	for _, digest := range digests[max(0, len(digests)-maxIssued):] {
		print := s.issuedPrint(digest)
		prints, of[hex.EncodeToString(print)] = append(prints, print), digest
	}
	// Whoever has the file may know where it is from.
	rows, _ := s.pool.Query(unguarded(ctx), `
		select i.fingerprint, i.document_id is null as trail, coalesce(i.number, 0) as revision, i.at, e.test,
		       i.document_id is null or e.status = 'completed' and not exists (
		           select from issued later
		            where later.envelope_id = i.envelope_id and later.document_id = i.document_id and later.number > i.number) as final
		  from issued i join envelopes e on e.id = i.envelope_id
		 where i.fingerprint = any(@prints)`, pgx.StrictNamedArgs{"prints": prints})
	type row struct {
		Fingerprint []byte
		Trail       bool
		Revision    int
		At          time.Time
		Test        bool
		Final       bool
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("look for issued files: %w", err)
	}
	issues := map[string]envelope.Issue{}
	for _, r := range found {
		issues[of[hex.EncodeToString(r.Fingerprint)]] = envelope.Issue{Trail: r.Trail, Revision: r.Revision, At: r.At.UTC(), Final: r.Final, Test: r.Test}
	}
	return issues, nil
}

// FillIssued notes up to limit revisions that were stored before such notes were
// taken, and tells how many it found.
func (s *Store) FillIssued(ctx context.Context, limit int) (int, error) {
	rows, _ := s.pool.Query(ctx, `
		select r.envelope_id, r.document_id, r.number, r.sealed, coalesce(e.ended_at, e.sent_at, e.created_at) as at
		  from revisions r join envelopes e on e.id = r.envelope_id
		 where not exists (select from issued i
		                    where i.envelope_id = r.envelope_id and i.document_id = r.document_id and i.number = r.number)
		 limit @limit`, pgx.StrictNamedArgs{"limit": limit})
	type row struct {
		EnvelopeID string
		DocumentID string
		Number     int
		Sealed     []byte
		At         time.Time
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return 0, fmt.Errorf("look for revisions without a note: %w", err)
	}
	for _, r := range found {
		var words revisionWords
		if err := s.unseal(&words, r.Sealed, "revisions", "sealed", revisionID(r.EnvelopeID, r.DocumentID, r.Number)); err != nil {
			return 0, err
		}
		if _, err := s.pool.Exec(ctx, `
			insert into issued (fingerprint, envelope_id, document_id, number, at)
			values (@print, @envelope, @document, @number, @at) on conflict do nothing`,
			pgx.StrictNamedArgs{"print": s.issuedPrint(words.SHA256), "envelope": r.EnvelopeID, "document": r.DocumentID, "number": r.Number, "at": r.At}); err != nil {
			return 0, fmt.Errorf("note revision %d of document %s: %w", r.Number, r.DocumentID, err)
		}
	}
	return len(found), nil
}
