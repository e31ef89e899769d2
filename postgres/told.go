package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/activities"
	"chancery/webhooks"
)

// attemptRow travels inside JSON, as recipientRow does.
type attemptRow struct {
	ID       string           `json:"id"`
	Delivery string           `json:"delivery_id"`
	Number   int              `json:"number"`
	At       time.Time        `json:"at"`
	TookMS   int64            `json:"took_ms"`
	Status   int              `json:"status"`
	Verdict  webhooks.Verdict `json:"verdict"`
	NextAt   time.Time        `json:"next_at,omitzero"`
	Sealed   bytea            `json:"sealed"`
}

type attemptWords struct {
	Excerpt string `json:"excerpt,omitempty"`
	Error   string `json:"error,omitempty"`
}

type sentRow struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	SettledAt time.Time `json:"settled_at,omitzero"`
	Sealed    bytea     `json:"sealed"`
}

type letterWords struct {
	Why string `json:"why,omitempty"`
}

// Told keeps what came of letters and attempts, in one transaction. What has been
// kept before changes nothing, and what is finished stays so. An endpoint that is
// gone, or has failed for MaxFailing, is disabled.
func (s *Store) Told(ctx context.Context, sent []activities.Sent, attempts []activities.Attempt) error {
	letters, err := each(sent, s.sentRow)
	if err != nil {
		return err
	}
	made, err := each(attempts, s.attemptRow)
	if err != nil {
		return err
	}
	// Always in one order, so that two of us never wait for each other.
	slices.SortFunc(letters, func(a, b sentRow) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(made, func(a, b attemptRow) int { return cmp.Compare(a.Delivery, b.Delivery) })
	batch := &pgx.Batch{}
	if len(letters) > 0 {
		batch.Queue(settleLetters, pgx.StrictNamedArgs{"letters": letters})
	}
	if len(made) > 0 {
		batch.Queue(judgeEndpoints, pgx.StrictNamedArgs{"attempts": made, "patience": MaxFailing})
		batch.Queue(keepAttempts, pgx.StrictNamedArgs{"attempts": made})
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep what came of %d letters and %d attempts: %w", len(sent), len(attempts), err)
	}
	return nil
}

// Postponed notes until when deliveries wait for their turn. One that is attempted
// meanwhile waits no more.
func (s *Store) Postponed(ctx context.Context, waits []activities.Wait) error {
	ids, until := []string{}, []time.Time{}
	for _, w := range waits {
		if w.For > 0 {
			ids, until = append(ids, w.Delivery), append(until, w.Until)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := s.pool.Exec(ctx, `
		update deliveries d set waits_until = w.until
		  from (select id, until from unnest(@ids::text[], @until::timestamptz[]) as w (id, until) order by id) w
		 where d.id = w.id and d.status = 'pending'`, pgx.StrictNamedArgs{"ids": ids, "until": until})
	if err != nil {
		return fmt.Errorf("note that %d deliveries wait: %w", len(ids), err)
	}
	return nil
}

const settleLetters = `
	update letters l
	   set status = m.status, settled_at = m.settled_at, sealed = m.sealed
	  from json_populate_recordset(null::letters, @letters) m
	 where l.id = m.id and l.status = 'pending'`

const keepAttempts = `
	with made as (
		insert into attempts (id, delivery_id, team_id, number, at, took_ms, status, verdict, next_at, sealed)
		select m.id, d.id, d.team_id, m.number, m.at, m.took_ms, m.status, m.verdict, m.next_at, m.sealed
		  from json_populate_recordset(null::attempts, @attempts) m join deliveries d on d.id = m.delivery_id
		on conflict (id) do nothing
		returning delivery_id, verdict, next_at
	)
	update deliveries d
	   set attempts = d.attempts + 1, waits_until = null,
	       status = case when m.verdict = 'delivered' then 'delivered' when m.next_at is null then 'failed' else 'pending' end
	  from made m
	 where d.id = m.delivery_id and d.status = 'pending'`

// judgeEndpoints writes nothing about an endpoint that did and does well. Attempts
// that are kept already are no news: it runs before they are.
const judgeEndpoints = `
	with outcomes as (
		select d.endpoint_id, bool_or(m.verdict = 'delivered') as reached, bool_or(m.verdict = 'gone') as gone,
		       min(m.at) as first, max(m.at) as last
		  from json_populate_recordset(null::attempts, @attempts) m join deliveries d on d.id = m.delivery_id
		 where not exists (select from attempts a where a.id = m.id)
		 group by d.endpoint_id
		 order by d.endpoint_id
	), judged as (
		select p.id, o.last,
		       case when not o.reached then coalesce(p.failing_since, o.first) end as failing_since,
		       case when o.gone then 'gone'
		            when not o.reached and p.failing_since <= o.last - @patience::interval then 'failing' end as why
		  from outcomes o join endpoints p on p.id = o.endpoint_id
		 where (not o.reached or o.gone or p.failing_since is not null)
		   for update of p
	)
	update endpoints p
	   set failing_since = j.failing_since,
	       disabled_at = coalesce(p.disabled_at, case when j.why is not null then j.last end),
	       disabled_why = coalesce(p.disabled_why, j.why)
	  from judged j
	 where p.id = j.id`

// sentRow keeps why a letter was not sent; one that waits stays pending.
func (s *Store) sentRow(sent activities.Sent) (sentRow, error) {
	sealed, err := s.seal(letterWords{sent.Why}, "letters", "sealed", sent.Letter)
	row := sentRow{ID: sent.Letter, Status: string(LetterPending), Sealed: sealed}
	if sent.Status == string(LetterSent) || sent.Status == string(LetterRefused) {
		row.Status, row.SettledAt = sent.Status, sent.At
	}
	return row, err
}

func (s *Store) attemptRow(a activities.Attempt) (attemptRow, error) {
	sealed, err := s.seal(attemptWords{a.Outcome.Excerpt, a.Outcome.Error}, "attempts", "sealed", a.ID)
	return attemptRow{
		ID: a.ID, Delivery: a.Delivery, Number: a.Number, At: a.At, TookMS: a.Outcome.Took.Milliseconds(),
		Status: a.Outcome.Status, Verdict: a.Outcome.Verdict, NextAt: a.Next, Sealed: sealed,
	}, err
}
