package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"chancery/problem"
)

// Provider is where the people of an organisation sign in, when it has a place of its
// own for that (OpenID Connect Core 1.0).
type Provider struct {
	Organisation string    `json:"-"`
	Issuer       string    `json:"issuer"`
	ClientID     string    `json:"client_id"`
	Secret       string    `json:"secret"`
	ChangedAt    time.Time `json:"-"`
}

// Problems of single sign-on.
var (
	ErrNoProvider     = problem.Missing("single_sign_on_missing", "This organisation has no single sign-on.")
	ErrProvider       = problem.Invalid("issuer_invalid", "There is no OpenID provider at this address, or it cannot be reached from here. The address begins with https.").At("issuer")
	ErrClient         = problem.Invalid("client_missing", "Please give the client id and the secret that the provider has for this hub.").At("client_id")
	ErrSignOn         = problem.Denied("single_sign_on_refused", "Signing in there did not work, or took too long. Please try again.")
	ErrNotConnected   = problem.Denied("identity_unknown", "Nobody here is connected with that identity. Please sign in with your password once, and connect it at the page of your account.")
	ErrIdentityTaken  = problem.Conflict("identity_taken", "That identity is connected with another account.")
	errOtherBrowser   = errors.New("the answer came with another browser than the question")
	errWrongNonce     = errors.New("the token was made for another question")
	errNoToken        = errors.New("the provider gave no id token")
	errTooLongSubject = errors.New("the subject is longer than 255 characters")
)

// SignOns keeps where organisations sign in, and who their people are there.
type SignOns interface {
	Provider(ctx context.Context, organisation string) (Provider, error)
	SetProvider(ctx context.Context, p Provider, by User, d Deed) error
	RemoveProvider(ctx context.Context, organisation string, by User, d Deed) error
	// Identity returns whose that subject is at the organisation's provider.
	Identity(ctx context.Context, organisation, issuer, subject string) (userID string, err error)
	Connected(ctx context.Context, userID string) (bool, error)
}

// journey is what is kept while somebody is at the provider.
type journey struct {
	Organisation string `json:"organisation"`
	User         string `json:"user,omitempty"` // who connects; "" signs in
	Nonce        string `json:"nonce"`
	Verifier     string `json:"verifier"` // RFC 7636
	Next         string `json:"next,omitempty"`
}

// maxProviderReply is more than any provider says in one answer, in bytes.
const maxProviderReply = 1 << 20

// short is a transport that reads no more of an answer than that.
type short struct{ http.RoundTripper }

func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	reply, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		reply.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(reply.Body, maxProviderReply), reply.Body}
	}
	return reply, err
}

// outside lets the library ask the provider by our own client, which never connects
// into our network: who names the provider is a customer.
func (a *Accounts) outside(ctx context.Context) context.Context {
	client := *a.HTTP
	client.Transport = short{client.Transport}
	return oidc.ClientContext(ctx, &client)
}

// Provide sets where the people of an organisation sign in.
func (a *Accounts) Provide(ctx context.Context, p Provider, by User, from Origin) error {
	p.Issuer, p.ClientID, p.Secret = strings.TrimSpace(p.Issuer), strings.TrimSpace(p.ClientID), strings.TrimSpace(p.Secret)
	if p.ClientID == "" || p.Secret == "" || len(p.ClientID)+len(p.Secret)+len(p.Issuer) > maxSecretText {
		return ErrClient
	}
	if at, err := url.Parse(p.Issuer); err != nil || at.Host == "" || at.User != nil {
		return ErrProvider
	}
	if _, err := oidc.NewProvider(a.outside(ctx), p.Issuer); err != nil {
		return ErrProvider.Because(err)
	}
	p.ChangedAt = a.Clock()
	return a.SignOns.SetProvider(ctx, p, by, Deed{Kind: "organisation.single_sign_on_set", From: from, Detail: map[string]string{"issuer": p.Issuer}})
}

// maxSecretText bounds what a provider is described by, in bytes.
const maxSecretText = 4000

// SignOnURL is where the people of an organisation begin.
func (a *Accounts) SignOnURL(organisation string) string {
	return a.link("/sign-in/with/" + organisation)
}

// ReturnURL is where providers send people back to.
func (a *Accounts) ReturnURL() string { return a.link("/sign-in/return") }

func (a *Accounts) client(ctx context.Context, organisation string) (Provider, *oidc.Provider, oauth2.Config, error) {
	p, err := a.SignOns.Provider(ctx, organisation)
	if err != nil {
		return p, nil, oauth2.Config{}, err
	}
	found, err := oidc.NewProvider(a.outside(ctx), p.Issuer)
	if err != nil {
		return p, nil, oauth2.Config{}, ErrSignOn.Because(err)
	}
	return p, found, oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: a.ReturnURL(), Scopes: []string{oidc.ScopeOpenID},
	}, nil
}

// Leave sends somebody to their organisation's provider: to sign in, or to connect
// their account when they are signed in. The state that it returns comes back with
// them, and must be in the browser as well.
func (a *Accounts) Leave(ctx context.Context, organisation string, connects User, next string, o Origin) (address, state string, err error) {
	if _, err := a.Records.Try(ctx, a.Clock(), Guarded{"questions " + o.Address, questionPace}); err != nil {
		return "", "", err
	}
	_, _, client, err := a.client(ctx, organisation)
	if err != nil {
		return "", "", err
	}
	j := journey{Organisation: organisation, User: connects.ID, Nonce: NewToken(), Verifier: oauth2.GenerateVerifier(), Next: next}
	text, err := json.Marshal(j)
	if err != nil {
		return "", "", fmt.Errorf("write journey: %w", err)
	}
	state = NewToken()
	if err := a.Challenges.Ask(ctx, HashToken(state), "single sign-on", text, a.Clock().Add(PendingFor)); err != nil {
		return "", "", err
	}
	return client.AuthCodeURL(state, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), state, nil
}

// Return takes somebody who comes back from the provider. Who signs in gets a session,
// as after a password; who connects gets none.
func (a *Accounts) Return(ctx context.Context, state, kept, code string, b Browser) (e Entered, next string, err error) {
	if kept == "" || kept != state {
		return e, "", ErrSignOn.Because(errOtherBrowser)
	}
	text, err := a.Challenges.Asked(ctx, HashToken(state), "single sign-on", a.Clock())
	if err != nil {
		return e, "", ErrSignOn.Because(err)
	}
	var j journey
	if err := json.Unmarshal(text, &j); err != nil {
		return e, "", fmt.Errorf("read journey: %w", err)
	}
	issuer, subject, err := a.subject(ctx, j, code)
	if err != nil {
		return e, "", err
	}
	if j.User != "" {
		return e, "/account?done=connected", a.connect(ctx, j, issuer, subject, b.Origin)
	}
	e, err = a.bySignOn(ctx, j, issuer, subject, b)
	return e, j.Next, err
}

// subject asks the provider who came with that code.
func (a *Accounts) subject(ctx context.Context, j journey, code string) (issuer, subject string, err error) {
	p, found, client, err := a.client(ctx, j.Organisation)
	if err != nil {
		return "", "", err
	}
	token, err := client.Exchange(a.outside(ctx), code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return "", "", ErrSignOn.Because(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return "", "", ErrSignOn.Because(errNoToken)
	}
	shown, err := found.VerifierContext(a.outside(ctx), &oidc.Config{ClientID: p.ClientID, Now: a.Clock}).Verify(a.outside(ctx), raw)
	switch {
	case err != nil:
		return "", "", ErrSignOn.Because(err)
	case shown.Nonce != j.Nonce:
		return "", "", ErrSignOn.Because(errWrongNonce)
	case shown.Subject == "" || len(shown.Subject) > 255: // OpenID Connect Core 1.0, 2
		return "", "", ErrSignOn.Because(errTooLongSubject)
	}
	return p.Issuer, shown.Subject, nil
}

func (a *Accounts) connect(ctx context.Context, j journey, issuer, subject string, o Origin) error {
	return a.amend(ctx, j.User, func(of *Account) error {
		if of.User.Organisation != j.Organisation || !of.User.LeftAt.IsZero() {
			return ErrSignOn
		}
		of.Connects = &Identity{Issuer: issuer, Subject: subject}
		n := of.notice(IdentityConnected, a.Clock(), o)
		n.Key, n.Link = issuer, a.link("/account")
		of.deed("user.identity_connected", o)
		return nil
	})
}

// Identity is who a user is at the provider of their organisation.
type Identity struct{ Issuer, Subject string }

// Disconnect lets the provider open the account no more.
func (a *Accounts) Disconnect(ctx context.Context, u User, o Origin) error {
	return a.amend(ctx, u.ID, func(of *Account) error {
		of.Disconnects = true
		of.deed("user.identity_disconnected", o)
		return nil
	})
}

func (a *Accounts) bySignOn(ctx context.Context, j journey, issuer, subject string, b Browser) (Entered, error) {
	userID, err := a.SignOns.Identity(ctx, j.Organisation, issuer, subject)
	if err != nil {
		return Entered{}, err
	}
	of, err := a.Records.Account(ctx, userID)
	if err != nil {
		return Entered{}, err
	}
	known, err := a.knows(ctx, b.Device, of.User)
	if err != nil {
		return Entered{}, err
	}
	e := a.entering(b)
	return e, a.amend(ctx, userID, func(of *Account) error {
		if of.User.Organisation != j.Organisation || !of.User.LeftAt.IsZero() {
			return ErrNotConnected
		}
		if of.Secrets.TOTP != "" { // the provider stands for the password, and for no more
			e.Stage = Pending
			of.begin(e, a.Clock(), b.Origin)
			return nil
		}
		a.arrive(of, e, b, known, "single sign-on")
		return nil
	})
}
