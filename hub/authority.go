package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"chancery/pki"
)

// authorities are secrets that change when a certificate gets a successor.
type authorities interface {
	secrets
	AmendSecret(ctx context.Context, name string, amend func([]byte) ([]byte, error)) ([]byte, error)
}

// authority says what the certificates of one kind of team are to be like.
func (c Config) authority(register pki.Register, sandbox bool) pki.Options {
	return pki.Options{Organisation: c.Organisation, Sandbox: sandbox, URL: c.PublicURL, Register: register}
}

// openAuthority opens the hub's own certificate authority, of one kind of team,
// and makes whatever certificate is missing or ends soon.
func openAuthority(ctx context.Context, s authorities, o pki.Options) (*pki.Authority, error) {
	first := "authority/production"
	if o.Sandbox {
		first = "authority/sandbox"
	}
	// The first form is left as it was: programs of the release before read it,
	// while the machines are replaced one by one.
	name := first + "/2"
	stored, err := s.Secret(ctx, name, func() ([]byte, error) { return firstForm(ctx, s, first, o) })
	if err != nil {
		return nil, err
	}
	a, made, err := renewed(ctx, stored, o)
	if err != nil || !made {
		return a, err
	}
	if stored, err = s.AmendSecret(ctx, name, func(old []byte) ([]byte, error) {
		a, _, err := renewed(ctx, old, o)
		if err != nil {
			return nil, err
		}
		return a.Marshal()
	}); err != nil {
		return nil, err
	}
	return pki.Parse(stored, o)
}

func renewed(ctx context.Context, stored []byte, o pki.Options) (*pki.Authority, bool, error) {
	a, err := pki.Parse(stored, o)
	if err != nil {
		return nil, false, err
	}
	made, err := a.Renew(ctx, time.Now())
	return a, made, err
}

var errNoFirstForm = errors.New("there is no authority of the first form")

// firstForm is the authority that an earlier release has made, or a new one.
func firstForm(ctx context.Context, s secrets, name string, o pki.Options) ([]byte, error) {
	stored, err := s.Secret(ctx, name, func() ([]byte, error) { return nil, errNoFirstForm })
	if !errors.Is(err, errNoFirstForm) {
		return stored, err
	}
	fresh, err := pki.Create(rand.Reader, time.Now(), o)
	if err != nil {
		return nil, err
	}
	return fresh.Marshal()
}
