package pki

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// Person is who signs, as the certificate will say it.
type Person struct {
	Name  string // any script; empty becomes the email address
	Email string
	ID    string // unique among people, goes into the subject's serialNumber
}

func (p Person) commonName() string {
	for _, s := range []string{p.Name, p.Email, p.ID} {
		if s = clip(clean(s), nameLimit); s != "" {
			return s
		}
	}
	return "Unnamed signer"
}

// IssueSigner makes a fresh key and a certificate for one act, valid from five
// minutes before now for a day. The key is stored nowhere: once the holder is
// gone, nobody can sign with it again.
func (a *Authority) IssueSigner(ctx context.Context, p Person, now time.Time) (Holder, error) {
	if err := ctx.Err(); err != nil {
		return Holder{}, fmt.Errorf("issue certificate for %s: %w", p.ID, err)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	issuer, ok := a.current(Issuing, now)
	if !ok {
		return Holder{}, fmt.Errorf("issue certificate for %s: the issuing CA was revoked", p.ID)
	}
	profile := addresses(a.options, personProfile(p, now), issuer, false)
	made, err := issue(rand.Reader, "", profile, &issuer, a.options.Algorithm)
	if err != nil {
		return Holder{}, fmt.Errorf("issue certificate for %s: %w", p.ID, err)
	}
	return a.holder(made), nil
}
