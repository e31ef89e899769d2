package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/problem"
	"chancery/team"
)

type subscriptionRow struct {
	Plan      zeronull.Text
	Documents zeronull.Int8
	Since     zeronull.Timestamptz
	Until     zeronull.Timestamptz
}

const subscriptionColumns = `s.plan, s.monthly_documents as documents, s.since, s.until`

func (r subscriptionRow) subscription(organisation string) team.Subscription {
	if r.Plan == "" {
		return team.Subscription{}
	}
	return team.Subscription{Organisation: organisation, Plan: string(r.Plan), MonthlyDocuments: int(r.Documents),
		Since: time.Time(r.Since), Until: time.Time(r.Until)}
}

// subscriptionOf returns the zero subscription for who has none.
func subscriptionOf(ctx context.Context, q querier, organisation string) (team.Subscription, error) {
	rows, _ := q.Query(ctx, `select `+subscriptionColumns+` from subscriptions s where s.organisation_id = $1`, organisation)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[subscriptionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return team.Subscription{}, nil
	}
	return row.subscription(organisation), err
}

// Subscription returns what an organisation has paid for; the zero one is none.
func (s *Store) Subscription(ctx context.Context, organisation string) (team.Subscription, error) {
	found, err := subscriptionOf(ctx, s.pool, organisation)
	if err != nil {
		return found, fmt.Errorf("read subscription of organisation %s: %w", organisation, err)
	}
	return found, nil
}

// Subscribe gives an organisation a plan in place of the one it has.
func (s *Store) Subscribe(ctx context.Context, sub team.Subscription) error {
	if err := sub.Check(); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, `
		insert into subscriptions (organisation_id, plan, monthly_documents, since, until)
		values (@organisation, @plan, @documents, @since, @until)
		    on conflict (organisation_id) do update
		   set plan = excluded.plan, monthly_documents = excluded.monthly_documents, since = excluded.since, until = excluded.until`,
		pgx.StrictNamedArgs{"organisation": sub.Organisation, "plan": sub.Plan, "documents": zeronull.Int8(sub.MonthlyDocuments),
			"since": sub.Since, "until": zeronull.Timestamptz(sub.Until)})
	if violates(err, "subscriptions_organisation_fkey") {
		return errOrganisationMissing
	}
	if err != nil {
		return fmt.Errorf("subscribe organisation %s: %w", sub.Organisation, err)
	}
	return nil
}

// Unsubscribe lets a subscription end then, unless it ends before.
func (s *Store) Unsubscribe(ctx context.Context, organisation string, at time.Time) error {
	tag, err := s.pool.Exec(ctx, `
		update subscriptions set until = least(until, @at) where organisation_id = @organisation`,
		pgx.StrictNamedArgs{"organisation": organisation, "at": at})
	if err != nil {
		return fmt.Errorf("end subscription of organisation %s: %w", organisation, err)
	}
	if tag.RowsAffected() == 0 {
		return problem.Missing("subscription_missing", "This organisation has no subscription.")
	}
	return nil
}

// Customer is an organisation as an operator sees it.
type Customer struct {
	team.Organisation
	Subscription team.Subscription
	Teams        int
	Documents    int // that its production teams have sent this month
}

type customerRow struct {
	ID     string
	Region string
	Sealed []byte
	subscriptionRow
	Teams int
	Used  int
}

// Customers returns all organisations, the oldest first.
func (s *Store) Customers(ctx context.Context) ([]Customer, error) {
	rows, _ := s.pool.Query(unguarded(ctx), `
		select o.id, o.region, o.sealed, `+subscriptionColumns+`,
		       (select count(*) from teams t where t.organisation_id = o.id) as teams,
		       coalesce((select m.documents from usage_months m
		                  where m.organisation_id = o.id and m.month = date_trunc('month', now())::date), 0) as used
		  from organisations o left join subscriptions s on s.organisation_id = o.id
		 order by o.created_at, o.id`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[customerRow])
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return each(found, s.customer)
}

func (s *Store) customer(r customerRow) (Customer, error) {
	var words named
	err := s.unseal(&words, r.Sealed, "organisations", "sealed", r.ID)
	return Customer{
		Organisation: team.Organisation{ID: r.ID, Name: words.Name, Region: r.Region},
		Subscription: r.subscription(r.ID), Teams: r.Teams, Documents: r.Used,
	}, err
}
