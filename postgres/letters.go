package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
)

// LetterStatus is where a letter stands.
type LetterStatus string

const (
	LetterPending LetterStatus = "pending" // not yet taken by the mail server
	LetterSent    LetterStatus = "sent"
	LetterRefused LetterStatus = "refused" // for good
)

// Letter is a letter as the dashboard shows it.
type Letter struct {
	envelope.Letter
	Status    LetterStatus
	CreatedAt time.Time
	SettledAt time.Time // zero while it is pending
	Why       string    // it was refused or still waits, in words for its sender
}

// Letters returns the envelope's letters, oldest first.
func (s *Store) Letters(ctx context.Context, envelopeID string) ([]Letter, error) {
	rows, _ := s.pool.Query(ctx, `
		select id, kind, recipient_id, about_id, status, created_at, settled_at, sealed
		  from letters where envelope_id = $1 order by created_at, id`, envelopeID)
	letters, err := pgx.CollectRows(rows, s.letter)
	if err != nil {
		return nil, fmt.Errorf("read letters of envelope %s: %w", envelopeID, err)
	}
	return letters, nil
}

func (s *Store) letter(row pgx.CollectableRow) (Letter, error) {
	var l Letter
	var sealed []byte
	err := row.Scan(&l.ID, &l.Kind, (*zeronull.Text)(&l.Recipient), (*zeronull.Text)(&l.About), &l.Status, &l.CreatedAt, (*zeronull.Timestamptz)(&l.SettledAt), &sealed)
	if err != nil || sealed == nil {
		return l, err
	}
	var words letterWords
	err = s.unseal(&words, sealed, "letters", "sealed", l.ID)
	l.Why = words.Why
	return l, err
}
