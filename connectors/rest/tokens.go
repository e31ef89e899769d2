package rest

import (
	"context"

	"golang.org/x/oauth2"
)

// Tokens holds the access token of one connection. Of many who need a new one at
// the same time, one asks for it and the others wait, as long as they have time.
type Tokens struct {
	turn  chan struct{} // holds one while somebody looks at what is held
	fetch func(context.Context) (*oauth2.Token, error)
	held  *oauth2.Token
}

// NewTokens asks fetch for a token when there is none that is good.
func NewTokens(fetch func(context.Context) (*oauth2.Token, error)) *Tokens {
	return &Tokens{turn: make(chan struct{}, 1), fetch: fetch}
}

// Fixed is a token that its owner has pasted, and that nobody renews.
func Fixed(token string) *Tokens {
	return NewTokens(func(context.Context) (*oauth2.Token, error) { return &oauth2.Token{AccessToken: token}, nil })
}

// Get returns a token that was good when the system gave it out.
func (t *Tokens) Get(ctx context.Context) (*oauth2.Token, error) {
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer t.leave()
	if t.held.Valid() {
		return t.held, nil
	}
	fresh, err := t.fetch(ctx)
	if err != nil {
		return nil, err
	}
	t.held = fresh
	return fresh, nil
}

// Spent forgets a token that the system does not take any more, unless it has been
// renewed meanwhile.
func (t *Tokens) Spent(token *oauth2.Token) {
	t.turn <- struct{}{}
	defer t.leave()
	if t.held == token {
		t.held = nil
	}
}

func (t *Tokens) leave() { <-t.turn }
