package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/account"
	"chancery/problem"
	"chancery/team"
)

var (
	errApplicationMissing = problem.Missing("application_missing", "There is no such application.")
	errApplicationPending = problem.Conflict("application_pending", "There is an application already. Please wait for the answer.")
	errApplicationDecided = problem.Conflict("application_decided", "This application has been decided already.")
)

// applicationWords is the sealed part of an application.
type applicationWords struct {
	Form   team.ApplicationForm `json:"form"`
	Reason string               `json:"reason,omitempty"`
}

type applicationRow struct {
	ID           string
	Organisation string
	User         string
	Status       team.ApplicationStatus
	CreatedAt    time.Time
	DecidedAt    zeronull.Timestamptz
	Sealed       []byte
}

const applicationColumns = `a.id, a.organisation_id as organisation, a.user_id as "user", a.status, a.created_at, a.decided_at, a.sealed`

func (s *Store) application(r applicationRow) (team.Application, error) {
	var words applicationWords
	err := s.unseal(&words, r.Sealed, "applications", "sealed", r.ID)
	return team.Application{ID: r.ID, Organisation: r.Organisation, User: r.User, Status: r.Status, CreatedAt: r.CreatedAt,
		DecidedAt: time.Time(r.DecidedAt), Form: words.Form, Reason: words.Reason}, err
}

// Apply stores an application. The same one a second time changes nothing; while
// one waits for its answer there is no other.
func (s *Store) Apply(ctx context.Context, a team.Application) error {
	if err := a.Form.Check(); err != nil {
		return err
	}
	sealed, err := s.seal(applicationWords{Form: a.Form}, "applications", "sealed", a.ID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		insert into applications (id, organisation_id, user_id, status, created_at, sealed)
		values (@id, @organisation, @user, 'pending', @created, @sealed)
		    on conflict (id) do nothing`,
		pgx.StrictNamedArgs{"id": a.ID, "organisation": a.Organisation, "user": a.User, "created": a.CreatedAt, "sealed": sealed})
	if violates(err, "applications_one_pending") {
		return errApplicationPending
	}
	if err != nil {
		return fmt.Errorf("store application %s: %w", a.ID, err)
	}
	return nil
}

// Application returns the application with that id, for an operator.
func (s *Store) Application(ctx context.Context, id string) (team.Application, error) {
	return s.oneApplication(ctx, s.pool, `where a.id = @id`, pgx.StrictNamedArgs{"id": id})
}

// LastApplication returns the newest application of a user.
func (s *Store) LastApplication(ctx context.Context, user string) (team.Application, error) {
	return s.oneApplication(ctx, s.pool, `where a.user_id = @id order by a.created_at desc, a.id desc limit 1`, pgx.StrictNamedArgs{"id": user})
}

func (s *Store) oneApplication(ctx context.Context, q querier, which string, args pgx.StrictNamedArgs) (team.Application, error) {
	rows, _ := q.Query(ctx, `select `+applicationColumns+` from applications a `+which, args)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[applicationRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return team.Application{}, errApplicationMissing
	}
	if err != nil {
		return team.Application{}, fmt.Errorf("read application of %s: %w", args["id"], err)
	}
	return s.application(row)
}

// Applications returns a page of all applications of that status ("" is any), the
// newest first, and the cursor of the next page, which is empty on the last one.
func (s *Store) Applications(ctx context.Context, status team.ApplicationStatus, after string) ([]team.Application, string, error) {
	createdBefore, idBefore, err := readCursor("applications", after, beforeAll)
	if err != nil {
		return nil, "", err
	}
	rows, _ := s.pool.Query(ctx, `
		select `+applicationColumns+` from applications a
		 where (@status::text = '' or a.status = @status) and (a.created_at, a.id) < (@created::text::timestamptz, @id)
		 order by a.created_at desc, a.id desc limit @limit`,
		pgx.StrictNamedArgs{"status": string(status), "created": createdBefore, "id": idBefore, "limit": DefaultPage + 1})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[applicationRow])
	if err != nil {
		return nil, "", fmt.Errorf("list applications: %w", err)
	}
	found, more := cut(found, DefaultPage)
	all, err := each(found, s.application)
	if err != nil || !more {
		return all, "", err
	}
	last := all[len(all)-1]
	return all, cursor("applications", last.CreatedAt.Format(time.RFC3339Nano), last.ID), nil
}

// Decide answers an application. Whoever is approved may use the API from then on.
// The letter that tells the applicant is stored with it. The same decision again
// changes nothing; another one is refused.
func (s *Store) Decide(ctx context.Context, id string, status team.ApplicationStatus, reason string, at time.Time, letter func(team.Application, account.User) account.Notice) (decided team.Application, err error) {
	if err := team.CheckDecision(status, reason); err != nil {
		return decided, err
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		decided, err = s.oneApplication(ctx, tx, `where a.id = @id for update`, pgx.StrictNamedArgs{"id": id})
		if err != nil {
			return err
		}
		if decided.Status != team.Pending {
			if decided.Status != status {
				return errApplicationDecided
			}
			return nil
		}
		decided.Status, decided.Reason, decided.DecidedAt = status, reason, at
		if err := s.storeDecision(ctx, tx, decided); err != nil {
			return err
		}
		applicant, err := s.User(ctx, decided.User)
		if err != nil {
			return err
		}
		return s.addNotices(ctx, tx, letter(decided, applicant))
	})
	if err != nil {
		return decided, fmt.Errorf("decide application %s: %w", id, err)
	}
	return decided, nil
}

func (s *Store) storeDecision(ctx context.Context, tx pgx.Tx, a team.Application) error {
	sealed, err := s.seal(applicationWords{a.Form, a.Reason}, "applications", "sealed", a.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with let_in as (
			update users set approved_at = coalesce(approved_at, @at) where id = @user and @status = 'approved'
		)
		update applications set status = @status, decided_at = @at, sealed = @sealed where id = @id`,
		pgx.StrictNamedArgs{"id": a.ID, "user": a.User, "status": string(a.Status), "at": a.DecidedAt, "sealed": sealed})
	return err
}
