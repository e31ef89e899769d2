package postgres

import (
	"cmp"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/problem"
	"chancery/team"
)

// MaxKeys is how many good keys a team has at most: one for every program that
// speaks for it and for every member, and an end to forgotten ones.
const MaxKeys = 100

var (
	errKeyOwner    = problem.Denied("key_owner_refused", "Only members who may use the API and have two-factor authentication on have keys.")
	errKeyMade     = problem.Conflict("key_made", "This API key has been made already; it was shown then, and only then.")
	errTooManyKeys = problem.TooLarge("too_many_keys", "A team has at most 100 API keys that are good. Please revoke one first.")
)

// CreateKey stores a key under its hash. A zero CreatedAt becomes now. The key's
// owner must be a member of the team who may have keys.
func (s *Store) CreateKey(ctx context.Context, k team.Key, hash []byte) error {
	sealed, err := s.seal(named{k.Name}, "api_keys", "sealed", k.ID)
	if err != nil {
		return err
	}
	if k.CreatedAt.IsZero() {
		k.CreatedAt = time.Now()
	}
	var fit, stored bool
	err = s.pool.QueryRow(ctx, `
		with fit as (
			select @user::text is null
			       or exists (select from members m join users u on u.id = m.user_id
			                   where m.team_id = @team and u.id = @user and `+mayHaveKeys+`) as fit
		), stored as (
			insert into api_keys (id, team_id, user_id, scopes, hash, created_at, expires_at, sealed)
			select @id, @team, @user, @scopes, @hash, @created, @expires, @sealed
			  from fit
			 where fit and @most > (select count(*) from api_keys k where k.team_id = @team and k.revoked_at is null
			                                                          and (k.expires_at is null or k.expires_at > now()))
			returning id
		)
		select fit, exists (select from stored) from fit`,
		pgx.StrictNamedArgs{"id": k.ID, "team": k.Team, "user": zeronull.Text(k.User), "scopes": append([]team.Scope{}, k.Scopes...), "most": MaxKeys,
			"hash": hash, "created": k.CreatedAt, "expires": zeronull.Timestamptz(k.ExpiresAt), "sealed": sealed}).Scan(&fit, &stored)
	switch {
	case violates(err, "api_keys_pkey"):
		return errKeyMade
	case err != nil:
		return fmt.Errorf("store key %s of team %s: %w", k.ID, k.Team, err)
	case !fit:
		return errKeyOwner
	case !stored:
		return errTooManyKeys
	}
	return nil
}

// mayHaveKeys is account.User.MayHaveKeys of the user u, in SQL.
const mayHaveKeys = `u.left_at is null and u.approved_at is not null and u.secured_at is not null`

type keyRow struct {
	KeyID      string
	KeyTeam    string
	KeyUser    zeronull.Text
	Scopes     []team.Scope
	KeyCreated time.Time
	Expires    zeronull.Timestamptz
	LastUsed   zeronull.Timestamptz
	Revoked    zeronull.Timestamptz
	KeySealed  []byte
}

const keyColumns = `k.id as key_id, k.team_id as key_team, k.user_id as key_user, k.scopes, k.created_at as key_created,
	k.expires_at as expires, k.last_used_at as last_used, k.revoked_at as revoked, k.sealed as key_sealed`

func (s *Store) key(r keyRow) (team.Key, error) {
	var words named
	if err := s.unseal(&words, r.KeySealed, "api_keys", "sealed", r.KeyID); err != nil {
		return team.Key{}, err
	}
	return team.Key{ID: r.KeyID, Team: r.KeyTeam, User: string(r.KeyUser), Name: words.Name, Scopes: r.Scopes,
		CreatedAt: r.KeyCreated, ExpiresAt: time.Time(r.Expires), LastUsed: time.Time(r.LastUsed), Revoked: time.Time(r.Revoked)}, nil
}

// bearerRow is a key with its team and what its owner may do there.
type bearerRow struct {
	teamRow
	keyRow
	Level    team.Level
	Children []string
}

// TeamByKey returns who speaks by a key. Unknown, revoked and expired keys get the
// same answer, and so do those of people who have left the team, have not been let
// in to the API or have switched two-factor authentication off. The time of last
// use is noted at most once a minute, so that a busy key costs a read and no write.
func (s *Store) TeamByKey(ctx context.Context, hash []byte) (team.Bearer, error) {
	rows, _ := s.pool.Query(unguarded(ctx), `
		with used as (
			update api_keys set last_used_at = now()
			 where hash = @hash and revoked_at is null
			   and (last_used_at is null or last_used_at < now() - interval '1 minute')
		)
		select `+teamColumns+`, `+keyColumns+`, coalesce(m.level, 'administrator') as level, `+childrenOfT+` as children
		  from api_keys k join teams t on t.id = k.team_id
		       left join users u on u.id = k.user_id
		       left join members m on m.user_id = k.user_id and m.team_id = k.team_id
		 where k.hash = @hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
		   and (k.user_id is null
		        or m.level is not null and `+mayHaveKeys+`)`,
		pgx.StrictNamedArgs{"hash": hash})
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bearerRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return team.Bearer{}, errKeyUnknown
	}
	if err != nil {
		return team.Bearer{}, fmt.Errorf("find team by key: %w", err)
	}
	admit(ctx, append(row.Children, row.ID)...)
	return s.bearer(row)
}

func (s *Store) bearer(row bearerRow) (team.Bearer, error) {
	t, err := s.team(row.teamRow)
	if err != nil {
		return team.Bearer{}, err
	}
	k, err := s.key(row.keyRow)
	return team.Bearer{Team: t, Key: k, Actor: team.Actor{
		ID: cmp.Or(k.User, k.ID), Organisation: t.Organisation, Team: t.ID, Level: row.Level, Children: row.Children,
		Key: true, Scopes: k.Scopes,
	}}, err
}

// GoesBy tells whether a user goes by that name: their id, or their mail address
// however it is written. How long it takes tells nothing of what is right.
func (s *Store) GoesBy(ctx context.Context, userID, name string) (bool, error) {
	if !strings.Contains(name, "@") {
		return hmac.Equal([]byte(userID), []byte(name)), nil
	}
	var email []byte
	err := s.pool.QueryRow(unguarded(ctx), `select email from users where id = $1`, userID).Scan(&email)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("read name of user %s: %w", userID, err)
	}
	return err == nil && hmac.Equal(email, s.emailPrint(name)), nil
}

// Keys returns the team's keys, oldest first, revoked ones too.
func (s *Store) Keys(ctx context.Context, teamID string) ([]team.Key, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+keyColumns+` from api_keys k where k.team_id = $1 order by k.created_at, k.id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[keyRow])
	if err != nil {
		return nil, fmt.Errorf("list keys of team %s: %w", teamID, err)
	}
	return each(found, s.key)
}

// RevokeKey ends a key's life at once. Revoking it again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, teamID, keyID string) error {
	tag, err := s.pool.Exec(ctx, `
		update api_keys set revoked_at = coalesce(revoked_at, now()) where id = @id and team_id = @team`,
		pgx.StrictNamedArgs{"id": keyID, "team": teamID})
	if err != nil {
		return fmt.Errorf("revoke key %s: %w", keyID, err)
	}
	if tag.RowsAffected() == 0 {
		return errKeyMissing
	}
	return nil
}
