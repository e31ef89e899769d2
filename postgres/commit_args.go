package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
)

// actRow, eventRow and letterRow travel inside JSON, as recipientRow does.
type actRow struct {
	ID        string           `json:"id"`
	Recipient string           `json:"recipient_id"`
	Kind      envelope.ActKind `json:"kind"`
	Sealed    bytea            `json:"sealed"`
}

type eventRow struct {
	ID        string             `json:"id"`
	Sequence  int64              `json:"sequence"`
	Type      envelope.EventType `json:"type"`
	Recipient string             `json:"recipient_id,omitempty"`
	At        time.Time          `json:"at"`
	Payload   bytea              `json:"payload"`
}

type letterRow struct {
	ID        string              `json:"id"`
	Recipient string              `json:"recipient_id,omitempty"`
	About     string              `json:"about_id,omitempty"`
	Kind      envelope.LetterKind `json:"kind"`
}

// commitArgs seals everything of a change that does not depend on what is stored already.
func (s *Store) commitArgs(c envelope.Change) (pgx.StrictNamedArgs, error) {
	touched := c.Touched
	if touched == nil {
		touched = []string{} // none, where nil means all
	}
	recipients, err := s.recipientRows(c.After.Recipients, touched)
	if err != nil {
		return nil, err
	}
	acts, err := s.actRows(c)
	if err != nil {
		return nil, err
	}
	revisions, err := s.revisionRows(c.After.ID, c.Revisions)
	if err != nil {
		return nil, err
	}
	events, err := s.eventRows(c)
	if err != nil {
		return nil, err
	}
	reason, err := s.sealReason(c.After)
	return pgx.StrictNamedArgs{
		"envelope": c.After.ID, "version": c.After.Version, "change": c.ID, "at": c.Happened(),
		"status": c.After.Status, "sequence": c.After.Sequence, "reason": reason, "awaits": c.After.Awaits,
		"sent": zeronull.Timestamptz(c.After.SentAt), "expires": zeronull.Timestamptz(c.After.ExpiresAt),
		"ended":      zeronull.Timestamptz(c.After.EndedAt),
		"recipients": recipients, "acts": acts, "revisions": revisions, "issued": s.issuedRows(c.Revisions), "events": events, "letters": letterRows(c.Letters),
	}, err
}

func (s *Store) sealReason(e envelope.Envelope) ([]byte, error) {
	if e.Reason == "" {
		return nil, nil
	}
	return s.seal(e.Reason, "envelopes", "reason", e.ID)
}

func actID(envelopeID, act string) string { return envelopeID + "/" + act }

func (s *Store) actRows(c envelope.Change) ([]actRow, error) {
	if c.Act == nil {
		return []actRow{}, nil
	}
	sealed, err := s.seal(c.Act, "acts", "sealed", actID(c.After.ID, c.Act.ID))
	return []actRow{{c.Act.ID, c.Act.Recipient, c.Act.Kind, sealed}}, err
}

func (s *Store) eventRows(c envelope.Change) ([]eventRow, error) {
	return each(c.Events, func(e envelope.Event) (eventRow, error) {
		body, err := freeze(c.After, e)
		if err != nil {
			return eventRow{}, err
		}
		sealed, err := s.sealBytes(body, "events", "payload", e.ID)
		return eventRow{e.ID, e.Sequence, e.Type, e.Recipient, e.At, sealed}, err
	})
}

func letterRows(letters []envelope.Letter) []letterRow {
	rows := make([]letterRow, len(letters))
	for i, l := range letters {
		rows[i] = letterRow{l.ID, l.Recipient, l.About, l.Kind}
	}
	return rows
}

// Done tells whether the change has been stored.
func (s *Store) Done(ctx context.Context, envelopeID, changeID string) (bool, error) {
	var done bool
	err := s.pool.QueryRow(ctx, `
		select exists (select from changes where envelope_id = @envelope and id = @change)`,
		pgx.StrictNamedArgs{"envelope": envelopeID, "change": changeID}).Scan(&done)
	if err != nil {
		return false, fmt.Errorf("look for change %s of envelope %s: %w", changeID, envelopeID, err)
	}
	return done, nil
}

// Signature returns the act by which a recipient has signed.
func (s *Store) Signature(ctx context.Context, envelopeID, recipientID string) (act envelope.Act, err error) {
	var id string
	var sealed []byte
	err = s.pool.QueryRow(ctx, `
		select id, sealed from acts where envelope_id = @envelope and recipient_id = @recipient and kind = 'sign'`,
		pgx.StrictNamedArgs{"envelope": envelopeID, "recipient": recipientID}).Scan(&id, &sealed)
	if err == nil {
		err = s.unseal(&act, sealed, "acts", "sealed", actID(envelopeID, id))
	}
	if err != nil {
		return act, fmt.Errorf("read signature of recipient %s: %w", recipientID, err)
	}
	return act, nil
}

// Acts returns what the envelope's recipients answered, oldest first.
func (s *Store) Acts(ctx context.Context, envelopeID string) ([]envelope.Act, error) {
	rows, _ := s.pool.Query(ctx, `
		select id, sealed from acts where envelope_id = $1 order by at, id`, envelopeID)
	acts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (act envelope.Act, err error) {
		var id string
		var sealed []byte
		if err := row.Scan(&id, &sealed); err != nil {
			return act, err
		}
		err = s.unseal(&act, sealed, "acts", "sealed", actID(envelopeID, id))
		return act, err
	})
	if err != nil {
		return nil, fmt.Errorf("read acts of envelope %s: %w", envelopeID, err)
	}
	return acts, nil
}
