package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
)

// content is the sealed part of an envelope that the sender wrote. It is fixed
// when the envelope is sent, so that later changes need not write it again.
type content struct {
	Form      int                 `json:"form"` // how to read this; see contentForm
	Title     string              `json:"title"`
	Message   string              `json:"message,omitempty"`
	Tags      []string            `json:"tags,omitempty"`
	Sender    envelope.Person     `json:"sender"`
	Documents []envelope.Document `json:"documents,omitempty"`
	Quorums   []envelope.Quorum   `json:"quorums,omitempty"`
	Fields    []envelope.Field    `json:"fields,omitempty"`
	Pace      envelope.Pace       `json:"pace"`
	Lifetime  time.Duration       `json:"lifetime"`
}

// contentForm numbers the stored form of an envelope's content, fields above all.
const contentForm = 1

func (s *Store) sealContent(e envelope.Envelope) ([]byte, error) {
	return s.seal(content{
		Form: contentForm, Title: e.Title, Message: e.Message, Tags: e.Tags, Sender: e.Sender, Documents: e.Documents,
		Quorums: e.Quorums, Fields: e.Fields, Pace: e.Pace, Lifetime: e.Lifetime,
	}, "envelopes", "content", e.ID)
}

type envelopeRow struct {
	ID         string
	TeamID     string
	Owner      string
	Version    int64
	Sequence   int64
	Status     envelope.Status
	Test       bool
	CreatedAt  time.Time
	SentAt     zeronull.Timestamptz
	ExpiresAt  zeronull.Timestamptz
	EndedAt    zeronull.Timestamptz
	Content    []byte
	Reason     []byte
	Awaits     envelope.Awaited
	Ahead      time.Duration
	Recipients []recipientRow
}

// envelopeColumns reads an envelope with its recipients in one statement, hence as
// it stood at one moment.
const envelopeColumns = `e.id, e.team_id, e.owner, e.version, e.sequence, e.status, e.test, e.created_at, e.sent_at,
	e.expires_at, e.ended_at, e.content, e.reason, e.awaits, ` + aheadOfE + ` as ahead,
	(select coalesce(json_agg(to_json(r) order by r.position), '[]') from recipients r where r.envelope_id = e.id) as recipients`

func (s *Store) envelope(row envelopeRow) (envelope.Envelope, error) {
	var words content
	if err := s.unseal(&words, row.Content, "envelopes", "content", row.ID); err != nil {
		return envelope.Envelope{}, err
	}
	if words.Form != contentForm {
		return envelope.Envelope{}, fmt.Errorf("read envelope %s: its content has form %d, this program knows %d", row.ID, words.Form, contentForm)
	}
	e := envelope.Envelope{
		ID: row.ID, Team: row.TeamID, Owner: row.Owner, Version: row.Version, Sequence: row.Sequence, Status: row.Status, Test: row.Test,
		Title: words.Title, Message: words.Message, Tags: words.Tags, Sender: words.Sender, Documents: words.Documents,
		Quorums: words.Quorums, Fields: words.Fields, Pace: words.Pace, Lifetime: words.Lifetime,
		CreatedAt: row.CreatedAt, SentAt: time.Time(row.SentAt), ExpiresAt: time.Time(row.ExpiresAt), EndedAt: time.Time(row.EndedAt), Awaits: row.Awaits, Ahead: row.Ahead,
	}
	if row.Reason != nil {
		if err := s.unseal(&e.Reason, row.Reason, "envelopes", "reason", row.ID); err != nil {
			return envelope.Envelope{}, err
		}
	}
	recipients, err := each(row.Recipients, s.recipient)
	e.Recipients = recipients
	return e, err
}

// Envelope returns the envelope with that id, whoever's it is.
func (s *Store) Envelope(ctx context.Context, id string) (envelope.Envelope, error) {
	return s.oneEnvelope(ctx, `e.id = @id`, pgx.StrictNamedArgs{"id": id})
}

// TeamEnvelope returns a team's envelope. Another team's is as missing as one that never was.
func (s *Store) TeamEnvelope(ctx context.Context, teamID, id string) (envelope.Envelope, error) {
	return s.oneEnvelope(ctx, `e.id = @id and e.team_id = @team`, pgx.StrictNamedArgs{"id": id, "team": teamID})
}

// EnvelopeAmong returns the envelope when it is of one of these teams.
func (s *Store) EnvelopeAmong(ctx context.Context, teams []string, id string) (envelope.Envelope, error) {
	return s.oneEnvelope(ctx, `e.id = @id and e.team_id = any(@teams)`, pgx.StrictNamedArgs{"id": id, "teams": teams})
}

// EnvelopeByRecipient returns the envelope that the recipient is in, for somebody
// who has the recipient's link.
func (s *Store) EnvelopeByRecipient(ctx context.Context, recipientID string) (envelope.Envelope, error) {
	e, err := s.oneEnvelope(unguarded(ctx), `e.id = (select envelope_id from recipients where id = @id)`, pgx.StrictNamedArgs{"id": recipientID})
	if err == nil {
		admit(ctx, e.Team)
	}
	return e, err
}

func (s *Store) oneEnvelope(ctx context.Context, which string, args pgx.StrictNamedArgs) (envelope.Envelope, error) {
	rows, _ := s.pool.Query(ctx, `select `+envelopeColumns+` from envelopes e where `+which, args)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[envelopeRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return envelope.Envelope{}, errEnvelopeMissing
	}
	if err != nil {
		return envelope.Envelope{}, fmt.Errorf("read envelope of %s: %w", args["id"], err)
	}
	return s.envelope(row)
}
