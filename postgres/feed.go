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
	TeamID     string
	At         time.Time
	Payload    []byte
}

type feedRow struct {
	ID         string
	Type       envelope.EventType
	Sequence   int64
	EnvelopeID string
	TeamID     string
	At         time.Time
	Payload    []byte
	Xid        string
	Position   int64
}

// MaxFeed is how many events one call returns at most.
const MaxFeed = 1000

// Events returns the teams' events after the cursor, oldest first, and the cursor
// to go on from, which is the given one when there is nothing new. With an owner
// they are those of that one's envelopes.
//
// Nothing is ever skipped: a transaction that is still open may yet commit events
// that belong before ones that are already visible, so the feed stops short of
// the oldest open one. A long transaction delays the feed and loses nothing.
func (s *Store) Events(ctx context.Context, teams []string, owner, after string, limit int) ([]StoredEvent, string, error) {
	xid, position, err := readCursor("events", after, "0")
	if err != nil {
		return nil, "", err
	}
	if position == "" {
		position = "0"
	}
	args := pgx.StrictNamedArgs{"teams": teams, "xid": xid, "position": position, "limit": feedPage(limit)}
	own := ""
	if owner != "" {
		own, args["owner"] = `and exists (select from envelopes e where e.id = n.envelope_id and e.owner = @owner)`, owner
	}
	rows, _ := s.pool.Query(ctx, `
		select e.id, e.type, e.sequence, e.envelope_id, e.team_id, e.at, e.payload, e.xid::text as xid, e.position
		  from unnest(@teams::text[]) of_team,
		       lateral (select n.id, n.type, n.sequence, n.envelope_id, n.team_id, n.at, n.payload, n.xid, n.position
		                  from events n
		                 where n.team_id = of_team `+own+`
		                   and (n.xid, n.position) > (@xid::text::xid8, @position::text::bigint)
		                   and n.xid < pg_snapshot_xmin(pg_current_snapshot())
		                 order by n.xid, n.position
		                 limit @limit) e
		 order by e.xid, e.position
		 limit @limit`, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[feedRow])
	if err != nil {
		return nil, "", fmt.Errorf("read events of teams %v: %w", teams, err)
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
	return StoredEvent{ID: r.ID, Type: r.Type, Sequence: r.Sequence, EnvelopeID: r.EnvelopeID, TeamID: r.TeamID, At: r.At, Payload: body}, err
}

func feedPage(limit int) int {
	if limit <= 0 {
		return DefaultPage
	}
	return min(limit, MaxFeed)
}
