package account

import (
	"context"
	"errors"
	"strings"
	"time"

	"chancery/id"
	"chancery/problem"
)

// How long links in letters are good. Whoever has forgotten a password waits for the
// letter; a new address may belong to a mailbox that is opened once a day.
const (
	ResetFor = time.Hour
	EmailFor = 24 * time.Hour
)

// ErrPasswordWrong is the answer to somebody who is signed in and mistypes.
var ErrPasswordWrong = problem.Denied("password_wrong", "This is not your password.").At("current")

// Forgotten writes a link to choose a new password to the address, if it has an
// account. Whether it has, nobody learns here.
func (a *Accounts) Forgotten(ctx context.Context, email string, from Origin) error {
	email = strings.TrimSpace(email)
	if err := checkEmail(email); err != nil {
		return err
	}
	at := a.Clock()
	if _, err := a.Records.Try(ctx, at, Guarded{lettersTo(email), letterPace}, Guarded{lettersFrom(from), addressPace}); err != nil {
		return err
	}
	user, err := a.Records.UserByEmail(ctx, email)
	if err != nil || !user.LeftAt.IsZero() {
		if err != nil && problem.Of(err).Kind != problem.KindMissing {
			return err
		}
		blank := Notice{ID: id.New(id.Notice), Kind: Blank, At: at}
		if err := a.Records.AddNotice(ctx, blank); err != nil {
			return err
		}
		a.Post(ctx, blank.ID)
		return nil
	}
	token := NewToken()
	return a.amend(ctx, user.ID, func(of *Account) error {
		of.Mails = &Mailed{Hash: HashToken(token), Purpose: ToReset, At: at, Until: at.Add(ResetFor)}
		n := of.notice(ResetPassword, at, from)
		n.Link, n.Good = a.link("/reset/"+token), of.Mails.Until
		return nil
	})
}

// Resettable tells whether a link to choose a new password is good.
func (a *Accounts) Resettable(ctx context.Context, token string, from Origin) error {
	_, _, err := a.Records.Mailed(ctx, HashToken(token), ToReset, a.Clock())
	return a.brought(ctx, err, from)
}

// Reset makes a new password by a mailed link, ends all sessions and takes back what
// guesses have locked: whoever reads the letters is the owner. A second factor is
// still asked for.
func (a *Accounts) Reset(ctx context.Context, token, password string, b Browser) error {
	userID, _, err := a.Records.Mailed(ctx, HashToken(token), ToReset, a.Clock())
	if err != nil {
		return a.brought(ctx, err, b.Origin)
	}
	of, err := a.Records.Account(ctx, userID)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, of.User.Name, of.User.Email); err != nil {
		return err
	}
	hashed, err := a.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.amend(ctx, userID, func(of *Account) error {
		of.Spends, of.EndsMailed, of.EndsOthers = HashToken(token), true, true
		of.Secrets.Password = hashed
		if of.User.ProvedAt.IsZero() {
			of.User.ProvedAt = a.Clock()
		}
		of.notice(PasswordChanged, a.Clock(), b.Origin).Link = a.link("/account")
		of.deed("user.password_changed", b.Origin)
		return nil
	})
	if err != nil {
		return err
	}
	return a.Records.Forgive(ctx, []string{atAccount(of.User.Email)}, nil)
}

// ChangePassword of somebody who is signed in. All their other sessions end, and
// this one gets a new token.
func (a *Accounts) ChangePassword(ctx context.Context, u User, current, password string, b Browser) (Entered, error) {
	if err := CheckPassword(password, u.Name, u.Email); err != nil {
		return Entered{}, err
	}
	kept, err := a.shown(ctx, u, current, b.Origin)
	if err != nil {
		return Entered{}, err
	}
	hashed, err := a.Hasher.Hash(ctx, password)
	if err != nil {
		return Entered{}, err
	}
	e, at := a.entering(b), a.Clock()
	return e, a.amend(ctx, u.ID, func(of *Account) error {
		if of.Secrets.Password != kept {
			return ErrPasswordWrong
		}
		of.Secrets.Password = hashed
		of.begin(e, at, b.Origin)
		of.EndsOthers, of.EndsMailed = true, true
		of.notice(PasswordChanged, at, b.Origin).Link = a.link("/account")
		of.deed("user.password_changed", b.Origin)
		return nil
	})
}

// shown takes the password of somebody who is signed in, at the pace of codes, and
// returns what was kept of it.
func (a *Accounts) shown(ctx context.Context, u User, password string, o Origin) (kept string, err error) {
	return kept, a.guarded(ctx, u.ID, o, func() error {
		of, err := a.Records.Account(ctx, u.ID)
		if err != nil {
			return err
		}
		kept = of.Secrets.Password
		fits, _, err := a.Hasher.Verify(ctx, kept, password)
		if err == nil && !fits {
			err = ErrPasswordWrong
		}
		return err
	})
}

// Rename changes the user's name.
func (a *Accounts) Rename(ctx context.Context, u User, name string, from Origin) error {
	name = strings.TrimSpace(name)
	if err := checkName(name); err != nil {
		return err
	}
	return a.amend(ctx, u.ID, func(of *Account) error {
		of.User.Name = name
		of.deed("user.renamed", from)
		return nil
	})
}

// MoveTo asks for another address: a letter goes there, and the account follows when
// its link is used. Whether the address has an account, nobody learns here.
func (a *Accounts) MoveTo(ctx context.Context, u User, email, password string, from Origin) error {
	email = strings.TrimSpace(email)
	if err := checkEmail(email); err != nil {
		return err
	}
	if _, err := a.shown(ctx, u, password, from); err != nil {
		return err
	}
	at := a.Clock()
	if _, err := a.Records.Try(ctx, at, Guarded{lettersTo(email), letterPace}); err != nil {
		return err
	}
	other, err := a.Records.UserByEmail(ctx, email)
	if err != nil && problem.Of(err).Kind != problem.KindMissing {
		return err
	}
	token := NewToken()
	return a.amend(ctx, u.ID, func(of *Account) error {
		n := of.notice(ProveNewEmail, at, from)
		n.To = Address{Name: of.User.Name, Email: email}
		if err == nil {
			n.Kind, n.User, n.To, n.Link = KnownAlready, other.ID, other.Address(), a.link("/sign-in")
			return nil
		}
		of.Mails = &Mailed{Hash: HashToken(token), Purpose: ToProveEmail, Email: email, At: at, Until: at.Add(EmailFor)}
		n.Link, n.Good = a.link("/account/email/"+token), of.Mails.Until
		return nil
	})
}

// Moving shows which address a link proves.
func (a *Accounts) Moving(ctx context.Context, token string, from Origin) (email string, err error) {
	_, email, err = a.Records.Mailed(ctx, HashToken(token), ToProveEmail, a.Clock())
	return email, a.brought(ctx, err, from)
}

// Move lets the account go on under the address that the link proves. The old address
// is told.
func (a *Accounts) Move(ctx context.Context, token string, from Origin) error {
	userID, email, err := a.Records.Mailed(ctx, HashToken(token), ToProveEmail, a.Clock())
	if err != nil {
		return a.brought(ctx, err, from)
	}
	err = a.amend(ctx, userID, func(of *Account) error {
		of.notice(EmailChanged, a.Clock(), from).Email = email
		of.User.Email, of.User.ProvedAt = email, a.Clock()
		of.Spends, of.EndsMailed = HashToken(token), true
		of.deed("user.email_changed", from)
		return nil
	})
	if errors.Is(err, ErrEmailTaken) {
		return ErrLink.Because(err)
	}
	return err
}
