package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

var (
	errParent    = problem.Conflict("team_parent_invalid", "A team is overseen by another team of its organisation, and never by one that it oversees itself.")
	errTeamNamed = problem.Invalid("team_invalid", "A team needs a name of at most 200 characters and a kind: sandbox or production.").At("name")
)

// Tree returns the organisation's teams that the asker may have, the oldest first.
func (s *Store) Tree(ctx context.Context, organisation string) ([]team.Team, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+teamColumns+` from teams t where t.organisation_id = $1 order by t.created_at, t.id`, organisation)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[teamRow])
	if err != nil {
		return nil, fmt.Errorf("list teams of organisation %s: %w", organisation, err)
	}
	return each(found, s.team)
}

// AddTeam stores one more team of an organisation, if it may have one. Adding the
// same team again changes nothing.
func (s *Store) AddTeam(ctx context.Context, t team.Team, at time.Time) error {
	if !t.Kind.Valid() || !team.ValidName(t.Name) {
		return errTeamNamed
	}
	err := s.changeTree(ctx, t.Organisation, func(tx pgx.Tx) error {
		there, err := has(ctx, tx, `select from teams where id = @id and organisation_id = @organisation`,
			pgx.StrictNamedArgs{"id": t.ID, "organisation": t.Organisation})
		if err != nil || there {
			return err
		}
		if err := mayAdd(ctx, tx, t, at); err != nil {
			return err
		}
		if err := mayOversee(ctx, tx, t.ID, t.Parent, t.Organisation); err != nil {
			return err
		}
		return s.insertTeam(ctx, tx, t)
	})
	if err != nil {
		return fmt.Errorf("add team %s to organisation %s: %w", t.ID, t.Organisation, err)
	}
	admit(ctx, t.ID) // whoever founds a team may go on with it at once
	return nil
}

func mayAdd(ctx context.Context, tx pgx.Tx, t team.Team, at time.Time) error {
	sub, err := subscriptionOf(ctx, tx, t.Organisation)
	if err != nil {
		return err
	}
	var have int
	err = tx.QueryRow(ctx, `select count(*) from teams where organisation_id = $1`, t.Organisation).Scan(&have)
	if err != nil {
		return err
	}
	return team.MayAdd(sub, at, t.Kind, have)
}

// mayOversee keeps the tree a tree of one organisation: a parent is not below its child.
func mayOversee(ctx context.Context, tx pgx.Tx, id, parent, organisation string) error {
	if parent == "" {
		return nil
	}
	fits, err := has(ctx, tx, `
		with recursive above as (
			select t.id, t.parent_id, t.organisation_id from teams t where t.id = @parent
			union
			select t.id, t.parent_id, t.organisation_id from teams t join above a on t.id = a.parent_id
		)
		select from teams p
		 where p.id = @parent and p.organisation_id = @organisation and not exists (select from above where id = @id)`,
		pgx.StrictNamedArgs{"id": id, "parent": parent, "organisation": organisation})
	if err == nil && !fits {
		err = errParent
	}
	return err
}

// MoveTeam puts a team below another one; "" puts it at the top.
func (s *Store) MoveTeam(ctx context.Context, id, parent string) error {
	return s.changeTeam(ctx, id, "move", func(tx pgx.Tx, t team.Team) error {
		if err := mayOversee(ctx, tx, id, parent, t.Organisation); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update teams set parent_id = @parent where id = @id`,
			pgx.StrictNamedArgs{"id": id, "parent": zeronull.Text(parent)})
		return err
	})
}

// SetKind turns a sandbox into a production team, or back, once its organisation
// has subscribed. All keys of the team end: what they may do is not what they were
// made for. Drafts become what the team is, and a production team has no test clock.
func (s *Store) SetKind(ctx context.Context, id string, kind team.Kind, at time.Time) error {
	return s.changeTeam(ctx, id, "change kind of", func(tx pgx.Tx, t team.Team) error {
		if t.Kind == kind {
			return nil
		}
		sub, err := subscriptionOf(ctx, tx, t.Organisation)
		if err != nil {
			return err
		}
		if !sub.Active(at) {
			return team.ErrNotSubscribed
		}
		_, err = tx.Exec(ctx, `
			with revoked as (
				update api_keys set revoked_at = @at where team_id = @id and revoked_at is null
			), drafts as (
				update envelopes set test = @test where team_id = @id and status = 'draft'
			)
			update teams set kind = @kind, ahead = '0' where id = @id`,
			pgx.StrictNamedArgs{"id": id, "kind": kind, "at": at, "test": kind == team.Sandbox})
		return err
	})
}

// DescribeTeam gives a team its name, and who its letters are from.
func (s *Store) DescribeTeam(ctx context.Context, id, name string, sender envelope.Person) error {
	if !team.ValidName(name) {
		return errTeamNamed
	}
	if err := team.CheckSender(sender); err != nil {
		return err
	}
	words, err := s.seal(teamWords{name, sender}, "teams", "sealed", id)
	if err != nil {
		return err
	}
	tag, err := s.pool.Exec(ctx, `update teams set sealed = @sealed where id = @id`, pgx.StrictNamedArgs{"id": id, "sealed": words})
	if err != nil {
		return fmt.Errorf("describe team %s: %w", id, err)
	}
	if tag.RowsAffected() == 0 {
		return errTeamMissing
	}
	return nil
}

// SetPreset replaces the addresses that a sandbox may write to. New ones are
// counted, so that a sandbox cannot write to everybody in turn.
func (s *Store) SetPreset(ctx context.Context, id string, emails []string) error {
	if err := team.CheckPreset(emails); err != nil {
		return err
	}
	preset, err := s.seal(emails, "teams", "preset", id)
	if err != nil {
		return err
	}
	return s.changeTeam(ctx, id, "set preset addresses of", func(tx pgx.Tx, t team.Team) error {
		if err := countAdditions(ctx, tx, id, team.Added(t.Preset, emails)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update teams set preset = @preset where id = @id`, pgx.StrictNamedArgs{"id": id, "preset": preset})
		return err
	})
}

func countAdditions(ctx context.Context, tx pgx.Tx, id string, added int) error {
	if added == 0 {
		return nil
	}
	before, err := additions(ctx, tx, id)
	if err != nil {
		return err
	}
	if before+added > team.MaxPresetAdditions {
		return team.ErrPresetSettled
	}
	_, err = tx.Exec(ctx, `insert into preset_additions (team_id, at, added) values (@team, now(), @added)`,
		pgx.StrictNamedArgs{"team": id, "added": added})
	return err
}

// PresetLeft tells how many addresses the team may still add at present.
func (s *Store) PresetLeft(ctx context.Context, id string) (int, error) {
	added, err := additions(ctx, s.pool, id)
	if err != nil {
		return 0, fmt.Errorf("count preset addresses of team %s: %w", id, err)
	}
	return max(0, team.MaxPresetAdditions-added), nil
}

// additions counts the addresses that the team has added in the last PresetSpan.
func additions(ctx context.Context, q querier, id string) (added int, err error) {
	return added, q.QueryRow(ctx, `
		select coalesce(sum(added), 0) from preset_additions where team_id = @team and at > now() - @span::interval`,
		pgx.StrictNamedArgs{"team": id, "span": team.PresetSpan}).Scan(&added)
}

// changeTeam lets do change a team that it has read, while nobody else changes the
// tree of that organisation. A team that the asker may not have is missing.
func (s *Store) changeTeam(ctx context.Context, id, verb string, do func(pgx.Tx, team.Team) error) error {
	before, err := s.Team(ctx, id)
	if err != nil {
		return err
	}
	err = s.changeTree(ctx, before.Organisation, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `select `+teamColumns+` from teams t where t.id = $1 for update`, id)
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[teamRow])
		if err != nil {
			return err
		}
		now, err := s.team(row)
		if err != nil {
			return err
		}
		return do(tx, now)
	})
	if err != nil {
		return fmt.Errorf("%s team %s: %w", verb, id, err)
	}
	return nil
}

// changeTree changes an organisation's teams one after the other: whether one more
// fits, and whether a tree stays one, depends on all of them, of which the asker
// may have but some: hence the hub's own eyes.
func (s *Store) changeTree(ctx context.Context, organisation string, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(unguarded(ctx), s.pool, func(tx pgx.Tx) error {
		there, err := has(ctx, tx, `select from organisations where id = @id for no key update`, pgx.StrictNamedArgs{"id": organisation})
		if err == nil && !there {
			err = errTeamMissing
		}
		if err != nil {
			return err
		}
		return do(tx)
	})
}

// has tells whether the statement finds anything.
func has(ctx context.Context, tx pgx.Tx, statement string, args pgx.StrictNamedArgs) (bool, error) {
	rows, err := tx.Query(ctx, statement, args)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	found := rows.Next()
	rows.Close()
	return found, rows.Err()
}
