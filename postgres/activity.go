package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// Happening is an event as people read it.
type Happening struct {
	Type     envelope.EventType
	Envelope string
	Title    string // of the envelope
	Team     string
	At       time.Time
}

type happeningRow struct {
	Type     envelope.EventType
	Envelope string
	Team     string
	At       time.Time
	Xid      string
	Position int64
	Content  []byte
}

// lastOfAll is a transaction that never comes: the newest first begins before it.
const lastOfAll = "9223372036854775807"

// Activity returns a page of what happened in the teams, the newest first, and the
// cursor of the next page, which is empty on the last one. With an owner it is what
// happened to that one's envelopes. Subscribers who must not miss anything read Events.
func (s *Store) Activity(ctx context.Context, teams []string, owner, after string) ([]Happening, string, error) {
	xid, position, err := readCursor("activity", after, lastOfAll)
	if err != nil {
		return nil, "", err
	}
	rows, _ := s.pool.Query(ctx, `
		select e.type, e.envelope_id as envelope, e.team_id as team, e.at, e.xid::text as xid, e.position, v.content
		  from unnest(@teams::text[]) of_team,
		       lateral (select n.id from events n
		                 where n.team_id = of_team and (n.xid, n.position) < (@xid::text::xid8, @position::text::bigint)
		                   and (@owner::text = '' or exists (select from envelopes o where o.id = n.envelope_id and o.owner = @owner))
		                 order by n.xid desc, n.position desc limit @limit) newest
		  join events e on e.id = newest.id
		  join envelopes v on v.id = e.envelope_id
		 order by e.xid desc, e.position desc
		 limit @limit`,
		pgx.StrictNamedArgs{"teams": teams, "xid": xid, "position": cmp.Or(position, "0"), "owner": owner, "limit": DefaultPage + 1})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[happeningRow])
	if err != nil {
		return nil, "", fmt.Errorf("read activity of teams %v: %w", teams, err)
	}
	found, more := cut(found, DefaultPage)
	all, err := each(found, s.happening)
	if err != nil || !more {
		return all, "", err
	}
	return all, cursor("activity", found[len(found)-1].Xid, strconv.FormatInt(found[len(found)-1].Position, 10)), nil
}

func (s *Store) happening(r happeningRow) (Happening, error) {
	var words content
	err := s.unseal(&words, r.Content, "envelopes", "content", r.Envelope)
	return Happening{Type: r.Type, Envelope: r.Envelope, Title: words.Title, Team: r.Team, At: r.At}, err
}
