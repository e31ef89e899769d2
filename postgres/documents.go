package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// uploadWords is the sealed part of an uploaded document.
type uploadWords struct {
	Document envelope.Document `json:"document"`
	Plan     []byte            `json:"plan,omitempty"`
}

// AddDocument stores an upload: what it is, and where the vault keeps its bytes,
// which are revision 0. The same upload a second time changes nothing.
func (s *Store) AddDocument(ctx context.Context, teamID string, d envelope.Document, upload envelope.Revision) error {
	sealed, err := s.seal(uploadWords{d, upload.Plan}, "documents", "sealed", d.ID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		insert into documents (id, team_id, blob, size, sealed)
		values (@id, @team, @blob, @size, @sealed)
		on conflict (id) do nothing`,
		pgx.StrictNamedArgs{"id": d.ID, "team": teamID, "blob": upload.Blob, "size": d.Size, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("store document %s of team %s: %w", d.ID, teamID, err)
	}
	return nil
}

// Document returns a document of one of these teams, and of which. Another team's is
// as missing as one that never was.
func (s *Store) Document(ctx context.Context, teams []string, id string) (d envelope.Document, teamID string, err error) {
	var sealed []byte
	err = s.pool.QueryRow(ctx, `
		select team_id, sealed from documents where id = @id and team_id = any(@teams)`,
		pgx.StrictNamedArgs{"id": id, "teams": teams}).Scan(&teamID, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, "", errDocumentMissing
	}
	if err != nil {
		return d, "", fmt.Errorf("read document %s: %w", id, err)
	}
	var words uploadWords
	err = s.unseal(&words, sealed, "documents", "sealed", id)
	return words.Document, teamID, err
}
