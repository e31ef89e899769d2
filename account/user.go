// Package account knows the people who sign in: how they prove who they are, and
// how long that is believed.
//
// The rules are plain values, to be read first: what a password must be
// (password.go), what a code is good for (factor.go), how whoever guesses is slowed
// (pace.go), how long a session lasts (session.go). Accounts is what people do, one
// file for each errand: signup.go, signin.go, change.go, twofactor.go, passkey.go,
// signon.go, invite.go, operate.go.
//
// Whatever changes an account goes through Amend: it is read under a lock, and the
// sessions, letters and lines of evidence that come along are written in the same
// transaction. No answer tells whether an address has an account; its letters do.
package account

import (
	"slices"
	"strings"
	"time"

	"chancery/problem"
)

// User is a person who can sign in. A zero time means "has not happened".
type User struct {
	ID           string
	Organisation string
	Name         string
	Email        string
	Head         bool // administers the organisation
	Operator     bool // runs the hub; by its configuration
	CreatedAt    time.Time
	ProvedAt     time.Time // the address is theirs
	ApprovedAt   time.Time // an operator has let them use the API
	SecuredAt    time.Time // two-factor authentication has been on since
	LeftAt       time.Time
}

// Problems of those who may not have a key yet.
var (
	ErrNotApproved = problem.Denied("api_access_needed", "Please apply for access to the API first.")
	ErrNotSecured  = problem.Denied("two_factor_needed", "Please switch on two-factor authentication first.")
)

// ErrEmailTaken is told to nobody but the hub itself: it would say who has an account.
var ErrEmailTaken = problem.Conflict("email_taken", "This address has an account already.")

// MayHaveKeys says what is missing before the user can generate an API key.
func (u User) MayHaveKeys() error {
	switch {
	case u.ApprovedAt.IsZero():
		return ErrNotApproved
	case u.SecuredAt.IsZero():
		return ErrNotSecured
	}
	return nil
}

// Operators are the addresses of those who run the hub, by its configuration.
type Operators []string

// Include tells whether the user is one of them: the address alone does not make an
// operator, it must be proved and a second factor must be on.
func (o Operators) Include(u User) bool {
	return !u.ProvedAt.IsZero() && !u.SecuredAt.IsZero() && u.LeftAt.IsZero() &&
		slices.ContainsFunc(o, func(email string) bool { return strings.EqualFold(email, u.Email) })
}
