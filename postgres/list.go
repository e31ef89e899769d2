package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/envelope"
)

// MaxPage is how many rows one page of any list has at most; asked for none, it has DefaultPage.
const (
	MaxPage     = 100
	DefaultPage = 20
)

func page(limit int) int {
	if limit <= 0 {
		return DefaultPage
	}
	return min(limit, MaxPage)
}

// Filter chooses envelopes. After is the cursor that the page before gave out.
type Filter struct {
	Status envelope.Status // "" is any
	Owner  string          // "" is anybody
	Tag    string          // "" is any, and none
	After  string
	Limit  int // DefaultPage when 0, at most MaxPage
}

// beforeAll is where a list of the newest first begins.
const beforeAll = "infinity"

// Envelopes returns a page of the teams' envelopes, newest first, and the cursor
// of the next page, which is empty on the last one. Of each team the index gives
// as many as a page takes, and the newest of all of them are read.
func (s *Store) Envelopes(ctx context.Context, teams []string, f Filter) ([]envelope.Envelope, string, error) {
	createdBefore, idBefore, err := readCursor("envelopes", f.After, beforeAll)
	if err != nil {
		return nil, "", err
	}
	from, chosen, args := s.condition(f)
	args["teams"], args["created"], args["id"], args["limit"] = teams, createdBefore, idBefore, page(f.Limit)+1
	rows, _ := s.pool.Query(ctx, `
		select `+envelopeColumns+`
		  from unnest(@teams::text[]) of_team,
		       lateral (select n.id from `+from+`
		                 where n.team_id = of_team `+chosen+`
		                   and (n.created_at, n.id) < (@created::text::timestamptz, @id)
		                 order by n.created_at desc, n.id desc
		                 limit @limit) newest
		  join envelopes e on e.id = newest.id
		 order by e.created_at desc, e.id desc
		 limit @limit`, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[envelopeRow])
	if err != nil {
		return nil, "", fmt.Errorf("list envelopes of teams %v: %w", teams, err)
	}
	found, more := cut(found, page(f.Limit))
	envelopes, err := each(found, s.envelope)
	if err != nil || !more {
		return envelopes, "", err
	}
	last := envelopes[len(envelopes)-1]
	return envelopes, cursor("envelopes", last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// condition says from where envelopes n are chosen, and which.
func (s *Store) condition(f Filter) (from, chosen string, args pgx.StrictNamedArgs) {
	from, args = `envelopes n`, pgx.StrictNamedArgs{}
	if f.Status != "" {
		chosen, args["status"] = chosen+` and n.status = @status`, f.Status
	}
	if f.Owner != "" {
		chosen, args["owner"] = chosen+` and n.owner = @owner`, f.Owner
	}
	if f.Tag != "" { // in the order of the tag's own index
		from = `(select g.envelope_id as id, g.team_id, g.created_at, o.status, o.owner
		                         from envelope_tags g join envelopes o on o.id = g.envelope_id
		                        where g.tag = @tag) n`
		args["tag"] = s.tagPrint(f.Tag)
	}
	return from, chosen, args
}

// cut takes away the row that was read only to see whether there is another page.
func cut[Row any](rows []Row, limit int) ([]Row, bool) {
	if len(rows) <= limit {
		return rows, false
	}
	return rows[:limit], true
}
