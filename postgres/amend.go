package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/account"
	"chancery/envelope"
)

type accountRow struct {
	userRow
	Secrets []byte
	Keys    int
}

const accountColumns = userColumns + `, u.secrets,
	(select count(*)::int from api_keys k where k.user_id = u.id and k.revoked_at is null) as keys`

// Account returns a user with their secrets.
func (s *Store) Account(ctx context.Context, userID string) (account.Account, error) {
	return s.account(unguarded(ctx), s.pool, userID, "")
}

func (s *Store) account(ctx context.Context, on querier, userID, lock string) (account.Account, error) {
	rows, _ := on.Query(ctx, `select `+accountColumns+` from users u where u.id = $1 `+lock, userID)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[accountRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return account.Account{}, errUserMissing
	}
	if err != nil {
		return account.Account{}, fmt.Errorf("read account %s: %w", userID, err)
	}
	of := account.Account{Keys: row.Keys}
	if of.User, err = s.user(row.userRow); err != nil {
		return of, err
	}
	return of, s.unseal(&of.Secrets, row.Secrets, "users", "secrets", userID)
}

// Amend changes one account in one transaction: it is read under a lock, changed by
// the function, and written with all that comes along.
func (s *Store) Amend(ctx context.Context, userID string, change func(*account.Account) error) error {
	ctx = unguarded(ctx) // the account is its user's own
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		of, err := s.account(ctx, tx, userID, "for no key update of u")
		if err != nil {
			return err
		}
		if err := change(&of); err != nil {
			return err
		}
		if err := s.saveUser(ctx, tx, of.User, of.Secrets); err != nil {
			return err
		}
		return s.comesAlong(ctx, tx, of)
	})
}

func (s *Store) saveUser(ctx context.Context, tx pgx.Tx, u account.User, secrets account.Secrets) error {
	words, err := s.seal(userWords{u.Name, u.Email}, "users", "sealed", u.ID)
	if err != nil {
		return err
	}
	sealed, err := s.seal(secrets, "users", "secrets", u.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update users
		   set email = @email, head = @head, proved_at = @proved, approved_at = @approved, secured_at = @secured, left_at = @left,
		       sealed = @sealed, secrets = @secrets
		 where id = @id`,
		pgx.StrictNamedArgs{"id": u.ID, "email": s.emailPrint(u.Email), "head": u.Head, "proved": zeronull.Timestamptz(u.ProvedAt),
			"approved": zeronull.Timestamptz(u.ApprovedAt), "secured": zeronull.Timestamptz(u.SecuredAt), "left": zeronull.Timestamptz(u.LeftAt),
			"sealed": words, "secrets": sealed})
	if violates(err, "users_email_once") {
		return account.ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("save user %s: %w", u.ID, err)
	}
	return nil
}

// comesAlong writes what a change of an account brings with it.
func (s *Store) comesAlong(ctx context.Context, tx pgx.Tx, of account.Account) error {
	for _, step := range []func(context.Context, pgx.Tx, account.Account) error{
		s.spend, s.endSessions, s.beginSession, s.mail, s.revokeKeys, s.connect,
	} {
		if err := step(ctx, tx, of); err != nil {
			return err
		}
	}
	for _, d := range of.Deeds {
		if err := s.noteDeed(ctx, tx, of.User, d); err != nil {
			return err
		}
	}
	return s.addNotices(ctx, tx, of.Notices...)
}

// spend takes a mailed link, which opens once.
func (s *Store) spend(ctx context.Context, tx pgx.Tx, of account.Account) error {
	if of.Spends != nil {
		tag, err := tx.Exec(ctx, `delete from mailed_links where hash = $1 and user_id = $2`, of.Spends, of.User.ID)
		if err != nil {
			return fmt.Errorf("spend mailed link of user %s: %w", of.User.ID, err)
		}
		if tag.RowsAffected() == 0 {
			return account.ErrLink
		}
	}
	if !of.EndsMailed {
		return nil
	}
	_, err := tx.Exec(ctx, `delete from mailed_links where user_id = $1`, of.User.ID)
	if err != nil {
		return fmt.Errorf("end mailed links of user %s: %w", of.User.ID, err)
	}
	return nil
}

func (s *Store) endSessions(ctx context.Context, tx pgx.Tx, of account.Account) error {
	if of.Ends == "" && !of.EndsOthers {
		return nil
	}
	_, err := tx.Exec(ctx, `delete from sessions where user_id = @user and (@all or id = @id)`,
		pgx.StrictNamedArgs{"user": of.User.ID, "id": of.Ends, "all": of.EndsOthers})
	if err != nil {
		return fmt.Errorf("end sessions of user %s: %w", of.User.ID, err)
	}
	return nil
}

func (s *Store) beginSession(ctx context.Context, tx pgx.Tx, of account.Account) error {
	if of.Device != nil {
		if err := knowDevice(ctx, tx, of.Device, of.User.ID); err != nil {
			return err
		}
	}
	if of.Begins == nil {
		return nil
	}
	return s.openSession(ctx, tx, of.Hash, *of.Begins)
}

// knowDevice remembers a browser in which the user has signed in.
func knowDevice(ctx context.Context, on querier, hash []byte, userID string) error {
	_, err := on.Exec(ctx, `
		insert into devices (hash, user_id, created_at, seen_at) values ($1, $2, now(), now())
		on conflict (hash, user_id) do update set seen_at = now()`, hash, userID)
	if err != nil {
		return fmt.Errorf("know device of user %s: %w", userID, err)
	}
	return nil
}

// Knows tells whether the user has signed in with that browser before.
func (s *Store) Knows(ctx context.Context, device []byte, userID string) (known bool, err error) {
	err = s.pool.QueryRow(ctx, `select exists (select from devices where hash = $1 and user_id = $2)`, device, userID).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for device of user %s: %w", userID, err)
	}
	return known, nil
}

type mailedWords struct {
	Email string `json:"email,omitempty"`
}

// mail keeps a link that is mailed; an older one of its purpose opens no more.
func (s *Store) mail(ctx context.Context, tx pgx.Tx, of account.Account) error {
	m := of.Mails
	if m == nil {
		return nil
	}
	sealed, err := s.seal(mailedWords{m.Email}, "mailed_links", "sealed", of.User.ID+"/"+string(m.Purpose))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into mailed_links (hash, user_id, purpose, created_at, expires_at, sealed) values (@hash, @user, @purpose, @at, @until, @sealed)
		on conflict (user_id, purpose) do update
		   set hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at, sealed = excluded.sealed`,
		pgx.StrictNamedArgs{"hash": m.Hash, "user": of.User.ID, "purpose": m.Purpose, "at": m.At, "until": m.Until, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("keep mailed link of user %s: %w", of.User.ID, err)
	}
	return nil
}

// Mailed returns whose a mailed link is, and the address that it proves.
func (s *Store) Mailed(ctx context.Context, hash []byte, purpose account.Purpose, at time.Time) (userID, email string, err error) {
	var sealed []byte
	err = s.pool.QueryRow(ctx, `
		select l.user_id, l.sealed from mailed_links l join users u on u.id = l.user_id
		 where l.hash = @hash and l.purpose = @purpose and l.expires_at > @at and u.left_at is null`,
		pgx.StrictNamedArgs{"hash": hash, "purpose": purpose, "at": at}).Scan(&userID, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", account.ErrLink
	}
	if err != nil {
		return "", "", fmt.Errorf("find mailed link: %w", err)
	}
	var words mailedWords
	err = s.unseal(&words, sealed, "mailed_links", "sealed", userID+"/"+string(purpose))
	return userID, words.Email, err
}

// revokeKeys ends the user's keys at once, and notes each in the chain of its team.
func (s *Store) revokeKeys(ctx context.Context, tx pgx.Tx, of account.Account) error {
	if !of.Revokes {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		update api_keys set revoked_at = now() where user_id = $1 and revoked_at is null returning id, team_id`, of.User.ID)
	revoked, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Key, Team string }])
	if err != nil {
		return fmt.Errorf("revoke keys of user %s: %w", of.User.ID, err)
	}
	for _, k := range revoked {
		ev := envelope.Evidence{Kind: "key.revoked", By: personOf(of.User), Detail: map[string]string{"key": k.Key}}
		if err := s.note(ctx, tx, k.Team, ev); err != nil {
			return err
		}
	}
	return nil
}

// noteDeed adds a line about an account to the chain of its organisation, or of a team.
func (s *Store) noteDeed(ctx context.Context, tx pgx.Tx, by account.User, d account.Deed) error {
	ev := envelope.Evidence{Kind: d.Kind, By: personOf(by), Origin: envelope.Origin{Address: d.From.Address, Device: d.From.Device}, Detail: d.Detail}
	if d.Hub {
		ev.By = envelope.Hub
	}
	return s.note(ctx, tx, cmp.Or(d.Team, by.Organisation), ev)
}

// personOf is a user as the evidence names them.
func personOf(u account.User) envelope.Actor {
	return envelope.Actor{Kind: "user", ID: u.ID, Person: envelope.Person{Name: u.Name, Email: u.Email}}
}
