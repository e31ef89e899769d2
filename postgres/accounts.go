package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/account"
	"chancery/team"
)

// userWords is the sealed part of a user.
type userWords struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// emailPrint finds an address again, however it is written.
func (s *Store) emailPrint(email string) []byte {
	return s.sealer.Fingerprint("email", []byte(strings.ToLower(strings.TrimSpace(email))))
}

type userRow struct {
	UserID           string
	UserOrganisation string
	Head             bool
	UserCreated      time.Time
	Proved           zeronull.Timestamptz
	Approved         zeronull.Timestamptz
	Secured          zeronull.Timestamptz
	UserLeft         zeronull.Timestamptz
	UserSealed       []byte
}

const userColumns = `u.id as user_id, u.organisation_id as user_organisation, u.head, u.created_at as user_created,
	u.proved_at as proved, u.approved_at as approved, u.secured_at as secured, u.left_at as user_left, u.sealed as user_sealed`

func (s *Store) user(r userRow) (account.User, error) {
	var words userWords
	if err := s.unseal(&words, r.UserSealed, "users", "sealed", r.UserID); err != nil {
		return account.User{}, err
	}
	u := account.User{
		ID: r.UserID, Organisation: r.UserOrganisation, Name: words.Name, Email: words.Email, Head: r.Head, CreatedAt: r.UserCreated,
		ProvedAt: time.Time(r.Proved), ApprovedAt: time.Time(r.Approved), SecuredAt: time.Time(r.Secured), LeftAt: time.Time(r.UserLeft),
	}
	u.Operator = s.operators.Include(u)
	return u, nil
}

// CreateUser stores a user. An address that somebody has already is a conflict.
func (s *Store) CreateUser(ctx context.Context, u account.User, secrets account.Secrets) error {
	return s.createUser(ctx, s.pool, u, secrets)
}

func (s *Store) createUser(ctx context.Context, on querier, u account.User, secrets account.Secrets) error {
	words, err := s.seal(userWords{u.Name, u.Email}, "users", "sealed", u.ID)
	if err != nil {
		return err
	}
	sealed, err := s.seal(secrets, "users", "secrets", u.ID)
	if err != nil {
		return err
	}
	_, err = on.Exec(ctx, `
		insert into users (id, organisation_id, email, head, created_at, proved_at, approved_at, secured_at, sealed, secrets)
		values (@id, @organisation, @email, @head, @created, @proved, @approved, @secured, @sealed, @secrets)`,
		pgx.StrictNamedArgs{"id": u.ID, "organisation": u.Organisation, "email": s.emailPrint(u.Email), "head": u.Head,
			"created": u.CreatedAt, "proved": zeronull.Timestamptz(u.ProvedAt), "approved": zeronull.Timestamptz(u.ApprovedAt),
			"secured": zeronull.Timestamptz(u.SecuredAt), "sealed": words, "secrets": sealed})
	if violates(err, "users_email_once") {
		return account.ErrEmailTaken
	}
	if err != nil {
		return fmt.Errorf("store user %s: %w", u.ID, err)
	}
	return nil
}

// User returns the user with that id.
func (s *Store) User(ctx context.Context, id string) (account.User, error) {
	rows, _ := s.pool.Query(ctx, `select `+userColumns+` from users u where u.id = $1`, id)
	return s.oneUser(rows)
}

// UserByEmail returns the user with that address, in whichever letters it is written.
func (s *Store) UserByEmail(ctx context.Context, email string) (account.User, error) {
	rows, _ := s.pool.Query(ctx, `select `+userColumns+` from users u where u.email = $1`, s.emailPrint(email))
	return s.oneUser(rows)
}

func (s *Store) oneUser(rows pgx.Rows) (account.User, error) {
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[userRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return account.User{}, errUserMissing
	}
	if err != nil {
		return account.User{}, fmt.Errorf("read user: %w", err)
	}
	return s.user(row)
}

// Users returns the people of an organisation, those who came first first.
func (s *Store) Users(ctx context.Context, organisation string) ([]account.User, error) {
	rows, _ := s.pool.Query(ctx, `select `+userColumns+` from users u where u.organisation_id = $1 order by u.created_at, u.id`, organisation)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[userRow])
	if err != nil {
		return nil, fmt.Errorf("list users of organisation %s: %w", organisation, err)
	}
	return each(found, s.user)
}

// Everybody returns all people, those who came first first.
func (s *Store) Everybody(ctx context.Context) ([]account.User, error) {
	rows, _ := s.pool.Query(ctx, `select `+userColumns+` from users u order by u.created_at, u.id`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[userRow])
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return each(found, s.user)
}

// Organisation returns the organisation with that id.
func (s *Store) Organisation(ctx context.Context, id string) (team.Organisation, error) {
	o := team.Organisation{ID: id}
	var sealed []byte
	err := s.pool.QueryRow(ctx, `select region, sealed from organisations where id = $1`, id).Scan(&o.Region, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return o, errOrganisationMissing
	}
	if err != nil {
		return o, fmt.Errorf("read organisation %s: %w", id, err)
	}
	var words named
	err = s.unseal(&words, sealed, "organisations", "sealed", id)
	o.Name = words.Name
	return o, err
}

// TeamsOf returns the teams that a user is in, the oldest first.
func (s *Store) TeamsOf(ctx context.Context, userID string) ([]team.Team, error) {
	rows, _ := s.pool.Query(unguarded(ctx), `
		select `+teamColumns+` from teams t join members m on m.team_id = t.id where m.user_id = $1 order by t.created_at, t.id`, userID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[teamRow])
	if err != nil {
		return nil, fmt.Errorf("list teams of user %s: %w", userID, err)
	}
	return each(found, s.team)
}
