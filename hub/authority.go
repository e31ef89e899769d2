package hub

import (
	"cmp"
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

// authority says what the certificates of one kind of team are to be like. Only
// production has certificates from outside.
func (c Config) authority(register pki.Register, sandbox bool) (pki.Options, error) {
	o := pki.Options{
		Organisation: c.Organisation, OrganisationID: c.OrganisationID, Country: c.Country, Sandbox: sandbox,
		Algorithm: c.KeyAlgorithm, URL: cmp.Or(c.PKIURL, c.PublicURL), Register: register,
	}
	if sandbox || c.PKIDir == "" {
		return o, nil
	}
	var err error
	o.Folder, err = pki.OpenFolder(c.PKIDir)
	return o, err
}

// openAuthority opens the certificate authority of one kind of team, and makes
// whatever certificate is missing or ends soon.
func openAuthority(ctx context.Context, s authorities, o pki.Options) (*pki.Authority, error) {
	name := "authority/production"
	if o.Sandbox {
		name = "authority/sandbox"
	}
	create := func() ([]byte, error) { return created(o) }
	if ca := o.Folder.CA(); ca != "" {
		name += "/" + ca
	} else {
		// The first form is left as it was: programs of the release before read it,
		// while the machines are replaced one by one.
		first := name
		name, create = name+"/2", func() ([]byte, error) { return firstForm(ctx, s, first, o) }
	}
	stored, err := s.Secret(ctx, name, create)
	if err != nil {
		return nil, err
	}
	a, made, err := renewed(ctx, stored, o)
	if err != nil || !made {
		return a, err
	}
	stored, err = s.AmendSecret(ctx, name, func(old []byte) ([]byte, error) {
		a, _, err := renewed(ctx, old, o)
		if err != nil {
			return nil, err
		}
		return a.Marshal()
	})
	if err != nil {
		return nil, err
	}
	a, _, err = renewed(ctx, stored, o)
	return a, err
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
	return created(o)
}

func created(o pki.Options) ([]byte, error) {
	fresh, err := pki.Create(rand.Reader, time.Now(), o)
	if err != nil {
		return nil, err
	}
	return fresh.Marshal()
}
