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

// count counts an envelope that is being sent. The documents of production are added
// to the month's in the row that all senders of the organisation wait for, so that no
// two of them can take the last of a plan.
func count(ctx context.Context, tx pgx.Tx, e envelope.Envelope) error {
	tag, err := tx.Exec(ctx, `
		with sent as (
			insert into usage (envelope_id, organisation_id, team_id, at, documents, test)
			select @envelope, t.organisation_id, t.id, now(), @documents, @test from teams t where t.id = @team
			returning organisation_id, documents, test
		), plan as (
			select s.organisation_id, s.monthly_documents, sent.documents
			  from sent join subscriptions s on s.organisation_id = sent.organisation_id
			 where not sent.test and s.since <= now() and (s.until is null or s.until > now())
		)
		insert into usage_months as m (organisation_id, month, documents)
		select organisation_id, `+thisMonth+`, documents from plan where monthly_documents is null or documents <= monthly_documents
		    on conflict on constraint usage_months_pkey do update set documents = m.documents + excluded.documents
		 where m.documents + excluded.documents <= coalesce((select monthly_documents from plan), m.documents + excluded.documents)`,
		pgx.StrictNamedArgs{"envelope": e.ID, "team": e.Team, "documents": len(e.Documents), "test": e.Test})
	if err != nil || tag.RowsAffected() == 1 || e.Test {
		return err
	}
	if err := room(ctx, tx, e); err != nil {
		return err
	}
	return team.ErrPlanLimit
}

// thisMonth is the calendar month in UTC, as all connections have it.
const thisMonth = `date_trunc('month', now())::date`

// MaySend refuses what the plan has no room for, so that nobody waits for that
// answer. Whether there is room is decided when the envelope is sent.
func (s *Store) MaySend(ctx context.Context, e envelope.Envelope) error { return room(ctx, s.pool, e) }

func room(ctx context.Context, q querier, e envelope.Envelope) error {
	if e.Test {
		return nil
	}
	var most zeronull.Int8
	var used int64
	err := q.QueryRow(ctx, `
		select s.monthly_documents, coalesce(m.documents, 0)
		  from teams t join subscriptions s on s.organisation_id = t.organisation_id
		       left join usage_months m on m.organisation_id = t.organisation_id and m.month = `+thisMonth+`
		 where t.id = @team and s.since <= now() and (s.until is null or s.until > now())`,
		pgx.StrictNamedArgs{"team": e.Team}).Scan(&most, &used)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return team.ErrNotSubscribed
	case err != nil:
		return fmt.Errorf("read plan of team %s: %w", e.Team, err)
	case most != 0 && used+int64(len(e.Documents)) > int64(most):
		return team.ErrPlanLimit
	}
	return nil
}

// GrantFairUse gives an organisation that has never had a subscription one without
// a limit.
func (s *Store) GrantFairUse(ctx context.Context, organisation string) error {
	_, err := s.pool.Exec(ctx, `
		insert into subscriptions (organisation_id, plan, monthly_documents, since)
		values (@organisation, 'fair use', null, now())
		    on conflict (organisation_id) do nothing`, pgx.StrictNamedArgs{"organisation": organisation})
	if err != nil {
		return fmt.Errorf("grant fair use to organisation %s: %w", organisation, err)
	}
	return nil
}

type usageRow struct {
	ID            string
	Sealed        []byte
	Envelopes     int
	Documents     int
	TestEnvelopes int
	TestDocuments int
}

// Usage returns what each team of an organisation has sent in the calendar month of
// that moment, the oldest team first.
func (s *Store) Usage(ctx context.Context, organisation string, month time.Time) ([]team.Usage, error) {
	from := team.Month(month)
	rows, _ := s.pool.Query(ctx, `
		select t.id, t.sealed,
		       count(u.envelope_id) filter (where not u.test) as envelopes,
		       coalesce(sum(u.documents) filter (where not u.test), 0) as documents,
		       count(u.envelope_id) filter (where u.test) as test_envelopes,
		       coalesce(sum(u.documents) filter (where u.test), 0) as test_documents
		  from teams t left join usage u on u.team_id = t.id and u.organisation_id = t.organisation_id and u.at >= @from and u.at < @until
		 where t.organisation_id = @organisation
		 group by t.id
		 order by t.created_at, t.id`,
		pgx.StrictNamedArgs{"organisation": organisation, "from": from, "until": from.AddDate(0, 1, 0)})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[usageRow])
	if err != nil {
		return nil, fmt.Errorf("read usage of organisation %s: %w", organisation, err)
	}
	return each(found, func(r usageRow) (team.Usage, error) {
		var words teamWords
		err := s.unseal(&words, r.Sealed, "teams", "sealed", r.ID)
		return team.Usage{Team: r.ID, Name: words.Name, Envelopes: r.Envelopes, Documents: r.Documents,
			TestEnvelopes: r.TestEnvelopes, TestDocuments: r.TestDocuments}, err
	})
}
