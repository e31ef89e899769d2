package account

import (
	"context"
	"errors"

	"chancery/problem"
)

// Browser is what somebody signs in with.
type Browser struct {
	Origin Origin
	Device string // token by which it is known; "" while it is not
	Token  string // of the session it has, which ends
}

// Entered is what the browser keeps from now on.
type Entered struct {
	Token  string
	Device string
	Stage  Stage
}

// ErrWrong is one answer for a wrong password and for an address of nobody.
var ErrWrong = problem.Denied("credentials_wrong", "The address or the password is not right.")

// entering draws a new session for the browser: every change of what is trusted
// brings a new one, so that one that was planted before opens nothing.
func (a *Accounts) entering(b Browser) Entered {
	e := Entered{Token: NewToken(), Device: b.Device, Stage: Open}
	if e.Device == "" {
		e.Device = NewToken()
	}
	return e
}

// SignIn takes an address and a password. Whoever has a second factor must show it
// next; the session opens nothing until then.
func (a *Accounts) SignIn(ctx context.Context, email, password string, b Browser) (Entered, error) {
	user, kept, err := a.credentials(ctx, email)
	if err != nil {
		return Entered{}, err
	}
	known, err := a.knows(ctx, b.Device, user)
	if err != nil {
		return Entered{}, err
	}
	// A browser in which they have signed in before is counted for itself: strangers
	// who lock the account do not lock its owner out.
	guarded := Guarded{atAccount(email), accountPace}
	if known {
		guarded.Subject = atDevice(HashToken(b.Device), user)
	}
	tallies, err := a.Records.Try(ctx, a.Clock(), guarded, Guarded{from(b.Origin), addressPace})
	if err != nil {
		return Entered{}, err
	}
	fits, stale, err := a.Hasher.Verify(ctx, kept, password)
	if err != nil {
		return Entered{}, err
	}
	if !fits {
		if err := a.locked(ctx, user.ID, guarded, tallies[0], b.Origin); err != nil {
			return Entered{}, err
		}
		return Entered{}, ErrWrong
	}
	if err := a.Records.Forgive(ctx, []string{guarded.Subject}, []string{from(b.Origin)}); err != nil {
		return Entered{}, err
	}
	renewed := ""
	if stale {
		if renewed, err = a.Hasher.Hash(ctx, password); err != nil {
			return Entered{}, err
		}
	}
	return a.enter(ctx, user.ID, kept, renewed, known, b)
}

// credentials finds whose address it is, and what is kept of their password; of
// nobody, nothing is kept, and comparing with that takes as long.
func (a *Accounts) credentials(ctx context.Context, email string) (User, string, error) {
	user, err := a.Records.UserByEmail(ctx, email)
	if err != nil {
		if problem.Of(err).Kind == problem.KindMissing {
			return User{}, "", nil
		}
		return User{}, "", err
	}
	of, err := a.Records.Account(ctx, user.ID)
	if err != nil || !user.LeftAt.IsZero() {
		return User{}, "", err
	}
	return user, of.Secrets.Password, nil
}

func (a *Accounts) knows(ctx context.Context, device string, user User) (bool, error) {
	if device == "" || user.ID == "" {
		return false, nil
	}
	return a.Records.Knows(ctx, HashToken(device), user.ID)
}

// locked tells the owner of an account that somebody guesses, once for every lock.
func (a *Accounts) locked(ctx context.Context, userID string, g Guarded, t Tally, o Origin) error {
	if userID == "" || !g.Pace.Locks(t) {
		return nil
	}
	return a.amend(ctx, userID, func(of *Account) error {
		n := of.notice(Locked, t.At, o)
		n.Good, n.Link = g.Pace.Next(t), a.link("/account")
		of.deed("user.locked", o)
		return nil
	})
}

// enter begins the session of whoever has shown the password that was kept.
func (a *Accounts) enter(ctx context.Context, userID, kept, renewed string, known bool, b Browser) (Entered, error) {
	e := a.entering(b)
	err := a.amend(ctx, userID, func(of *Account) error {
		if of.Secrets.Password != kept || !of.User.LeftAt.IsZero() {
			return ErrWrong // it was changed a moment ago
		}
		if renewed != "" {
			of.Secrets.Password = renewed
		}
		if of.Secrets.TOTP != "" {
			e.Stage = Pending
			of.begin(e, a.Clock(), b.Origin)
			return nil
		}
		a.arrive(of, e, b, known, "password")
		return nil
	})
	return e, err
}

// arrive opens a session, and tells of a browser that we have not seen before.
func (a *Accounts) arrive(of *Account, e Entered, b Browser, known bool, how string) {
	at := a.Clock()
	of.begin(e, at, b.Origin)
	if !known {
		of.notice(NewDevice, at, b.Origin).Link = a.link("/account")
	}
	of.Deeds = append(of.Deeds, Deed{Kind: "user.signed_in", From: b.Origin, Detail: map[string]string{"with": how}})
}

// SecondStep takes a code of whoever has shown their password, or a recovery code.
func (a *Accounts) SecondStep(ctx context.Context, code string, b Browser) (Entered, error) {
	at := a.Clock()
	pending, user, err := a.Records.Session(ctx, HashToken(b.Token), Pending, at)
	if err != nil {
		return Entered{}, err
	}
	known, err := a.knows(ctx, b.Device, user)
	if err != nil {
		return Entered{}, err
	}
	e := a.entering(b)
	err = a.guarded(ctx, user.ID, b.Origin, func() error {
		return a.amend(ctx, user.ID, func(of *Account) error {
			recovery, err := of.Secrets.Take(code, at)
			if err != nil {
				return err
			}
			how := "password and code"
			if recovery {
				how = "password and recovery code"
				n := of.notice(RecoveryUsed, at, b.Origin)
				n.Count, n.Link = len(of.Secrets.Recovery), a.link("/account/two-factor")
			}
			of.Ends = pending.ID
			a.arrive(of, e, b, known, how)
			return nil
		})
	})
	return e, err
}

// guarded lets somebody try a code of the user, at the pace of codes.
func (a *Accounts) guarded(ctx context.Context, userID string, o Origin, try func() error) error {
	g := Guarded{atCode(userID), codePace}
	tallies, err := a.Records.Try(ctx, a.Clock(), g, Guarded{from(o), addressPace})
	if err != nil {
		return err
	}
	err = try()
	if errors.Is(err, ErrWrongCode) || errors.Is(err, ErrWrong) || errors.Is(err, ErrPasswordWrong) {
		if err := a.locked(ctx, userID, g, tallies[0], o); err != nil {
			return err
		}
		return err
	}
	if err != nil {
		return err
	}
	return a.Records.Forgive(ctx, []string{g.Subject}, []string{from(o)})
}
