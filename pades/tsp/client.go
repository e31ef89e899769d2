package tsp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"

	"chancery/pades/trust"
	"chancery/problem"
)

// Server is one authority to ask.
type Server struct {
	URL    string                // http or https; a user and password in it are sent as basic authentication
	Policy asn1.ObjectIdentifier // asked for and insisted on; empty: any
}

// ClientOptions says whom a client asks and whom it believes.
type ClientOptions struct {
	Servers []Server            // asked in this order until one gives a good token
	HTTP    *http.Client        // the caller's, because only the caller knows which addresses are safe
	Roots   []*x509.Certificate // a token's chain must lead to one of them at its time
	Timeout time.Duration       // for each server; 0 means DefaultTimeout
	Now     func() time.Time
}

// Limits of a client.
const (
	DefaultTimeout = 10 * time.Second
	// ClockTolerance is how far a token's time may be from our own clock, beyond
	// the time the answer took. It catches an authority that replays or has lost
	// its clock, and leaves room for ours being a little off.
	ClockTolerance = 5 * time.Minute

	maxAnswer = 256 << 10 // bytes: a token with a chain and revocation data
	nonceBits = 64
)

// Client asks authorities for time-stamps. It is safe for concurrent use.
type Client struct{ options ClientOptions }

// NewClient refuses a client that could not get or could not judge a token.
func NewClient(o ClientOptions) (*Client, error) {
	if len(o.Servers) == 0 || o.HTTP == nil || len(o.Roots) == 0 || o.Now == nil {
		return nil, fmt.Errorf("open time-stamp client: it needs servers, an HTTP client, roots and a clock")
	}
	for _, s := range o.Servers {
		u, err := url.Parse(s.URL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fmt.Errorf("open time-stamp client: %q is no address of a server", redacted(s.URL))
		}
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Client{o}, nil
}

// Timestamp has a SHA-256 digest stamped by the first server that gives a token
// which holds in every respect. When none does, the problem timestamp_unavailable
// says so, and its cause what each of them answered; later it may work.
func (c *Client) Timestamp(ctx context.Context, digest []byte) ([]byte, error) {
	if len(digest) != crypto.SHA256.Size() {
		return nil, fmt.Errorf("ask for time-stamp: %d bytes are no SHA-256 digest", len(digest))
	}
	var causes []error
	for _, s := range c.options.Servers {
		token, err := c.ask(ctx, s, digest)
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("ask for time-stamp: %w", context.Cause(ctx))
		}
		causes = append(causes, fmt.Errorf("%s: %w", redacted(s.URL), err))
	}
	return nil, problem.Away("timestamp_unavailable",
		"No time-stamping authority could be reached; the signature waits until one answers.").Because(errors.Join(causes...))
}

func (c *Client) ask(ctx context.Context, s Server, digest []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), nonceBits))
	if err != nil {
		return nil, fmt.Errorf("draw nonce: %w", err)
	}
	q := Request{Hash: crypto.SHA256, Digest: digest, Policy: s.Policy, Nonce: nonce, CertReq: true}
	asked := c.options.Now()
	answer, err := c.post(ctx, s.URL, q)
	if err != nil {
		return nil, err
	}
	der, err := ParseResponse(answer)
	if err != nil {
		return nil, err
	}
	token, err := Parse(der)
	if err != nil {
		return nil, err
	}
	return der, c.judge(token, q, asked)
}

func (c *Client) post(ctx context.Context, address string, q Request) ([]byte, error) {
	body, err := q.Marshal()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", hidden(err))
	}
	r.Header.Set("Content-Type", queryType)
	r.Header.Set("Accept", replyType)
	answer, err := c.options.HTTP.Do(r)
	if err != nil {
		return nil, fmt.Errorf("post request: %w", hidden(err))
	}
	defer func() { _ = answer.Body.Close() }() // nothing to do about it
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", answer.StatusCode)
	}
	if kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), replyType) {
		return nil, fmt.Errorf("an answer of type %q", kind)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("an answer of more than %d bytes", maxAnswer)
	}
	return data, nil
}

// judge holds a token against what was asked, and against our clock.
func (c *Client) judge(t *Token, q Request, asked time.Time) error {
	if t.Hash != q.Hash {
		return fmt.Errorf("the token is of a %v digest", t.Hash)
	}
	if err := t.Check(q.Digest); err != nil {
		return err
	}
	if t.Weak() {
		return fmt.Errorf("the token is signed with SHA-1")
	}
	if t.Nonce == nil || t.Nonce.Cmp(q.Nonce) != 0 {
		return fmt.Errorf("the token does not repeat our nonce")
	}
	if len(q.Policy) > 0 && !t.Policy.Equal(q.Policy) {
		return fmt.Errorf("the token has policy %v instead of %v", t.Policy, q.Policy)
	}
	if t.Time.Before(asked.Add(-ClockTolerance)) || t.Time.After(c.options.Now().Add(ClockTolerance)) {
		return fmt.Errorf("the token's time %s is more than %s off", t.Time.Format(time.RFC3339), ClockTolerance)
	}
	if _, err := trust.Path(t.Certificate, t.Certificates, c.options.Roots, t.Time); err != nil {
		return fmt.Errorf("trust the token: %w", err)
	}
	return nil
}

// redacted is the address without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an unreadable address"
	}
	return u.Redacted()
}

// hidden takes the address, which may hold a password, out of an error of net/http.
func hidden(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
