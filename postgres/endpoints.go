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
	URL          string
	Types        []string // empty means all
	Secrets      []Secret // the newest first
	CreatedAt    time.Time
	FailingSince time.Time // zero while it takes what it gets
	DisabledAt   time.Time // zero while it is in use
	DisabledWhy  DisabledWhy
}

// Secret is a key of an endpoint. Value is as webhooks.Secret reveals it; a zero
// Until means that it is live until another takes its place.
type Secret struct {
	Value string    `json:"value"`
	Until time.Time `json:"until,omitzero"`
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
	Secrets []Secret `json:"secrets"`
}

type endpointRow struct {
	ID           string
	Types        []string
	CreatedAt    time.Time
	FailingSince zeronull.Timestamptz
	DisabledAt   zeronull.Timestamptz
	DisabledWhy  zeronull.Text
	Sealed       []byte
}

// CreateEndpoint stores where a team wants its events from now on. A zero CreatedAt becomes now.
func (s *Store) CreateEndpoint(ctx context.Context, teamID string, e Endpoint) error {
	sealed, err := s.seal(endpointWords{e.URL, e.Secrets}, "endpoints", "sealed", e.ID)
	if err != nil {
		return err
	}
	if e.CreatedAt.IsZero() {
		e.CreatedAt = now()
	}
	if e.Types == nil {
		e.Types = []string{}
	}
	_, err = s.pool.Exec(ctx, `
		insert into endpoints (id, team_id, types, created_at, sealed)
		values (@id, @team, @types, @created, @sealed)
		on conflict (id) do nothing`,
		pgx.StrictNamedArgs{"id": e.ID, "team": teamID, "types": e.Types, "created": e.CreatedAt, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("store endpoint %s of team %s: %w", e.ID, teamID, err)
	}
	return nil
}

// Endpoints returns the team's endpoints with their secrets, oldest first.
func (s *Store) Endpoints(ctx context.Context, teamID string) ([]Endpoint, error) {
	rows, _ := s.pool.Query(ctx, `
		select id, types, created_at, failing_since, disabled_at, disabled_why, sealed
		  from endpoints where team_id = $1 order by created_at, id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[endpointRow])
	if err != nil {
		return nil, fmt.Errorf("list endpoints of team %s: %w", teamID, err)
	}
	return each(found, s.endpoint)
}

func (s *Store) endpoint(r endpointRow) (Endpoint, error) {
	var words endpointWords
	err := s.unseal(&words, r.Sealed, "endpoints", "sealed", r.ID)
	return Endpoint{
		ID: r.ID, URL: words.URL, Types: r.Types, Secrets: words.Secrets, CreatedAt: r.CreatedAt,
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

// RotateSecret makes secret the endpoint's newest. The one it had stays live
// beside it until oldUntil; older ones end.
func (s *Store) RotateSecret(ctx context.Context, teamID, id, secret string, oldUntil time.Time) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var sealed []byte
		args := pgx.StrictNamedArgs{"id": id, "team": teamID}
		err := tx.QueryRow(ctx, `select sealed from endpoints where id = @id and team_id = @team for update`, args).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return errEndpointMissing
		}
		if err != nil {
			return err
		}
		if sealed, err = s.rotated(id, sealed, secret, oldUntil); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update endpoints set sealed = @sealed where id = @id`, pgx.StrictNamedArgs{"id": id, "sealed": sealed})
		return err
	})
	if err != nil {
		return fmt.Errorf("rotate secret of endpoint %s: %w", id, err)
	}
	return nil
}

// rotated leaves an endpoint alone that has this secret already: the call is a repeat.
func (s *Store) rotated(id string, sealed []byte, secret string, oldUntil time.Time) ([]byte, error) {
	var words endpointWords
	if err := s.unseal(&words, sealed, "endpoints", "sealed", id); err != nil {
		return nil, err
	}
	if len(words.Secrets) > 0 && words.Secrets[0].Value == secret {
		return sealed, nil
	}
	next := []Secret{{Value: secret}}
	if len(words.Secrets) > 0 {
		next = append(next, Secret{Value: words.Secrets[0].Value, Until: oldUntil})
	}
	words.Secrets = next
	return s.seal(words, "endpoints", "sealed", id)
}

// live returns the secrets that sign at that time, the newest first.
func (w endpointWords) live(at time.Time) ([]webhooks.Secret, error) {
	var live []webhooks.Secret
	for _, secret := range w.Secrets {
		if !secret.Until.IsZero() && !at.Before(secret.Until) {
			continue
		}
		parsed, err := webhooks.ParseSecret(secret.Value)
		if err != nil {
			return nil, err
		}
		live = append(live, parsed)
	}
	return live, nil
}
