package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"chancery/id"
	"chancery/problem"
)

// Passkey is a key pair that one of the user's devices keeps; the device shows that
// its owner is there by a finger, a face or a PIN. So it stands for both factors.
type Passkey struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Since      time.Time           `json:"since"`
	Used       time.Time           `json:"used,omitzero"`
	Credential webauthn.Credential `json:"credential"`
}

// MaxPasskeys is more devices than people have.
const MaxPasskeys = 20

// challengeFor is how long somebody may look for their finger.
const challengeFor = 5 * time.Minute

// Problems of passkeys.
var (
	ErrPasskeysAway   = problem.Conflict("passkeys_unavailable", "Passkeys cannot be used at this address.")
	ErrPasskeyWrong   = problem.Denied("passkey_wrong", "This passkey is not known here, or its answer came too late. Please try again.")
	ErrPasskeyTooMany = problem.Conflict("too_many_passkeys", "You have 20 passkeys. Please remove one first.")
	ErrPasskeyMissing = problem.Missing("passkey_missing", "There is no such passkey.")
	ErrNeedsTwoFactor = problem.Denied("two_factor_needed", "Please switch on two-factor authentication first: its recovery codes let you in when a device is lost.")
)

// Challenges keeps what was asked of a browser until it answers.
type Challenges interface {
	Ask(ctx context.Context, hash []byte, purpose string, question []byte, until time.Time) error
	// Asked returns the question and forgets it: an answer is good once.
	Asked(ctx context.Context, hash []byte, purpose string, at time.Time) ([]byte, error)
}

// NewPasskeys takes the address at which people see the hub. Browsers make passkeys
// for names over https, and for localhost; elsewhere there are none, and it is nil.
func NewPasskeys(house, public string) (*webauthn.WebAuthn, error) {
	at, err := url.Parse(public)
	if err != nil {
		return nil, fmt.Errorf("read public address: %w", err)
	}
	host := at.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "" || at.Scheme != "https" && host != "localhost" {
		return nil, nil
	}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: house, RPOrigins: []string{at.Scheme + "://" + at.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// holder is a user as the protocol knows them: by their id, which says nothing.
type holder struct{ Account }

func (h holder) WebAuthnID() []byte          { return []byte(h.User.ID) }
func (h holder) WebAuthnName() string        { return h.User.Email }
func (h holder) WebAuthnDisplayName() string { return h.User.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.Secrets.Passkeys))
	for i, p := range h.Secrets.Passkeys {
		all[i] = p.Credential
	}
	return all
}

// Question is what a browser is asked, and the token it brings with its answer.
type Question struct {
	Token   string `json:"token"`
	Options any    `json:"options"`
}

// ask keeps the session of a ceremony until the browser answers.
func (a *Accounts) ask(ctx context.Context, purpose string, options any, kept *webauthn.SessionData) (Question, error) {
	text, err := json.Marshal(kept)
	if err != nil {
		return Question{}, fmt.Errorf("write passkey session: %w", err)
	}
	q := Question{Token: NewToken(), Options: options}
	return q, a.Challenges.Ask(ctx, HashToken(q.Token), purpose, text, a.Clock().Add(challengeFor))
}

func (a *Accounts) asked(ctx context.Context, purpose, token string) (kept webauthn.SessionData, err error) {
	text, err := a.Challenges.Asked(ctx, HashToken(token), purpose, a.Clock())
	if err != nil {
		return kept, err
	}
	return kept, json.Unmarshal(text, &kept)
}

// OfferPasskey asks the browser of somebody who is signed in, and shows their password
// once more, to make a passkey.
func (a *Accounts) OfferPasskey(ctx context.Context, u User, password string, o Origin) (Question, error) {
	if a.Passkeys == nil {
		return Question{}, ErrPasskeysAway
	}
	if _, err := a.shown(ctx, u, password, o); err != nil {
		return Question{}, err
	}
	of, err := a.Records.Account(ctx, u.ID)
	switch {
	case err != nil:
		return Question{}, err
	case of.User.SecuredAt.IsZero():
		return Question{}, ErrNeedsTwoFactor
	case len(of.Secrets.Passkeys) >= MaxPasskeys:
		return Question{}, ErrPasskeyTooMany
	}
	var known []protocol.CredentialDescriptor
	for _, p := range of.Secrets.Passkeys {
		known = append(known, p.Credential.Descriptor())
	}
	options, kept, err := a.Passkeys.BeginRegistration(holder{of}, webauthn.WithExclusions(known))
	if err != nil {
		return Question{}, fmt.Errorf("offer passkey to user %s: %w", u.ID, err)
	}
	return a.ask(ctx, "passkey of "+u.ID, options.Response, kept)
}

// AddPasskey takes the browser's answer.
func (a *Accounts) AddPasskey(ctx context.Context, u User, name, token string, answer []byte, o Origin) error {
	if a.Passkeys == nil {
		return ErrPasskeysAway
	}
	if name = strings.TrimSpace(name); name == "" {
		name = "Passkey"
	}
	if err := checkName(name); err != nil {
		return err
	}
	kept, err := a.asked(ctx, "passkey of "+u.ID, token)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return ErrPasskeyWrong.Because(err)
	}
	return a.amend(ctx, u.ID, func(of *Account) error {
		made, err := a.Passkeys.CreateCredential(holder{*of}, kept, parsed)
		if err != nil {
			return ErrPasskeyWrong.Because(err)
		}
		if of.User.SecuredAt.IsZero() {
			return ErrNeedsTwoFactor
		}
		at := a.Clock()
		of.Secrets.Passkeys = append(of.Secrets.Passkeys, Passkey{ID: id.New(id.Passkey), Name: name, Since: at, Credential: *made})
		n := of.notice(PasskeyAdded, at, o)
		n.Key, n.Link = name, a.link("/account/two-factor")
		of.deed("user.passkey_added", o)
		return nil
	})
}

// RemovePasskey lets one of the user's devices open nothing any more.
func (a *Accounts) RemovePasskey(ctx context.Context, u User, passkey string, o Origin) error {
	return a.amend(ctx, u.ID, func(of *Account) error {
		i := slices.IndexFunc(of.Secrets.Passkeys, func(p Passkey) bool { return p.ID == passkey })
		if i < 0 {
			return ErrPasskeyMissing
		}
		n := of.notice(PasskeyRemoved, a.Clock(), o)
		n.Key, n.Link = of.Secrets.Passkeys[i].Name, a.link("/account/two-factor")
		of.Secrets.Passkeys = slices.Delete(of.Secrets.Passkeys, i, i+1)
		of.deed("user.passkey_removed", o)
		return nil
	})
}

// PasskeysOf returns the user's passkeys.
func (a *Accounts) PasskeysOf(ctx context.Context, u User) ([]Passkey, error) {
	of, err := a.Records.Account(ctx, u.ID)
	return of.Secrets.Passkeys, err
}

// AskPasskey asks a browser for any passkey that it has for us.
func (a *Accounts) AskPasskey(ctx context.Context, o Origin) (Question, error) {
	if a.Passkeys == nil {
		return Question{}, ErrPasskeysAway
	}
	if _, err := a.Records.Try(ctx, a.Clock(), Guarded{"questions " + o.Address, questionPace}); err != nil {
		return Question{}, err
	}
	options, kept, err := a.Passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Question{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return a.ask(ctx, "sign-in", options.Response, kept)
}

// EnterByPasskey signs in whoever's passkey has answered: the device has seen to it
// that they are there, so nothing else is asked.
func (a *Accounts) EnterByPasskey(ctx context.Context, token string, answer []byte, b Browser) (Entered, error) {
	if a.Passkeys == nil {
		return Entered{}, ErrPasskeysAway
	}
	if _, err := a.Records.Try(ctx, a.Clock(), Guarded{from(b.Origin), addressPace}); err != nil {
		return Entered{}, err
	}
	e, err := a.byPasskey(ctx, token, answer, b)
	if err != nil {
		return Entered{}, err
	}
	return e, a.Records.Forgive(ctx, nil, []string{from(b.Origin)})
}

func (a *Accounts) byPasskey(ctx context.Context, token string, answer []byte, b Browser) (Entered, error) {
	kept, err := a.asked(ctx, "sign-in", token)
	if err != nil {
		return Entered{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Entered{}, ErrPasskeyWrong.Because(err)
	}
	userID := string(parsed.Response.UserHandle)
	of, err := a.Records.Account(ctx, userID)
	if err != nil {
		if problem.Of(err).Kind == problem.KindMissing {
			err = ErrPasskeyWrong.Because(err)
		}
		return Entered{}, err
	}
	known, err := a.knows(ctx, b.Device, of.User)
	if err != nil {
		return Entered{}, err
	}
	e := a.entering(b)
	return e, a.amend(ctx, userID, func(of *Account) error {
		return a.opens(of, kept, parsed, e, b, known)
	})
}

// opens lets the answer of a passkey open the account. A counter that goes back is a
// copy of the device's key (W3C Web Authentication, §6.1.1).
func (a *Accounts) opens(of *Account, kept webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData, e Entered, b Browser, known bool) error {
	find := func(_, _ []byte) (webauthn.User, error) { return holder{*of}, nil }
	_, used, err := a.Passkeys.ValidatePasskeyLogin(find, kept, parsed)
	if err == nil && used.Authenticator.CloneWarning {
		err = errors.New("the counter of the passkey went back")
	}
	if err != nil || !of.User.LeftAt.IsZero() || of.User.SecuredAt.IsZero() {
		return ErrPasskeyWrong.Because(err)
	}
	for i, p := range of.Secrets.Passkeys {
		if bytes.Equal(p.Credential.ID, used.ID) {
			of.Secrets.Passkeys[i].Credential, of.Secrets.Passkeys[i].Used = *used, a.Clock()
		}
	}
	a.arrive(of, e, b, known, "passkey")
	return nil
}
