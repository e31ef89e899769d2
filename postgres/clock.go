package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/problem"
	"chancery/team"
)

// aheadOfE is how far the clock of the team of the envelope e has been put forward.
const aheadOfE = `coalesce((select t.ahead from teams t where t.id = e.team_id), '0')`

// AdvanceClock puts the clock of a sandbox forward and returns how far ahead it is
// then. The id is that of the wish: the same one again changes nothing.
func (s *Store) AdvanceClock(ctx context.Context, teamID, id string, by time.Duration) (time.Duration, error) {
	var ahead time.Duration
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		rows, _ := tx.Query(ctx, `select kind, ahead from teams where id = $1 for update`, teamID)
		clock, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
			Kind  team.Kind
			Ahead time.Duration
		}])
		if errors.Is(err, pgx.ErrNoRows) {
			return errTeamMissing
		}
		if ahead = clock.Ahead; err != nil {
			return err
		}
		// In a statement of its own: one that has waited for the lock sees what was
		// there before it waited.
		var done bool
		err = tx.QueryRow(ctx, `select exists (select from clock_advances where id = $1)`, id).Scan(&done)
		if err != nil || done {
			return err
		}
		if ahead, err = (team.Team{Kind: clock.Kind, Ahead: clock.Ahead}).Advance(by); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			with noted as (
				insert into clock_advances (id, team_id, at, by) values (@id, @team, now(), @by::interval)
			)
			update teams set ahead = @ahead::interval where id = @team`,
			pgx.StrictNamedArgs{"id": id, "team": teamID, "by": by, "ahead": ahead})
		return err
	})
	var refused *problem.Problem
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("advance clock of team %s: %w", teamID, err)
	}
	return ahead, err
}

// Running returns the ids of a team's envelopes that are under way and come after
// that one, in their order; "" is before all.
func (s *Store) Running(ctx context.Context, teamID, after string, limit int) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select id from envelopes where team_id = @team and status = 'sent' and id > @after order by id limit @limit`,
		pgx.StrictNamedArgs{"team": teamID, "after": after, "limit": limit})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list running envelopes of team %s: %w", teamID, err)
	}
	return ids, nil
}
