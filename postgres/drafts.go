package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/audit"
	"chancery/envelope"
)

// CreateDraft stores a new envelope and opens its audit chain. The same envelope a
// second time changes nothing.
func (s *Store) CreateDraft(ctx context.Context, e envelope.Envelope, ev envelope.Evidence) error {
	entries, head, err := s.chain(audit.Start(e.ID), 0, e.ID, e.CreatedAt, []envelope.Evidence{ev})
	if err != nil {
		return err
	}
	args, err := s.draftArgs(e)
	if err != nil {
		return err
	}
	for name, value := range map[string]any{
		"team": e.Team, "owner": e.Owner, "test": e.Test, "created": e.CreatedAt, "sequence": e.Sequence,
		"head_n": len(entries), "head_hash": head[:], "evidence": entries,
	} {
		args[name] = value
	}
	_, err = s.pool.Exec(ctx, `
		with swapped as (
			insert into envelopes (id, team_id, owner, version, sequence, status, test, created_at, content, head_n, head_hash)
			values (@id, @team, @owner, @version, @sequence, 'draft', @test, @created, @content, @head_n, @head_hash)
			returning id, team_id, created_at
		),`+storeTags+`,`+storeRecipients+`,`+storeEvidence+`
		select from swapped`, args)
	if violates(err, "envelopes_pkey") {
		_, err = s.TeamEnvelope(ctx, e.Team, e.ID)
	}
	if err != nil {
		return fmt.Errorf("store draft of envelope %s: %w", e.ID, err)
	}
	return nil
}

func (s *Store) draftArgs(e envelope.Envelope) (pgx.StrictNamedArgs, error) {
	words, err := s.sealContent(e)
	if err != nil {
		return nil, err
	}
	recipients, err := s.recipientRows(e.Recipients, nil)
	return pgx.StrictNamedArgs{"id": e.ID, "version": e.Version, "content": words, "tags": s.tagPrints(e.Tags), "recipients": recipients}, err
}

// SaveDraft replaces what a draft says. It must be the draft as it was read: when
// it has been saved or sent meanwhile, the problem is envelope_changed.
func (s *Store) SaveDraft(ctx context.Context, e envelope.Envelope) error {
	args, err := s.draftArgs(e)
	if err != nil {
		return err
	}
	staying := make([]string, len(e.Recipients))
	for i, r := range e.Recipients {
		staying[i] = r.ID
	}
	args["staying"] = staying
	tag, err := s.pool.Exec(ctx, `
		with swapped as (
			update envelopes set version = version + 1, content = @content
			 where id = @id and version = @version and status = 'draft'
			returning id, team_id, created_at
		), recipients_gone as (
			delete from recipients
			 where envelope_id in (select id from swapped) and id <> all(@staying::text[])
		),`+storeTags+`,`+storeRecipients+`
		select from swapped`, args)
	if err != nil {
		return fmt.Errorf("save draft of envelope %s: %w", e.ID, err)
	}
	return swappedOne(tag.RowsAffected())
}

// DeleteDraft removes a team's draft. Its audit chain stays.
func (s *Store) DeleteDraft(ctx context.Context, teamID, id string) error {
	tag, err := s.pool.Exec(ctx, `
		delete from envelopes where id = @id and team_id = @team and status = 'draft'`,
		pgx.StrictNamedArgs{"id": id, "team": teamID})
	if err != nil {
		return fmt.Errorf("delete draft of envelope %s: %w", id, err)
	}
	if tag.RowsAffected() == 1 {
		return nil
	}
	if _, err := s.TeamEnvelope(ctx, teamID, id); err != nil {
		return err
	}
	return errEnvelopeChanged // it has been sent
}

func swappedOne(rows int64) error {
	if rows == 0 {
		return errEnvelopeChanged
	}
	return nil
}

// now is the time of what has no time of its own, as PostgreSQL keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
