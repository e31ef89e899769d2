package tsp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"log/slog"
	"math/big"
	"time"

	"chancery/pades/cms"
)

// AuthorityOptions says who an authority is and what it promises.
type AuthorityOptions struct {
	Certificate *x509.Certificate   // whose one, critical extended key usage is time-stamping
	Chain       []*x509.Certificate // issuer first; a root at the end is left out of tokens
	Key         crypto.Signer
	Policy      asn1.ObjectIdentifier
	Accuracy    time.Duration // how far the clock may be off; 0 means a second
	Now         func() time.Time
	Log         *slog.Logger // hears why a request over HTTP met an accident; may be nil
}

// Authority is a time-stamping authority in our own process, for the sandbox and
// for installations that know no other. It is only as good as its clock, and only
// trusted by who trusts its root. It is safe for concurrent use.
type Authority struct {
	options  AuthorityOptions
	enclosed []*x509.Certificate
}

// NewAuthority refuses a certificate that is not for time-stamping alone, or not
// of this key.
func NewAuthority(o AuthorityOptions) (*Authority, error) {
	if o.Certificate == nil || o.Key == nil || o.Now == nil || len(o.Policy) == 0 {
		return nil, fmt.Errorf("open time-stamping authority: it needs a certificate, a key, a policy and a clock")
	}
	if err := purpose(o.Certificate); err != nil {
		return nil, fmt.Errorf("open time-stamping authority: %w", err)
	}
	public, ok := o.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(o.Certificate.PublicKey) {
		return nil, fmt.Errorf("open time-stamping authority: the key is not that of the certificate")
	}
	if o.Accuracy == 0 {
		o.Accuracy = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Accuracy < time.Millisecond || o.Accuracy > maxAccuracySec*time.Second {
		return nil, fmt.Errorf("open time-stamping authority: accuracy %s", o.Accuracy)
	}
	a := &Authority{options: o, enclosed: []*x509.Certificate{o.Certificate}}
	for _, c := range o.Chain {
		if c.CheckSignatureFrom(c) != nil { // no root
			a.enclosed = append(a.enclosed, c)
		}
	}
	return a, nil
}

// Timestamp stamps a SHA-256 digest. The token brings its certificates along.
func (a *Authority) Timestamp(ctx context.Context, digest []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("make time-stamp: %w", err)
	}
	if len(digest) != crypto.SHA256.Size() {
		return nil, fmt.Errorf("make time-stamp: %d bytes are no SHA-256 digest", len(digest))
	}
	token, err := a.token(Request{Hash: crypto.SHA256, Digest: digest, CertReq: true})
	if err != nil {
		return nil, fmt.Errorf("make time-stamp: %w", err)
	}
	return token, nil
}

// serialBits is the size of a serial number. They are drawn at random, so that
// they stay unique over restarts and over several processes.
const serialBits = 128

func (a *Authority) token(q Request) ([]byte, error) {
	o := a.options
	if len(q.Policy) > 0 && !q.Policy.Equal(o.Policy) {
		return nil, refusal{UnacceptedPolicy, fmt.Sprintf("the policy here is %v", o.Policy)}
	}
	now := o.Now().UTC()
	if now.Before(o.Certificate.NotBefore) || now.After(o.Certificate.NotAfter) {
		return nil, refusal{TimeNotAvailable, "the certificate of this authority is not valid at the time of its clock"}
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, fmt.Errorf("draw serial number: %w", err)
	}
	info, err := writeInfo(Token{
		Time: now, Accuracy: o.Accuracy, Policy: o.Policy, Serial: serial, Nonce: q.Nonce, Hash: q.Hash, Digest: q.Digest,
	})
	if err != nil {
		return nil, fmt.Errorf("write time-stamp: %w", err)
	}
	var enclosed []*x509.Certificate
	if q.CertReq {
		enclosed = a.enclosed
	}
	return cms.SignContent(cms.OIDTSTInfo, info, o.Certificate, enclosed, o.Key)
}
