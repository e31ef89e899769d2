package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
)

// tryPrint finds a subject of guesses again without keeping whose it is.
func (s *Store) tryPrint(subject string) []byte {
	return s.sealer.Fingerprint("tries", []byte(subject))
}

// Try counts a guess as wrong before it is looked at, unless one of the guarded says
// that it must wait; then nothing is counted.
func (s *Store) Try(ctx context.Context, at time.Time, what ...account.Guarded) ([]account.Tally, error) {
	counted := make([]account.Tally, len(what))
	// Always in one order, so that two of us never wait for each other.
	order := make([]int, len(what))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(what[a].Subject, what[b].Subject) })
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, i := range order {
			var err error
			if counted[i], err = s.try(ctx, tx, at, what[i]); err != nil {
				return err
			}
		}
		return nil
	})
	var slowed *account.Slowed
	if err != nil && !errors.As(err, &slowed) {
		return nil, fmt.Errorf("count a guess: %w", err)
	}
	return counted, err
}

func (s *Store) try(ctx context.Context, tx pgx.Tx, at time.Time, g account.Guarded) (account.Tally, error) {
	print := s.tryPrint(g.Subject)
	// The first guess makes its row, the others wait for each other here.
	_, err := tx.Exec(ctx, `insert into tries (subject, failures, failed_at) values ($1, 1, '-infinity') on conflict (subject) do update set failures = tries.failures`, print)
	if err != nil {
		return account.Tally{}, err
	}
	var kept account.Tally
	err = tx.QueryRow(ctx, `select case when isfinite(failed_at) then failures else 0 end, case when isfinite(failed_at) then failed_at else 'epoch' end from tries where subject = $1`, print).Scan(&kept.Failures, &kept.At)
	if err != nil {
		return kept, err
	}
	counted, err := g.Pace.Count(kept, at)
	if err != nil {
		return kept, err
	}
	_, err = tx.Exec(ctx, `update tries set failures = $2, failed_at = $3 where subject = $1`, print, counted.Failures, counted.At)
	return counted, err
}

// Forgive takes back all that was counted at some, and one guess at others.
func (s *Store) Forgive(ctx context.Context, all, one []string) error {
	prints := func(subjects []string) [][]byte {
		found := make([][]byte, len(subjects))
		for i, subject := range subjects {
			found[i] = s.tryPrint(subject)
		}
		return found
	}
	_, err := s.pool.Exec(ctx, `
		with gone as (
			delete from tries where subject = any (@all::bytea[]) or subject = any (@one::bytea[]) and failures <= 1
		)
		update tries set failures = failures - 1 where subject = any (@one::bytea[]) and failures > 1`,
		pgx.StrictNamedArgs{"all": prints(all), "one": prints(one)})
	if err != nil {
		return fmt.Errorf("forgive guesses: %w", err)
	}
	return nil
}
