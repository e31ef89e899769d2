package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"chancery/account"
	"chancery/problem"
	"chancery/team"
)

// childrenOfT are all teams below the team t, at any depth.
const childrenOfT = `
	array(with recursive below as (
		select c.id from teams c where c.parent_id = t.id
		union
		select c.id from teams c join below b on c.parent_id = b.id
	) select id from below)`

var (
	errLevelUnknown = problem.Invalid("level_unknown", "There is no such level.").At("level")
	errUnattended   = problem.Conflict("team_unattended", "A team keeps somebody who looks after it: make another member its administrator first.")
)

// SetMember puts a user into a team, or gives them another level there. The user
// must be of the team's organisation, and somebody must go on looking after the team.
func (s *Store) SetMember(ctx context.Context, m team.Member) error {
	if !m.Level.Valid() {
		return errLevelUnknown
	}
	err := s.changeMembers(ctx, m.Team, `
		insert into members (team_id, user_id, level, since)
		select t.id, u.id, @level, now()
		  from teams t join users u on u.organisation_id = t.organisation_id
		 where t.id = @team and u.id = @user and u.left_at is null
		    on conflict (team_id, user_id) do update set level = excluded.level`,
		pgx.StrictNamedArgs{"team": m.Team, "user": m.User, "level": m.Level})
	if err != nil {
		return fmt.Errorf("store member %s of team %s: %w", m.User, m.Team, err)
	}
	return nil
}

// RemoveMember takes a user out of a team and revokes the keys that they have there.
func (s *Store) RemoveMember(ctx context.Context, teamID, userID string) error {
	err := s.changeMembers(ctx, teamID, `
		with revoked as (
			update api_keys set revoked_at = now() where team_id = @team and user_id = @user and revoked_at is null
		)
		delete from members where team_id = @team and user_id = @user`,
		pgx.StrictNamedArgs{"team": teamID, "user": userID})
	if err != nil {
		return fmt.Errorf("remove member %s of team %s: %w", userID, teamID, err)
	}
	return nil
}

// changeMembers changes the members of one team one after the other, so that two
// administrators who remove each other do not both succeed.
func (s *Store) changeMembers(ctx context.Context, teamID, statement string, args pgx.StrictNamedArgs) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from teams where id = $1 for no key update`, teamID); err != nil {
			return err
		}
		before, err := attended(ctx, tx, teamID)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, statement, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = errMemberMissing
		}
		if err != nil {
			return err
		}
		after, err := attended(ctx, tx, teamID)
		if err == nil && before && !after {
			err = errUnattended
		}
		return err
	})
}

// attended tells whether somebody looks after the team: one of its administrators,
// or who administers the organisation.
func attended(ctx context.Context, tx pgx.Tx, teamID string) (bool, error) {
	return has(ctx, tx, `
		select from teams t
		 where t.id = @team
		   and (exists (select from members m join users u on u.id = m.user_id
		                 where m.team_id = t.id and m.level = 'administrator' and u.left_at is null)
		     or exists (select from users u where u.organisation_id = t.organisation_id and u.head and u.left_at is null))`,
		pgx.StrictNamedArgs{"team": teamID})
}

// Members returns who is in a team, those who came first first.
func (s *Store) Members(ctx context.Context, teamID string) ([]team.Member, error) {
	rows, _ := s.pool.Query(ctx, `
		select team_id as team, user_id as "user", level, since from members where team_id = $1 order by since, user_id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[team.Member])
	if err != nil {
		return nil, fmt.Errorf("list members of team %s: %w", teamID, err)
	}
	return found, nil
}

// Memberships returns the teams that a user is in, the oldest first.
func (s *Store) Memberships(ctx context.Context, userID string) ([]team.Member, error) {
	rows, _ := s.pool.Query(unguarded(ctx), `
		select m.team_id as team, m.user_id as "user", m.level, m.since
		  from members m join teams t on t.id = m.team_id
		 where m.user_id = $1 order by t.created_at, t.id`, userID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[team.Member])
	if err != nil {
		return nil, fmt.Errorf("list teams of user %s: %w", userID, err)
	}
	return found, nil
}

// Actor returns what a user may do in a team: with no level when they are not in it.
// A team of another organisation is missing.
func (s *Store) Actor(ctx context.Context, u account.User, teamID string) (team.Actor, error) {
	actor := team.Actor{ID: u.ID, Organisation: u.Organisation, Team: teamID, Head: u.Head, Operator: u.Operator}
	err := s.pool.QueryRow(unguarded(ctx), `
		select coalesce(m.level, ''), `+childrenOfT+`
		  from teams t left join members m on m.team_id = t.id and m.user_id = @user
		 where t.id = @team and t.organisation_id = @organisation`,
		pgx.StrictNamedArgs{"team": teamID, "user": u.ID, "organisation": u.Organisation}).Scan(&actor.Level, &actor.Children)
	if errors.Is(err, pgx.ErrNoRows) {
		return actor, errTeamMissing
	}
	if err != nil {
		return actor, fmt.Errorf("read rights of user %s in team %s: %w", u.ID, teamID, err)
	}
	if actor.Level != "" {
		admit(ctx, append(actor.Children, teamID)...)
	}
	return actor, nil
}

// admitHead lets the request of an organisation's administrator have the rows of
// all its teams.
func (s *Store) admitHead(ctx context.Context, u account.User) error {
	if !u.Head {
		return nil
	}
	rows, _ := s.pool.Query(unguarded(ctx), `select id from teams where organisation_id = $1`, u.Organisation)
	teams, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list teams of organisation %s: %w", u.Organisation, err)
	}
	admit(ctx, teams...)
	return nil
}
