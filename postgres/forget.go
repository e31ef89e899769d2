package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
)

const (
	// keepTries is longer than any guess is remembered.
	keepTries = 3 * 24 * time.Hour
	// keepNotices is how long one can see what letters about accounts became of.
	keepNotices = 90 * 24 * time.Hour
	// keepDevices is how long a browser is known that nobody signs in with.
	keepDevices = 365 * 24 * time.Hour
)

// Forget deletes what is over of the accounts: sign-ups that nobody has proved,
// sessions, links and invitations past their time, old guesses and letters.
func (s *Store) Forget(ctx context.Context, at time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`delete from signups where expires_at <= $1`, at)
	batch.Queue(`delete from sessions where expires_at <= $1 or seen_at <= $2`, at, at.Add(-account.IdleFor))
	batch.Queue(`delete from mailed_links where expires_at <= $1`, at)
	batch.Queue(`delete from challenges where expires_at <= $1`, at)
	batch.Queue(`delete from invitations where expires_at <= $1`, at)
	batch.Queue(`delete from tries where failed_at <= $1`, at.Add(-keepTries))
	batch.Queue(`delete from notices where status <> 'pending' and created_at <= $1`, at.Add(-keepNotices))
	batch.Queue(`delete from devices where seen_at <= $1`, at.Add(-keepDevices))
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("forget what is over of the accounts: %w", err)
	}
	return nil
}
