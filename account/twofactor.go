package account

import (
	"context"
	"time"

	"chancery/problem"
)

// ErrSecured is the answer to setting up what is on.
var ErrSecured = problem.Conflict("two_factor_on", "Two-factor authentication is on already. Switch it off first to use another device.")

// SetUp returns the secret that waits for the user's device to show its first code.
// It is the same until then, however often the page is loaded.
func (a *Accounts) SetUp(ctx context.Context, u User) (secret string, err error) {
	of, err := a.Records.Account(ctx, u.ID)
	if err != nil || of.Secrets.Waiting != "" && of.Secrets.TOTP == "" {
		return of.Secrets.Waiting, err
	}
	return secret, a.amend(ctx, u.ID, func(of *Account) error {
		if of.Secrets.TOTP != "" {
			return ErrSecured
		}
		if of.Secrets.Waiting == "" {
			of.Secrets.Waiting = NewTOTP()
		}
		secret = of.Secrets.Waiting
		return nil
	})
}

// Picture is that secret for the device to read.
func (a *Accounts) Picture(ctx context.Context, u User) ([]byte, error) {
	secret, err := a.SetUp(ctx, u)
	if err != nil {
		return nil, err
	}
	return Picture(secret, a.House, u.Email)
}

// Secure switches two-factor authentication on, when a code shows that the device has
// the secret. All other sessions end, for they were opened with less.
func (a *Accounts) Secure(ctx context.Context, u User, code string, b Browser) (recovery []string, e Entered, err error) {
	e, at := a.entering(b), a.Clock()
	err = a.guarded(ctx, u.ID, b.Origin, func() error {
		return a.amend(ctx, u.ID, func(of *Account) error {
			if of.Secrets.TOTP != "" {
				return ErrSecured
			}
			var err error
			if recovery, err = of.Secrets.Confirm(code, at); err != nil {
				return err
			}
			of.User.SecuredAt = at
			of.begin(e, at, b.Origin)
			of.EndsOthers = true
			of.notice(TwoFactorOn, at, b.Origin).Link = a.link("/account/two-factor")
			of.deed("user.two_factor_on", b.Origin)
			return nil
		})
	})
	return recovery, e, err
}

// Unsecure switches it off, by password and code, and revokes the user's API keys
// with it.
func (a *Accounts) Unsecure(ctx context.Context, u User, password, code string, b Browser) error {
	return a.proved(ctx, u, password, code, b.Origin, func(of *Account) error {
		of.Secrets.Drop()
		of.User.SecuredAt, of.Revokes = time.Time{}, true
		n := of.notice(TwoFactorOff, a.Clock(), b.Origin)
		n.Count, n.Link = of.Keys, a.link("/account/two-factor")
		of.deed("user.two_factor_off", b.Origin)
		return nil
	})
}

// Renew draws new recovery codes, by password and code. The old ones are good no more.
func (a *Accounts) Renew(ctx context.Context, u User, password, code string, b Browser) (shown []string, err error) {
	return shown, a.proved(ctx, u, password, code, b.Origin, func(of *Account) error {
		shown = of.Secrets.Recover()
		of.deed("user.recovery_codes_renewed", b.Origin)
		return nil
	})
}

// proved does what needs both factors once more.
func (a *Accounts) proved(ctx context.Context, u User, password, code string, o Origin, change func(*Account) error) error {
	kept, err := a.shown(ctx, u, password, o)
	if err != nil {
		return err
	}
	return a.guarded(ctx, u.ID, o, func() error {
		return a.amend(ctx, u.ID, func(of *Account) error {
			if of.Secrets.Password != kept {
				return ErrPasswordWrong
			}
			if _, err := of.Secrets.Take(code, a.Clock()); err != nil {
				return err
			}
			return change(of)
		})
	})
}
