package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// StoredEvent is an event as subscribers get it. Payload is the bytes as they go out.
type StoredEvent struct {
	ID         string
	Type       envelope.EventType
	Sequence   int64
	EnvelopeID string
	At         time.Time
	Payload    []byte
}

type feedRow struct {
	ID         string
	Type       envelope.EventType
	Sequence   int64
	EnvelopeID string
	At         time.Time
	Payload    []byte
	Xid        string
	Position   int64
}

// MaxFeed is how many events one call returns at most.
const MaxFeed = 1000

// Events returns the team's events after the cursor, oldest first, and the cursor
// to go on from, which is the given one when there is nothing new.
//
// Nothing is ever skipped: a transaction that is still open may yet commit events
// that belong before ones that are already visible, so the feed stops short of
// the oldest open one. A long transaction delays the feed and loses nothing.
func (s *Store) Events(ctx context.Context, teamID, after string, limit int) ([]StoredEvent, string, error) {
	xid, position, err := readCursor("events", after, "0")
	if err != nil {
		return nil, "", err
	}
	if position == "" {
		position = "0"
	}
	rows, _ := s.pool.Query(ctx, `
		select id, type, sequence, envelope_id, at, payload, xid::text as xid, position
		  from events
		 where team_id = @team and (xid, position) > (@xid::text::xid8, @position::text::bigint)
		   and xid < pg_snapshot_xmin(pg_current_snapshot())
		 order by events.xid, position
		 limit @limit`,
		pgx.StrictNamedArgs{"team": teamID, "xid": xid, "position": position, "limit": feedPage(limit)})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[feedRow])
	if err != nil {
		return nil, "", fmt.Errorf("read events of team %s: %w", teamID, err)
	}
	events, err := each(found, s.storedEvent)
	if err != nil || len(found) == 0 {
		return events, after, err
	}
	last := found[len(found)-1]
	return events, cursor("events", last.Xid, strconv.FormatInt(last.Position, 10)), nil
}

func (s *Store) storedEvent(r feedRow) (StoredEvent, error) {
	body, err := s.unsealBytes(r.Payload, "events", "payload", r.ID)
	return StoredEvent{ID: r.ID, Type: r.Type, Sequence: r.Sequence, EnvelopeID: r.EnvelopeID, At: r.At, Payload: body}, err
}

func feedPage(limit int) int {
	if limit <= 0 {
		return DefaultPage
	}
	return min(limit, MaxFeed)
}
