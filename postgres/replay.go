package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/problem"
)

// Replay chooses events that an endpoint gets again: these ones, or those that
// happened from Since until before Until. A zero time sets no bound. Missed leaves
// out what has reached the endpoint, and what happened before there was one.
type Replay struct {
	Events []string
	Since  time.Time
	Until  time.Time
	Missed bool
}

// MaxReplay is how many events are replayed at once: each becomes a delivery of its own in the engine.
const MaxReplay = 1000

var (
	errReplayEmpty    = problem.Invalid("replay_empty", "Say which events to replay, or from when or until when.")
	errReplayTooLarge = problem.TooLarge("replay_too_large", "At most 1000 events can be replayed at once.")
)

// Redeliver makes events pending for an endpoint, those that it never got because
// it is younger than they are included, and returns the ids of their deliveries,
// oldest first. Deliveries that are pending already go on as they are and are not
// among them. A disabled endpoint gets nothing.
func (s *Store) Redeliver(ctx context.Context, teamID, endpointID string, which Replay) ([]string, error) {
	if len(which.Events) == 0 && which.Since.IsZero() && which.Until.IsZero() {
		return nil, errReplayEmpty
	}
	if len(which.Events) > MaxReplay {
		return nil, errReplayTooLarge
	}
	var ids []string
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if err := mustHaveEndpoint(ctx, tx, teamID, endpointID); err != nil {
			return err
		}
		chosen, args := which.condition()
		args["team"], args["endpoint"], args["limit"] = teamID, endpointID, MaxReplay+1
		rows, _ := tx.Query(ctx, redeliver(chosen), args)
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			return err
		}
		if len(ids) > MaxReplay {
			return errReplayTooLarge
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replay events to endpoint %s: %w", endpointID, err)
	}
	return ids, nil
}

func mustHaveEndpoint(ctx context.Context, tx pgx.Tx, teamID, endpointID string) error {
	rows, _ := tx.Query(ctx, `
		select disabled_at is null from endpoints where id = @id and team_id = @team for key share`,
		pgx.StrictNamedArgs{"id": endpointID, "team": teamID})
	found, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errEndpointMissing
	}
	if enabled := found[0]; !enabled {
		return problem.Conflict("endpoint_disabled", "The webhook endpoint is disabled. Enable it before events are replayed.")
	}
	return nil
}

// condition is that of the events e which are chosen.
func (r Replay) condition() (string, pgx.StrictNamedArgs) {
	if len(r.Events) > 0 {
		return `e.id = any(@events)`, pgx.StrictNamedArgs{"events": r.Events}
	}
	return `e.at >= coalesce(@since, '-infinity'::timestamptz) and e.at < coalesce(@until, 'infinity'::timestamptz)
		   and (not @missed or e.at >= p.created_at and not exists (
		        select from attempts a where a.delivery_id = e.id || '.' || p.id and a.verdict = 'delivered'))`,
		pgx.StrictNamedArgs{"since": zeronull.Timestamptz(r.Since), "until": zeronull.Timestamptz(r.Until), "missed": r.Missed}
}

func redeliver(chosen string) string {
	return `
	with recursive told as (
		select id from teams where id = @team
		union
		select t.id from teams t join told on t.parent_id = told.id
		 where (select children from endpoints where id = @endpoint)
	), wanted as (
		select e.id, p.team_id, e.envelope_id, e.at, e.position
		  from events e join endpoints p on p.id = @endpoint
		 where e.team_id in (select id from told) and (p.types = '{}' or e.type = any(p.types))
		   and (p.tags = '{}' or exists (select from envelope_tags g where g.envelope_id = e.envelope_id and g.tag = any(p.tags)))
		   and ` + chosen + `
		   and not exists (select from deliveries d
		                    where d.event_id = e.id and d.endpoint_id = @endpoint and d.status = 'pending')
		 order by e.position
		 limit @limit
	), reset as (
		insert into deliveries as d (id, team_id, endpoint_id, event_id, envelope_id, change_id, created_at)
		select w.id || '.' || @endpoint, w.team_id, @endpoint, w.id, w.envelope_id, '', now()
		  from wanted w
		on conflict (id) do update set status = 'pending', attempts = 0
		 where d.status <> 'pending'
		returning id, event_id
	)
	select r.id from reset r join wanted w on w.id = r.event_id order by w.position`
}
