package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/envelope"
	"chancery/team"
)

// CreateOrganisation stores a new organisation.
func (s *Store) CreateOrganisation(ctx context.Context, o team.Organisation) error {
	return s.createOrganisation(ctx, s.pool, o)
}

func (s *Store) createOrganisation(ctx context.Context, on querier, o team.Organisation) error {
	sealed, err := s.seal(named{o.Name}, "organisations", "sealed", o.ID)
	if err != nil {
		return err
	}
	_, err = on.Exec(ctx, `
		insert into organisations (id, region, sealed) values (@id, @region, @sealed)`,
		pgx.StrictNamedArgs{"id": o.ID, "region": o.Region, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("store organisation %s: %w", o.ID, err)
	}
	return nil
}

// named is the sealed part of what has a name and nothing else to hide.
type named struct {
	Name string `json:"name"`
}

// teamWords is the sealed part of a team, less its preset addresses.
type teamWords struct {
	Name   string          `json:"name"`
	Sender envelope.Person `json:"sender"`
}

// CreateTeam stores a new team. A zero CreatedAt becomes now.
func (s *Store) CreateTeam(ctx context.Context, t team.Team) error {
	if err := s.insertTeam(ctx, s.pool, t); err != nil {
		return fmt.Errorf("store team %s: %w", t.ID, err)
	}
	return nil
}

func (s *Store) insertTeam(ctx context.Context, into querier, t team.Team) error {
	words, err := s.seal(teamWords{t.Name, t.Sender}, "teams", "sealed", t.ID)
	if err != nil {
		return err
	}
	preset, err := s.seal(t.Preset, "teams", "preset", t.ID)
	if err != nil {
		return err
	}
	if t.CreatedAt.IsZero() {
		t.CreatedAt = time.Now()
	}
	_, err = into.Exec(ctx, `
		insert into teams (id, organisation_id, parent_id, kind, created_at, sealed, preset)
		values (@id, @organisation, @parent, @kind, @created, @sealed, @preset)`,
		pgx.StrictNamedArgs{"id": t.ID, "organisation": t.Organisation, "parent": zeronull.Text(t.Parent), "kind": t.Kind,
			"created": t.CreatedAt, "sealed": words, "preset": preset})
	return err
}

type teamRow struct {
	ID           string
	Organisation string
	Parent       zeronull.Text
	Kind         team.Kind
	Ahead        time.Duration
	CreatedAt    time.Time
	Sealed       []byte
	Preset       []byte
}

const teamColumns = `t.id, t.organisation_id as organisation, t.parent_id as parent, t.kind, t.ahead, t.created_at, t.sealed, t.preset`

func (s *Store) team(r teamRow) (team.Team, error) {
	t := team.Team{ID: r.ID, Organisation: r.Organisation, Parent: string(r.Parent), Kind: r.Kind, Ahead: r.Ahead, CreatedAt: r.CreatedAt}
	var words teamWords
	if err := s.unseal(&words, r.Sealed, "teams", "sealed", r.ID); err != nil {
		return team.Team{}, err
	}
	if err := s.unseal(&t.Preset, r.Preset, "teams", "preset", r.ID); err != nil {
		return team.Team{}, err
	}
	t.Name, t.Sender = words.Name, words.Sender
	return t, nil
}

// Team returns the team with that id.
func (s *Store) Team(ctx context.Context, id string) (team.Team, error) {
	rows, _ := s.pool.Query(ctx, `select `+teamColumns+` from teams t where t.id = $1`, id)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[teamRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return team.Team{}, errTeamMissing
	}
	if err != nil {
		return team.Team{}, fmt.Errorf("read team %s: %w", id, err)
	}
	return s.team(row)
}

// TeamByLink returns the team of a link, for somebody who has that link.
func (s *Store) TeamByLink(ctx context.Context, id string) (team.Team, error) {
	t, err := s.Team(unguarded(ctx), id)
	if err == nil {
		admit(ctx, id)
	}
	return t, err
}

// Teams returns all teams, oldest first.
func (s *Store) Teams(ctx context.Context) ([]team.Team, error) {
	rows, _ := s.pool.Query(ctx, `select `+teamColumns+` from teams t order by t.created_at, t.id`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[teamRow])
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	return each(found, s.team)
}

// each turns rows into values and stops at the first that does not open.
func each[Row, Value any](rows []Row, read func(Row) (Value, error)) ([]Value, error) {
	values := make([]Value, len(rows))
	for i, row := range rows {
		value, err := read(row)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}
