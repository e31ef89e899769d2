package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/account"
	"chancery/activities"
)

// AddNotice stores a letter about an account that tells of no change in the records.
func (s *Store) AddNotice(ctx context.Context, n account.Notice) error {
	return s.addNotices(ctx, s.pool, n)
}

// addNotices stores letters with the change that they tell of. One that is there
// already is the same letter.
func (s *Store) addNotices(ctx context.Context, on querier, notices ...account.Notice) error {
	for _, n := range notices {
		sealed, err := s.seal(n, "notices", "sealed", n.ID)
		if err != nil {
			return err
		}
		_, err = on.Exec(ctx, `
			insert into notices (id, user_id, kind, status, created_at, sealed) values (@id, @user, @kind, 'pending', @at, @sealed)
			on conflict (id) do nothing`,
			pgx.StrictNamedArgs{"id": n.ID, "user": zeronull.Text(n.User), "kind": n.Kind, "at": n.At, "sealed": sealed})
		if err != nil {
			return fmt.Errorf("store notice %s: %w", n.ID, err)
		}
	}
	return nil
}

// Notice returns a letter about an account, and whether it is finished.
func (s *Store) Notice(ctx context.Context, id string) (n account.Notice, finished bool, err error) {
	var sealed []byte
	err = s.pool.QueryRow(ctx, `select sealed, status <> 'pending' from notices where id = $1`, id).Scan(&sealed, &finished)
	if errors.Is(err, pgx.ErrNoRows) {
		return n, false, errLetterMissing
	}
	if err != nil {
		return n, false, fmt.Errorf("read notice %s: %w", id, err)
	}
	return n, finished, s.unseal(&n, sealed, "notices", "sealed", id)
}

// Notified keeps what came of a letter about an account. One that is finished loses
// its link: what opens an account is kept no longer than it must be.
func (s *Store) Notified(ctx context.Context, sent activities.Sent) error {
	if sent.Status == "waiting" {
		return nil
	}
	n, finished, err := s.Notice(ctx, sent.Letter)
	if err != nil || finished {
		return err
	}
	n.Link = ""
	sealed, err := s.seal(n, "notices", "sealed", n.ID)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		update notices set status = @status, settled_at = @at, sealed = @sealed where id = @id and status = 'pending'`,
		pgx.StrictNamedArgs{"id": n.ID, "status": sent.Status, "at": sent.At, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("settle notice %s: %w", n.ID, err)
	}
	return nil
}

// PendingNotices returns letters that were stored before that moment and are not
// finished: the engine may not have heard of them.
func (s *Store) PendingNotices(ctx context.Context, before time.Time) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select id from notices where status = 'pending' and created_at < $1 order by created_at`, before)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list pending notices: %w", err)
	}
	return ids, nil
}
