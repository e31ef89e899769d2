package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"chancery/audit"
	"chancery/envelope"
)

// commitTries is how often a commit begins anew because a note was added to the
// envelope's audit chain in between. Notes are rare; a second in the same moment is rarer.
const commitTries = 5

// Commit stores a change: state, act, revisions, evidence, events, deliveries and
// letters, all or nothing. The same change again is done already and nil. A change
// of an envelope that has changed meanwhile is the problem envelope_changed.
//
// A sent envelope's content (title, tags, documents, fields) does not change any more
// and is not written.
func (s *Store) Commit(ctx context.Context, c envelope.Change) error {
	args, err := s.commitArgs(c)
	if err != nil {
		return err
	}
	for range commitTries {
		known, err := s.standing(ctx, c)
		switch {
		case err != nil:
			return err
		case known.Done:
			return nil
		case known.Version != c.After.Version:
			return errEnvelopeChanged
		}
		swapped, err := s.swap(ctx, c, known, args)
		if err != nil || swapped {
			return err
		}
	}
	return fmt.Errorf("commit change %s of envelope %s: its audit chain kept growing", c.ID, c.After.ID)
}

// standing is what a commit must know of the envelope before.
type standing struct {
	Version  int64
	HeadN    int64
	HeadHash []byte
	Done     bool
}

func (s *Store) standing(ctx context.Context, c envelope.Change) (standing, error) {
	rows, _ := s.pool.Query(ctx, `
		select version, head_n, head_hash,
		       exists (select from changes where envelope_id = @envelope and id = @change) as done
		  from envelopes where id = @envelope`,
		pgx.StrictNamedArgs{"envelope": c.After.ID, "change": c.ID})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[standing])
	if err != nil {
		return standing{}, fmt.Errorf("read standing of envelope %s: %w", c.After.ID, err)
	}
	if len(found) == 0 {
		return standing{}, errEnvelopeMissing
	}
	return found[0], nil
}

// swap stores the change in one statement if the envelope and its audit chain
// still stand where they stood. Whoever loses the race finds the row changed,
// swapped is empty, and so is everything that is made from it.
func (s *Store) swap(ctx context.Context, c envelope.Change, known standing, args pgx.StrictNamedArgs) (bool, error) {
	evidence, head, err := s.chain(audit.Hash(known.HeadHash), known.HeadN, c.After.ID, c.Happened(), c.Evidence)
	if err != nil {
		return false, err
	}
	args["known_n"], args["head_n"] = known.HeadN, known.HeadN+int64(len(evidence))
	args["head_hash"], args["evidence"] = head[:], evidence
	swapped, err := s.store(ctx, c, args)
	switch {
	case violates(err, "changes_pkey"):
		return true, nil // somebody stored the same change a moment ago
	case violates(err, "acts_one_signature"):
		return false, errActedAlready
	case violates(err, "revisions_pkey"):
		return false, errEnvelopeChanged
	case err != nil:
		return false, fmt.Errorf("commit change %s of envelope %s: %w", c.ID, c.After.ID, err)
	}
	return swapped, nil
}

// store runs the one statement. The change that sends is counted in its transaction,
// and not made when the plan has no room for it.
func (s *Store) store(ctx context.Context, c envelope.Change, args pgx.StrictNamedArgs) (swapped bool, err error) {
	if c.ID != envelope.ChangeSend {
		tag, err := s.pool.Exec(ctx, commitStatement, args)
		return tag.RowsAffected() == 1, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, commitStatement, args)
		if swapped = tag.RowsAffected() == 1; err != nil || !swapped {
			return err
		}
		return count(ctx, tx, c.After)
	})
	return swapped, err
}

const commitStatement = `
	with recursive swapped as (
		update envelopes
		   set version = version + 1, sequence = @sequence, status = @status, reason = @reason, awaits = @awaits,
		       sent_at = @sent, expires_at = @expires, ended_at = @ended,
		       head_n = @head_n, head_hash = @head_hash
		 where id = @envelope and version = @version and head_n = @known_n
		returning id, team_id
	), change_stored as (
		insert into changes (envelope_id, id, team_id, at)
		select id, @change, team_id, @at from swapped
	), act_stored as (
		insert into acts (envelope_id, id, team_id, recipient_id, kind, at, sealed)
		select s.id, a.id, s.team_id, a.recipient_id, a.kind, @at, a.sealed
		  from swapped s, json_populate_recordset(null::acts, @acts) a
	), revisions_stored as (
		insert into revisions (envelope_id, document_id, number, team_id, blob, size, sealed)
		select s.id, r.document_id, r.number, s.team_id, r.blob, r.size, r.sealed
		  from swapped s, json_populate_recordset(null::revisions, @revisions) r
	), events_stored as (
		insert into events (id, team_id, envelope_id, sequence, type, recipient_id, at, payload)
		select e.id, s.team_id, s.id, e.sequence, e.type, e.recipient_id, e.at, e.payload
		  from swapped s, json_populate_recordset(null::events, @events) e
		 order by e.sequence
		returning id, team_id, envelope_id, type, sequence, at
	), write_backs_stored as (
		insert into write_backs (journey_id, event_id, team_id, envelope_id, change_id, type, sequence, at)
		select j.id, e.id, j.team_id, e.envelope_id, @change, e.type, e.sequence, e.at
		  from events_stored e join journeys j on j.envelope_id = e.envelope_id and e.type = any(j.listens)
	), overseers as (
		select t.parent_id as id from teams t join swapped s on t.id = s.team_id where t.parent_id is not null
		union
		select t.parent_id from teams t join overseers o on t.id = o.id where t.parent_id is not null
	), subscribers as materialized (
		select p.id, p.team_id, p.types
		  from (select team_id, false as above from swapped union all select id, true from overseers) t
		  join endpoints p on p.team_id = t.team_id and (p.children or not t.above)
		 where p.disabled_at is null
		   and (p.tags = '{}' or exists (select from envelope_tags g join swapped s on s.id = g.envelope_id where g.tag = any(p.tags)))
		   for key share of p
	), deliveries_stored as (
		insert into deliveries (id, team_id, endpoint_id, event_id, envelope_id, change_id, created_at)
		select e.id || '.' || p.id, p.team_id, p.id, e.id, e.envelope_id, @change, @at
		  from events_stored e join subscribers p on p.types = '{}' or e.type = any(p.types)
	), letters_stored as (
		insert into letters (id, team_id, envelope_id, change_id, recipient_id, about_id, kind, created_at)
		select l.id, s.team_id, s.id, @change, l.recipient_id, l.about_id, l.kind, @at
		  from swapped s, json_populate_recordset(null::letters, @letters) l
	),` + storeIssued + `,` + storeRecipients + `,` + storeEvidence + `
	select from swapped`
