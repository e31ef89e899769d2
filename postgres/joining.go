package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
	"chancery/envelope"
	"chancery/team"
)

type signUpWords struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	Email        string `json:"email"`
	Hashed       string `json:"hashed"`
	Browser      []byte `json:"browser"`
}

// Promise keeps a sign-up until its link proves the address, and the letter that
// brings the link. A newer one of the same address takes its place.
func (s *Store) Promise(ctx context.Context, p account.SignUp, hash []byte, n account.Notice) error {
	sealed, err := s.seal(signUpWords{p.Name, p.Organisation, p.Email, p.Hashed, p.Browser}, "signups", "sealed", p.ID)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			with old as (
				delete from signups where email = @email or expires_at < @at
			)
			insert into signups (id, hash, email, created_at, expires_at, sealed) values (@id, @hash, @email, @at, @until, @sealed)
			on conflict (email) do update
			   set id = excluded.id, hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at, sealed = excluded.sealed`,
			pgx.StrictNamedArgs{"id": p.ID, "hash": hash, "email": s.emailPrint(p.Email), "at": p.At, "until": p.Until, "sealed": sealed})
		if err != nil {
			return fmt.Errorf("keep sign-up %s: %w", p.ID, err)
		}
		return s.addNotices(ctx, tx, n)
	})
}

// Promised returns the sign-up behind a link.
func (s *Store) Promised(ctx context.Context, hash []byte, at time.Time) (account.SignUp, error) {
	var p account.SignUp
	var sealed []byte
	err := s.pool.QueryRow(ctx, `select id, created_at, expires_at, sealed from signups where hash = $1 and expires_at > $2`, hash, at).
		Scan(&p.ID, &p.At, &p.Until, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, account.ErrLink
	}
	if err != nil {
		return p, fmt.Errorf("find sign-up: %w", err)
	}
	var words signUpWords
	err = s.unseal(&words, sealed, "signups", "sealed", p.ID)
	p.Name, p.Organisation, p.Email, p.Hashed, p.Browser = words.Name, words.Organisation, words.Email, words.Hashed, words.Browser
	return p, err
}

// Found makes an organisation, its head and their sandbox in one transaction. The
// link that proved the address is gone with it, so that it happens once.
func (s *Store) Found(ctx context.Context, f account.Founding) error {
	ctx = unguarded(ctx)
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from signups where hash = $1`, f.Hash)
		if err != nil {
			return fmt.Errorf("take sign-up %s: %w", f.SignUp.ID, err)
		}
		if tag.RowsAffected() == 0 {
			return account.ErrLink
		}
		if err := s.createOrganisation(ctx, tx, team.Organisation{ID: f.User.Organisation, Name: f.SignUp.Organisation, Region: f.Region}); err != nil {
			return err
		}
		if err := s.createUser(ctx, tx, f.User, f.Secrets); err != nil {
			return err
		}
		first := team.Team{
			ID: f.Team, Organisation: f.User.Organisation, Name: account.FirstTeam, Kind: team.Sandbox, Preset: []string{f.User.Email},
			Sender: envelope.Person{Name: f.User.Name, Email: f.User.Email}, CreatedAt: f.User.CreatedAt,
		}
		if err := s.insertTeam(ctx, tx, first); err != nil {
			return fmt.Errorf("store team %s: %w", first.ID, err)
		}
		if err := addMember(ctx, tx, team.Member{Team: f.Team, User: f.User.ID, Level: team.Administrator}); err != nil {
			return err
		}
		return s.comesAlong(ctx, tx, account.Account{User: f.User, Begins: &f.Session, Hash: f.Token, Device: f.Device, Deeds: []account.Deed{f.Deed}})
	})
}

type invitationWords struct {
	Email string          `json:"email"`
	By    account.Address `json:"by"`
}

// Invite keeps an invitation with its letter. An older one of the same address to the
// same team is replaced.
func (s *Store) Invite(ctx context.Context, i account.Invitation, hash []byte, n account.Notice, d account.Deed) error {
	sealed, err := s.seal(invitationWords{i.Email, i.By}, "invitations", "sealed", i.ID)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into invitations (id, hash, organisation_id, team_id, level, email, invited_by, created_at, expires_at, sealed)
			values (@id, @hash, @organisation, @team, @level, @email, @by, @at, @until, @sealed)
			on conflict (team_id, email) do update
			   set id = excluded.id, hash = excluded.hash, level = excluded.level, invited_by = excluded.invited_by,
			       created_at = excluded.created_at, expires_at = excluded.expires_at, sealed = excluded.sealed`,
			pgx.StrictNamedArgs{"id": i.ID, "hash": hash, "organisation": i.Organisation, "team": i.Team, "level": i.Level,
				"email": s.emailPrint(i.Email), "by": i.Inviter, "at": i.At, "until": i.Until, "sealed": sealed})
		if err != nil {
			return fmt.Errorf("keep invitation %s: %w", i.ID, err)
		}
		if err := s.noteDeed(ctx, tx, account.User{ID: i.Inviter, Name: i.By.Name, Email: i.By.Email}, d); err != nil {
			return err
		}
		return s.addNotices(ctx, tx, n)
	})
}

type invitationRow struct {
	ID           string
	Organisation string
	Team         string
	Level        string
	Inviter      string
	At           time.Time
	Until        time.Time
	Sealed       []byte
}

const invitationColumns = `i.id, i.organisation_id as organisation, i.team_id as team, i.level, i.invited_by as inviter, i.created_at as at, i.expires_at as until, i.sealed`

func (s *Store) invitation(r invitationRow) (account.Invitation, error) {
	i := account.Invitation{ID: r.ID, Organisation: r.Organisation, Team: r.Team, Level: r.Level, Inviter: r.Inviter, At: r.At, Until: r.Until}
	var words invitationWords
	err := s.unseal(&words, r.Sealed, "invitations", "sealed", r.ID)
	i.Email, i.By = words.Email, words.By
	return i, err
}

// Invitations returns those of a team that nobody has accepted yet, the newest first.
func (s *Store) Invitations(ctx context.Context, teamID string, at time.Time) ([]account.Invitation, error) {
	rows, _ := s.pool.Query(ctx, `
		select `+invitationColumns+` from invitations i where i.team_id = $1 and i.expires_at > $2 order by i.created_at desc, i.id`, teamID, at)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[invitationRow])
	if err != nil {
		return nil, fmt.Errorf("list invitations of team %s: %w", teamID, err)
	}
	return each(found, s.invitation)
}

// Uninvite takes an invitation back: its link opens nothing any more.
func (s *Store) Uninvite(ctx context.Context, teamID, invitationID string, ev envelope.Evidence) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from invitations where id = $1 and team_id = $2`, invitationID, teamID)
		if err != nil {
			return fmt.Errorf("take back invitation %s: %w", invitationID, err)
		}
		if tag.RowsAffected() == 0 {
			return errInvitationMissing
		}
		return s.note(ctx, tx, teamID, ev)
	})
}

// Invited returns the invitation behind a link, and whether its address belongs to
// somebody of the organisation already.
func (s *Store) Invited(ctx context.Context, hash []byte, at time.Time) (account.Invitation, error) {
	ctx = unguarded(ctx)
	rows, _ := s.pool.Query(ctx, `select `+invitationColumns+` from invitations i where i.hash = $1 and i.expires_at > $2`, hash, at)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[invitationRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return account.Invitation{}, account.ErrLink
	}
	if err != nil {
		return account.Invitation{}, fmt.Errorf("find invitation: %w", err)
	}
	i, err := s.invitation(row)
	if err != nil {
		return i, err
	}
	of, err := s.Team(ctx, i.Team)
	if err != nil {
		return i, err
	}
	o, err := s.Organisation(ctx, i.Organisation)
	if err != nil {
		return i, err
	}
	i.TeamName, i.OrganisationName = of.Name, o.Name
	user, err := s.UserByEmail(ctx, i.Email)
	if errors.Is(err, errUserMissing) {
		return i, nil
	}
	i.Known = user.Organisation == i.Organisation && user.LeftAt.IsZero()
	return i, err
}

// Join lets somebody accept an invitation, once.
func (s *Store) Join(ctx context.Context, j account.Joining) error {
	ctx = unguarded(ctx)
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		i := j.Invitation
		tag, err := tx.Exec(ctx, `delete from invitations where hash = $1`, j.Hash)
		if err != nil {
			return fmt.Errorf("accept invitation %s: %w", i.ID, err)
		}
		if tag.RowsAffected() == 0 {
			return account.ErrLink
		}
		of := account.Account{User: j.User, Deeds: []account.Deed{j.Deed}}
		if i.Known {
			if of.User, err = s.UserByEmail(ctx, i.Email); err != nil {
				return err
			}
		} else {
			if err := s.createUser(ctx, tx, j.User, j.Secrets); err != nil {
				return err
			}
			of.Begins, of.Hash, of.Device = &j.Session, j.Token, j.Device
		}
		if err := addMember(ctx, tx, team.Member{Team: i.Team, User: of.User.ID, Level: team.Level(i.Level)}); err != nil {
			return err
		}
		return s.comesAlong(ctx, tx, of)
	})
}

// addMember puts somebody into a team. Who is in it keeps their level: that is changed
// where somebody looks at all members.
func addMember(ctx context.Context, tx pgx.Tx, m team.Member) error {
	_, err := tx.Exec(ctx, `
		insert into members (team_id, user_id, level, since)
		select t.id, u.id, @level, now()
		  from teams t join users u on u.organisation_id = t.organisation_id
		 where t.id = @team and u.id = @user and u.left_at is null
		    on conflict (team_id, user_id) do nothing`,
		pgx.StrictNamedArgs{"team": m.Team, "user": m.User, "level": m.Level})
	if err != nil {
		return fmt.Errorf("add member %s to team %s: %w", m.User, m.Team, err)
	}
	return nil
}
