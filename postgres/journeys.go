package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/connectors"
	"chancery/envelope"
)

type journeyWords struct {
	Ref     connectors.Ref  `json:"ref"`
	Trigger string          `json:"trigger"`
	Record  json.RawMessage `json:"record,omitempty"`
}

type journeyRow struct {
	ID           string
	TeamID       string
	ConnectionID string
	MappingID    string
	Version      int
	Status       connectors.Status
	EnvelopeID   zeronull.Text
	CreatedAt    time.Time
	ChangedAt    time.Time
	Sealed       []byte
	Baseline     []byte
	Words        []byte
}

const journeyColumns = `j.id, j.team_id, j.connection_id, j.mapping_id, j.version, j.status, j.envelope_id, j.created_at, j.changed_at, j.sealed, j.baseline, j.words`

func (s *Store) journey(r journeyRow) (connectors.Journey, error) {
	j := connectors.Journey{ID: r.ID, Team: r.TeamID, Connection: r.ConnectionID, Mapping: r.MappingID, Version: r.Version,
		Status: r.Status, Envelope: string(r.EnvelopeID), CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt}
	var words journeyWords
	if err := s.unseal(&words, r.Sealed, "journeys", "sealed", r.ID); err != nil {
		return j, err
	}
	j.Ref, j.Trigger = words.Ref, words.Trigger
	if err := numbered(words.Record, &j.Record); err != nil {
		return j, fmt.Errorf("read the record of journey %s: %w", r.ID, err)
	}
	if r.Words != nil {
		if err := s.unseal(&j.Words, r.Words, "journeys", "words", r.ID); err != nil {
			return j, err
		}
	}
	if r.Baseline == nil {
		return j, nil
	}
	plain, err := s.unsealBytes(r.Baseline, "journeys", "baseline", r.ID)
	if err != nil {
		return j, err
	}
	return j, numbered(plain, &j.Baseline)
}

// numbered decodes JSON and leaves numbers as they were written.
func numbered(plain []byte, into any) error {
	if len(plain) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// BeginJourney stores a journey. One that is there already stays as it is.
func (s *Store) BeginJourney(ctx context.Context, j connectors.Journey, listens []envelope.EventType) error {
	words := journeyWords{Ref: j.Ref, Trigger: j.Trigger}
	if j.Record != nil {
		record, err := json.Marshal(j.Record)
		if err != nil {
			return fmt.Errorf("encode the record of journey %s: %w", j.ID, err)
		}
		words.Record = record
	}
	sealed, err := s.seal(words, "journeys", "sealed", j.ID)
	if err != nil {
		return err
	}
	var seen []byte
	if !j.Baseline.At.IsZero() {
		if seen, err = s.seal(j.Baseline, "journeys", "baseline", j.ID); err != nil {
			return err
		}
	}
	_, err = s.pool.Exec(ctx, `
		insert into journeys (id, team_id, connection_id, mapping_id, version, status, listens, created_at, changed_at, sealed, baseline)
		values (@id, @team, @connection, @mapping, @version, 'begun', @listens, now(), now(), @sealed, @baseline)
		on conflict (id) do nothing`,
		pgx.StrictNamedArgs{"id": j.ID, "team": j.Team, "connection": j.Connection, "mapping": j.Mapping, "version": j.Version,
			"listens": append([]envelope.EventType{}, listens...), "sealed": sealed, "baseline": seen})
	if err != nil {
		return fmt.Errorf("begin journey %s: %w", j.ID, err)
	}
	return nil
}

// Journey returns the journey with that id.
func (s *Store) Journey(ctx context.Context, id string) (connectors.Journey, error) {
	rows, _ := s.pool.Query(ctx, `select `+journeyColumns+` from journeys j where j.id = $1`, id)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[journeyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return connectors.Journey{}, errJourneyMissing
	}
	if err != nil {
		return connectors.Journey{}, fmt.Errorf("read journey %s: %w", id, err)
	}
	return s.journey(row)
}

// Journeys returns a page of a team's journeys, the newest first, and the cursor
// of the next page. Status "" is any.
func (s *Store) Journeys(ctx context.Context, teamID string, status connectors.Status, after string, limit int) ([]connectors.Journey, string, error) {
	createdBefore, idBefore, err := readCursor("journeys", after, beforeAll)
	if err != nil {
		return nil, "", err
	}
	rows, _ := s.pool.Query(ctx, `
		select `+journeyColumns+`
		  from journeys j
		 where j.team_id = @team and (@status = '' or j.status = @status)
		   and (j.created_at, j.id) < (@created::text::timestamptz, @id)
		 order by j.created_at desc, j.id desc limit @limit`,
		pgx.StrictNamedArgs{"team": teamID, "status": string(status), "created": createdBefore, "id": idBefore, "limit": page(limit) + 1})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[journeyRow])
	if err != nil {
		return nil, "", fmt.Errorf("list journeys of team %s: %w", teamID, err)
	}
	found, more := cut(found, page(limit))
	journeys, err := each(found, s.journey)
	if err != nil || !more {
		return journeys, "", err
	}
	last := journeys[len(journeys)-1]
	return journeys, cursor("journeys", last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// Drawn notes which envelope was drawn up from the record, and what the record was
// like. The draft must be there.
func (s *Store) Drawn(ctx context.Context, id, envelopeID string, was connectors.Baseline) error {
	sealed, err := s.seal(was, "journeys", "baseline", id)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		update journeys set envelope_id = @envelope, baseline = @baseline, changed_at = now() where id = @id and envelope_id is null`,
		pgx.StrictNamedArgs{"id": id, "envelope": envelopeID, "baseline": sealed})
	if err != nil {
		return fmt.Errorf("note the envelope of journey %s: %w", id, err)
	}
	return nil
}

// Arrive notes where a journey stands, and what needs attention, if so.
func (s *Store) Arrive(ctx context.Context, id string, status connectors.Status, words string) (err error) {
	var sealed []byte
	if words != "" {
		if sealed, err = s.seal(words, "journeys", "words", id); err != nil {
			return err
		}
	}
	_, err = s.pool.Exec(ctx, `
		update journeys
		   set status = @status, words = @words, changed_at = now(), baseline = case @status when 'passed' then null else baseline end
		 where id = @id`,
		pgx.StrictNamedArgs{"id": id, "status": status, "words": sealed})
	if err != nil {
		return fmt.Errorf("note that journey %s is %s: %w", id, status, err)
	}
	return nil
}

// Due returns the write-backs of a journey that are not done, up to and with an
// event, in the order in which things happened; all of them when event is "".
func (s *Store) Due(ctx context.Context, journeyID, event string) ([]connectors.WriteBack, error) {
	rows, _ := s.pool.Query(ctx, `
		select journey_id as journey, event_id as event, type, sequence, at, status, words
		  from write_backs
		 where journey_id = @journey and status <> 'done'
		   and (@event = '' or sequence <= (select sequence from write_backs where journey_id = @journey and event_id = @event))
		 order by sequence`, pgx.StrictNamedArgs{"journey": journeyID, "event": event})
	type row struct {
		Journey, Event string
		Type           envelope.EventType
		Sequence       int64
		At             time.Time
		Status         connectors.WriteStatus
		Words          []byte
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("list what journey %s has to write back: %w", journeyID, err)
	}
	return each(found, func(r row) (connectors.WriteBack, error) {
		w := connectors.WriteBack{Journey: r.Journey, Event: r.Event, Type: r.Type, Sequence: r.Sequence, At: r.At, Status: r.Status}
		if r.Words == nil {
			return w, nil
		}
		return w, s.unseal(&w.Words, r.Words, "write_backs", "words", r.Journey+"/"+r.Event)
	})
}

// Written notes that events have been written back, and what the record is like now.
func (s *Store) Written(ctx context.Context, journeyID string, events []string, now connectors.Baseline) error {
	sealed, err := s.seal(now, "journeys", "baseline", journeyID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		with settled as (
			update write_backs set status = 'done', settled_at = now(), words = null
			 where journey_id = @journey and event_id = any(@events) and status <> 'done'
		)
		update journeys j
		   set baseline = @baseline, changed_at = now(), words = null,
		       status = case when e.ended_at is null then 'sent' else 'finished' end
		  from envelopes e
		 where j.id = @journey and e.id = j.envelope_id`,
		pgx.StrictNamedArgs{"journey": journeyID, "events": events, "baseline": sealed})
	if err != nil {
		return fmt.Errorf("note what journey %s has written back: %w", journeyID, err)
	}
	return nil
}

// Stuck notes that an event cannot be written back until somebody looks at it.
func (s *Store) Stuck(ctx context.Context, journeyID, event, words string) error {
	sealed, err := s.seal(words, "write_backs", "words", journeyID+"/"+event)
	if err != nil {
		return err
	}
	onJourney, err := s.seal(words, "journeys", "words", journeyID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		with stuck as (
			update write_backs set status = 'attention', words = @words
			 where journey_id = @journey and event_id = @event and status <> 'done'
		)
		update journeys set status = 'attention', words = @on_journey, changed_at = now() where id = @journey`,
		pgx.StrictNamedArgs{"journey": journeyID, "event": event, "words": sealed, "on_journey": onJourney})
	if err != nil {
		return fmt.Errorf("note that journey %s needs attention: %w", journeyID, err)
	}
	return nil
}

// Rebase takes the record as it is now for how we last knew it, so that what is
// written next is no conflict.
func (s *Store) Rebase(ctx context.Context, journeyID string, now connectors.Baseline) error {
	sealed, err := s.seal(now, "journeys", "baseline", journeyID)
	if err != nil {
		return err
	}
	if _, err := s.pool.Exec(ctx, `update journeys set baseline = @baseline, changed_at = now() where id = @id`,
		pgx.StrictNamedArgs{"id": journeyID, "baseline": sealed}); err != nil {
		return fmt.Errorf("take the record of journey %s as it is: %w", journeyID, err)
	}
	return nil
}

// Forgo settles what a journey still has to write back without writing it.
func (s *Store) Forgo(ctx context.Context, journeyID string) error {
	_, err := s.pool.Exec(ctx, `
		with settled as (
			update write_backs set status = 'done', settled_at = now() where journey_id = @journey and status <> 'done'
		)
		update journeys j
		   set words = null, changed_at = now(), status = case when e.ended_at is null then 'sent' else 'finished' end
		  from envelopes e
		 where j.id = @journey and e.id = j.envelope_id`, pgx.StrictNamedArgs{"journey": journeyID})
	if err != nil {
		return fmt.Errorf("settle what journey %s has to write back: %w", journeyID, err)
	}
	return nil
}
