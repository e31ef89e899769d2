package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/activities"
	"chancery/connectors"
	"chancery/envelope"
)

// Reconcilable are the connections with journeys whose envelopes are under way or have
// ended since then.
func (s *Store) Reconcilable(ctx context.Context, since time.Time) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select distinct j.connection_id
		  from journeys j join envelopes e on e.id = j.envelope_id
		 where e.ended_at is null or e.ended_at > $1`, since)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list connections to reconcile: %w", err)
	}
	return all, nil
}

// Owed are the newest write-backs of a connection's journeys that are still pending
// though they happened before then, one for each journey.
func (s *Store) Owed(ctx context.Context, connectionID string, before time.Time) ([]activities.Back, error) {
	rows, _ := s.pool.Query(ctx, `
		select distinct on (w.journey_id) w.journey_id as journey, w.event_id as event
		  from write_backs w join journeys j on j.id = w.journey_id
		 where j.connection_id = @connection and j.status <> 'attention' and w.status = 'pending' and w.at < @before
		 order by w.journey_id, w.sequence desc`, pgx.StrictNamedArgs{"connection": connectionID, "before": before})
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[activities.Back])
	if err != nil {
		return nil, fmt.Errorf("list what connection %s owes: %w", connectionID, err)
	}
	return all, nil
}

// Settle ends the journeys of a connection whose envelope has ended and which owe nothing.
func (s *Store) Settle(ctx context.Context, connectionID string) error {
	_, err := s.pool.Exec(ctx, `
		update journeys j set status = 'finished', changed_at = now()
		  from envelopes e
		 where e.id = j.envelope_id and j.connection_id = $1 and j.status = 'sent' and e.ended_at is not null
		   and not exists (select from write_backs w where w.journey_id = j.id and w.status <> 'done')`, connectionID)
	if err != nil {
		return fmt.Errorf("settle journeys of connection %s: %w", connectionID, err)
	}
	return nil
}

// Ended are the finished journeys of a connection whose envelope has ended since then,
// the newest first.
func (s *Store) Ended(ctx context.Context, connectionID string, since time.Time, most int) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select j.id
		  from journeys j join envelopes e on e.id = j.envelope_id
		 where j.connection_id = @connection and j.status = 'finished' and e.ended_at > @since and j.baseline is not null
		 order by e.ended_at desc, j.id limit @most`, pgx.StrictNamedArgs{"connection": connectionID, "since": since, "most": most})
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list ended journeys of connection %s: %w", connectionID, err)
	}
	return all, nil
}

// Compared keeps what came of comparing a connection's records with its envelopes.
func (s *Store) Compared(ctx context.Context, connectionID string, found connectors.Comparison) error {
	_, err := s.pool.Exec(ctx, `update connections set compared_at = @at, compared = @found where id = @id`,
		pgx.StrictNamedArgs{"id": connectionID, "at": found.At, "found": found})
	if err != nil {
		return fmt.Errorf("keep how connection %s compares: %w", connectionID, err)
	}
	return nil
}

// Wrote are the types of the events that a journey has written back.
func (s *Store) Wrote(ctx context.Context, journeyID string) ([]envelope.EventType, error) {
	rows, _ := s.pool.Query(ctx, `select distinct type from write_backs where journey_id = $1 and status = 'done'`, journeyID)
	all, err := pgx.CollectRows(rows, pgx.RowTo[envelope.EventType])
	if err != nil {
		return nil, fmt.Errorf("list what journey %s has written back: %w", journeyID, err)
	}
	return all, nil
}

// Reopen lets somebody decide about events that have been written back already.
func (s *Store) Reopen(ctx context.Context, journeyID string, at []envelope.EventType, words string) error {
	sealed, err := s.seal(words, "journeys", "words", journeyID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		with reopened as (
			update write_backs set status = 'attention' where journey_id = @journey and status = 'done' and type = any(@types)
		)
		update journeys set status = 'attention', words = @words, changed_at = now() where id = @journey and status = 'finished'`,
		pgx.StrictNamedArgs{"journey": journeyID, "types": at, "words": sealed})
	if err != nil {
		return fmt.Errorf("reopen journey %s: %w", journeyID, err)
	}
	return nil
}
