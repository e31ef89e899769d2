package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/webhooks"
)

// Endpoint is where a team wants its events.
type Endpoint struct {
	ID           string
	Team         string
	URL          string
	Types        []string // empty means all
	Tags         []string // of envelopes with one of these; empty means all
	Children     bool     // those of the teams below, too
	Secrets      []Secret // the newest first
	CreatedAt    time.Time
	FailingSince time.Time // zero while it takes what it gets
	DisabledAt   time.Time // zero while it is in use
	DisabledWhy  DisabledWhy
}

// DisabledWhy says why an endpoint gets nothing any more.
type DisabledWhy string

const (
	WhyGone    DisabledWhy = "gone"    // it answered 410
	WhyFailing DisabledWhy = "failing" // nothing reached it for MaxFailing
	WhyOwner   DisabledWhy = "owner"   // its team wanted it
)

// MaxFailing is how long an endpoint may fail without one success before it is
// disabled: longer than a weekend with a holiday.
const MaxFailing = 5 * 24 * time.Hour

type endpointWords struct {
	URL     string   `json:"url"`
	Tags    []string `json:"tags,omitempty"`
	Secrets []Secret `json:"secrets"`
}

type endpointRow struct {
	ID           string
	TeamID       string
	Types        []string
	Children     bool
	CreatedAt    time.Time
	FailingSince zeronull.Timestamptz
	DisabledAt   zeronull.Timestamptz
	DisabledWhy  zeronull.Text
	Sealed       []byte
}

// CreateEndpoint stores where a team wants its events from now on. A zero CreatedAt becomes now.
func (s *Store) CreateEndpoint(ctx context.Context, teamID string, e Endpoint) error {
	sealed, err := s.seal(endpointWords{e.URL, e.Tags, e.Secrets}, "endpoints", "sealed", e.ID)
	if err != nil {
		return err
	}
	if e.CreatedAt.IsZero() {
		e.CreatedAt = now()
	}
	if e.Types == nil {
		e.Types = []string{}
	}
	var room bool
	err = s.pool.QueryRow(ctx, `
		with counted as (
			select count(*) < @most as room from endpoints where team_id = @team and id <> @id
		), made as (
			insert into endpoints (id, team_id, types, tags, children, created_at, sealed)
			select @id, @team, @types, @tags, @children, @created, @sealed from counted where room
			on conflict (id) do nothing
		)
		select room from counted`,
		pgx.StrictNamedArgs{"id": e.ID, "team": teamID, "types": e.Types, "tags": s.tagPrints(e.Tags), "children": e.Children, "created": e.CreatedAt, "sealed": sealed,
			"most": webhooks.MaxEndpoints}).Scan(&room)
	if err != nil {
		return fmt.Errorf("store endpoint %s of team %s: %w", e.ID, teamID, err)
	}
	if !room {
		return errTooManyEndpoints
	}
	return nil
}

const endpointColumns = `id, team_id, types, children, created_at, failing_since, disabled_at, disabled_why, sealed`

// Endpoints returns the team's endpoints with their secrets, oldest first.
func (s *Store) Endpoints(ctx context.Context, teamID string) ([]Endpoint, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+endpointColumns+` from endpoints where team_id = $1 order by created_at, id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[endpointRow])
	if err != nil {
		return nil, fmt.Errorf("list endpoints of team %s: %w", teamID, err)
	}
	return each(found, s.endpoint)
}

// EndpointAmong returns the endpoint when it is of one of these teams.
func (s *Store) EndpointAmong(ctx context.Context, teams []string, id string) (Endpoint, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+endpointColumns+` from endpoints where id = @id and team_id = any(@teams)`,
		pgx.StrictNamedArgs{"id": id, "teams": teams})
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[endpointRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Endpoint{}, errEndpointMissing
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("read endpoint %s: %w", id, err)
	}
	return s.endpoint(row)
}

func (s *Store) endpoint(r endpointRow) (Endpoint, error) {
	var words endpointWords
	err := s.unseal(&words, r.Sealed, "endpoints", "sealed", r.ID)
	return Endpoint{
		ID: r.ID, Team: r.TeamID, URL: words.URL, Types: r.Types, Tags: words.Tags, Children: r.Children, Secrets: words.Secrets, CreatedAt: r.CreatedAt,
		FailingSince: time.Time(r.FailingSince), DisabledAt: time.Time(r.DisabledAt), DisabledWhy: DisabledWhy(r.DisabledWhy),
	}, err
}

// DeleteEndpoint removes an endpoint with the log of its deliveries.
func (s *Store) DeleteEndpoint(ctx context.Context, teamID, id string) error {
	return s.changeEndpoint(ctx, "delete", `delete from endpoints where id = @id and team_id = @team`,
		pgx.StrictNamedArgs{"id": id, "team": teamID})
}

// DisableEndpoint ends all delivery to an endpoint until it is enabled again.
func (s *Store) DisableEndpoint(ctx context.Context, teamID, id string, why DisabledWhy) error {
	return s.changeEndpoint(ctx, "disable", `
		update endpoints
		   set disabled_at = coalesce(disabled_at, now()), disabled_why = coalesce(disabled_why, @why)
		 where id = @id and team_id = @team`,
		pgx.StrictNamedArgs{"id": id, "team": teamID, "why": why})
}

// EnableEndpoint lets an endpoint have events again. What was not delivered before
// counts as failed and can be replayed.
func (s *Store) EnableEndpoint(ctx context.Context, teamID, id string) error {
	return s.changeEndpoint(ctx, "enable", `
		with given_up as (
			update deliveries set status = 'failed'
			 where status = 'pending'
			   and endpoint_id in (select id from endpoints where id = @id and team_id = @team and disabled_at is not null)
		)
		update endpoints set disabled_at = null, disabled_why = null, failing_since = null
		 where id = @id and team_id = @team`,
		pgx.StrictNamedArgs{"id": id, "team": teamID})
}

func (s *Store) changeEndpoint(ctx context.Context, verb, statement string, args pgx.StrictNamedArgs) error {
	tag, err := s.pool.Exec(ctx, statement, args)
	if err != nil {
		return fmt.Errorf("%s endpoint %s: %w", verb, args["id"], err)
	}
	if tag.RowsAffected() == 0 {
		return errEndpointMissing
	}
	return nil
}
