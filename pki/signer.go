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

// IssueSigner makes a fresh P-256 key and a certificate for one act, valid from
// five minutes before now for a day. The key is stored nowhere: once the holder
// is gone, nobody can sign with it again.
func (a *Authority) IssueSigner(ctx context.Context, p Person, now time.Time) (Holder, error) {
	if err := ctx.Err(); err != nil {
		return Holder{}, fmt.Errorf("issue certificate for %s: %w", p.ID, err)
	}
	made, err := issue(rand.Reader, personTemplate(p, now), &a.issuing)
	if err != nil {
		return Holder{}, fmt.Errorf("issue certificate for %s: %w", p.ID, err)
	}
	return a.holder(made), nil
}
