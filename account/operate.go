package account

import (
	"context"
	"slices"
	"time"

	"chancery/problem"
)

// ErrLastHead keeps somebody at the head of every organisation.
var ErrLastHead = problem.Conflict("organisation_unattended", "An organisation keeps somebody at its head: name another one first.")

// Unlock takes back what wrong guesses have locked. Who has lost the device and the
// recovery codes as well is let in without them, when drop is set: whoever runs the
// hub must be sure who asks. Their keys are revoked then.
func (a *Accounts) Unlock(ctx context.Context, email string, drop bool) error {
	user, err := a.Records.UserByEmail(ctx, email)
	if err != nil {
		return err
	}
	if err := a.Records.Forgive(ctx, []string{atAccount(user.Email), atCode(user.ID)}, nil); err != nil {
		return err
	}
	return a.amend(ctx, user.ID, func(of *Account) error {
		of.byHub("user.unlocked")
		if !drop || of.Secrets.TOTP == "" {
			return nil
		}
		of.Secrets.Drop()
		of.User.SecuredAt, of.Revokes, of.EndsOthers = time.Time{}, true, true
		n := of.notice(TwoFactorOff, a.Clock(), Origin{})
		n.Count, n.Link = of.Keys, a.link("/account/two-factor")
		of.byHub("user.two_factor_off")
		return nil
	})
}

// SetHead puts somebody at the head of their organisation, or takes them from there.
func (a *Accounts) SetHead(ctx context.Context, email string, head bool) error {
	user, err := a.Records.UserByEmail(ctx, email)
	if err != nil || user.Head == head {
		return err
	}
	all, err := a.Records.Users(ctx, user.Organisation)
	if err != nil {
		return err
	}
	if !head && !slices.ContainsFunc(all, func(u User) bool { return u.Head && u.ID != user.ID && u.LeftAt.IsZero() }) {
		return ErrLastHead
	}
	return a.amend(ctx, user.ID, func(of *Account) error {
		of.User.Head = head
		kind := "user.head_added"
		if !head {
			kind = "user.head_removed"
		}
		of.byHub(kind)
		return nil
	})
}

// byHub notes what whoever runs the hub has done to the account.
func (a *Account) byHub(kind string) {
	a.Deeds = append(a.Deeds, Deed{Kind: kind, Hub: true, Detail: map[string]string{"user": a.User.ID}})
}

// TellOfKey writes to the owner of an API key that it was made or revoked. A key of
// nobody was made by whoever runs the hub, who knows.
func (a *Accounts) TellOfKey(ctx context.Context, kind NoticeKind, owner, key, team string, from Origin) error {
	if owner == "" {
		return nil
	}
	return a.amend(ctx, owner, func(of *Account) error {
		n := of.notice(kind, a.Clock(), from)
		n.Key, n.Team, n.Link = key, team, a.link("/dashboard/api/keys")
		return nil
	})
}
