package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
)

// OpenSession stores a session under the hash of what its browser keeps.
func (s *Store) OpenSession(ctx context.Context, hash []byte, begun account.Session) error {
	return s.openSession(ctx, s.pool, hash, begun)
}

func (s *Store) openSession(ctx context.Context, on querier, hash []byte, begun account.Session) error {
	sealed, err := s.seal(begun.Origin, "sessions", "sealed", begun.ID)
	if err != nil {
		return err
	}
	_, err = on.Exec(ctx, `
		insert into sessions (id, hash, user_id, stage, chosen_team, created_at, seen_at, expires_at, sealed)
		values (@id, @hash, @user, @stage, @team, @created, @seen, @expires, @sealed)`,
		pgx.StrictNamedArgs{"id": begun.ID, "hash": hash, "user": begun.User, "stage": begun.Stage, "team": begun.Team,
			"created": begun.CreatedAt, "seen": begun.SeenAt, "expires": begun.ExpiresAt, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("store session %s of user %s: %w", begun.ID, begun.User, err)
	}
	return nil
}

type sessionRow struct {
	userRow
	SessionID string
	Stage     account.Stage
	Chosen    string
	Created   time.Time
	Seen      time.Time
	Expires   time.Time
	From      []byte
}

const sessionColumns = `s.id as session_id, s.stage, s.chosen_team as chosen, s.created_at as created, s.seen_at as seen, s.expires_at as expires, s.sealed as "from"`

func (s *Store) session(r sessionRow) (account.Session, error) {
	begun := account.Session{ID: r.SessionID, User: r.UserID, Stage: r.Stage, Team: r.Chosen, CreatedAt: r.Created, SeenAt: r.Seen, ExpiresAt: r.Expires}
	return begun, s.unseal(&begun.Origin, r.From, "sessions", "sealed", r.SessionID)
}

// Session returns the session behind a cookie, and whose it is. One that is over, and
// one of somebody who has left, is none. That it was seen is noted at most once a
// minute, so that a look at a page costs a read and no write.
func (s *Store) Session(ctx context.Context, hash []byte, stage account.Stage, at time.Time) (account.Session, account.User, error) {
	rows, _ := s.pool.Query(ctx, `
		with seen as (
			update sessions set seen_at = @at where hash = @hash and seen_at < @at::timestamptz - interval '1 minute' and seen_at > @idle
		)
		select `+userColumns+`, `+sessionColumns+`
		  from sessions s join users u on u.id = s.user_id
		 where s.hash = @hash and s.stage = @stage and s.expires_at > @at and s.seen_at > @idle and u.left_at is null`,
		pgx.StrictNamedArgs{"hash": hash, "stage": stage, "at": at, "idle": at.Add(-account.IdleFor)})
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[sessionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return account.Session{}, account.User{}, account.ErrSignedOut
	}
	if err != nil {
		return account.Session{}, account.User{}, fmt.Errorf("find session: %w", err)
	}
	user, err := s.user(row.userRow)
	if err != nil {
		return account.Session{}, user, err
	}
	begun, err := s.session(row)
	if err == nil && stage == account.Open {
		err = s.admitHead(ctx, user)
	}
	return begun, user, err
}

// Sessions returns where a user is signed in, the newest first.
func (s *Store) Sessions(ctx context.Context, userID string, at time.Time) ([]account.Session, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+userColumns+`, `+sessionColumns+`
		  from sessions s join users u on u.id = s.user_id
		 where s.user_id = @user and s.stage = 'open' and s.expires_at > @at and s.seen_at > @idle
		 order by s.seen_at desc, s.id`, pgx.StrictNamedArgs{"user": userID, "at": at, "idle": at.Add(-account.IdleFor)})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[sessionRow])
	if err != nil {
		return nil, fmt.Errorf("list sessions of user %s: %w", userID, err)
	}
	return each(found, s.session)
}

// ChooseTeam keeps which of their teams a session looks at.
func (s *Store) ChooseTeam(ctx context.Context, sessionID, teamID string) error {
	_, err := s.pool.Exec(ctx, `update sessions set chosen_team = @team where id = @id`,
		pgx.StrictNamedArgs{"id": sessionID, "team": teamID})
	if err != nil {
		return fmt.Errorf("choose team %s in session %s: %w", teamID, sessionID, err)
	}
	return nil
}

// EndSession ends a session of the user; one that is over already stays so.
func (s *Store) EndSession(ctx context.Context, userID, sessionID string) error {
	_, err := s.pool.Exec(ctx, `delete from sessions where id = @id and user_id = @user`,
		pgx.StrictNamedArgs{"id": sessionID, "user": userID})
	if err != nil {
		return fmt.Errorf("end session %s: %w", sessionID, err)
	}
	return nil
}

// EndSessions ends all sessions of the user but one; "" spares none.
func (s *Store) EndSessions(ctx context.Context, userID, but string) error {
	_, err := s.pool.Exec(ctx, `delete from sessions where user_id = @user and id <> @but`, pgx.StrictNamedArgs{"user": userID, "but": but})
	if err != nil {
		return fmt.Errorf("end sessions of user %s: %w", userID, err)
	}
	return nil
}
