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
	After  string
	Limit  int // DefaultPage when 0, at most MaxPage
}

// beforeAll is where a list of the newest first begins.
const beforeAll = "infinity"

// Envelopes returns a page of the team's envelopes, newest first, and the cursor
// of the next page, which is empty on the last one.
func (s *Store) Envelopes(ctx context.Context, teamID string, f Filter) ([]envelope.Envelope, string, error) {
	createdBefore, idBefore, err := readCursor("envelopes", f.After, beforeAll)
	if err != nil {
		return nil, "", err
	}
	status, args := "", pgx.StrictNamedArgs{
		"team": teamID, "created": createdBefore, "id": idBefore, "limit": page(f.Limit) + 1,
	}
	if f.Status != "" {
		status, args["status"] = `and e.status = @status`, f.Status
	}
	rows, _ := s.pool.Query(ctx, `
		select `+envelopeColumns+`
		  from envelopes e
		 where e.team_id = @team `+status+`
		   and (e.created_at, e.id) < (@created::text::timestamptz, @id)
		 order by e.created_at desc, e.id desc
		 limit @limit`, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[envelopeRow])
	if err != nil {
		return nil, "", fmt.Errorf("list envelopes of team %s: %w", teamID, err)
	}
	found, more := cut(found, page(f.Limit))
	envelopes, err := each(found, s.envelope)
	if err != nil || !more {
		return envelopes, "", err
	}
	last := envelopes[len(envelopes)-1]
	return envelopes, cursor("envelopes", last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// cut takes away the row that was read only to see whether there is another page.
func cut[Row any](rows []Row, limit int) ([]Row, bool) {
	if len(rows) <= limit {
		return rows, false
	}
	return rows[:limit], true
}
