package webhooks

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	totalTimeout = 15 * time.Second // Standard Webhooks 1.0 asks for 15 to 30 s
	dialTimeout  = 5 * time.Second
	// idleTimeout keeps a connection for a burst of events and no longer: receivers
	// are many and each of them speaks rarely.
	idleTimeout     = 30 * time.Second
	maxIdle         = 256
	maxIdlePerHost  = 4
	maxHeaderBytes  = 64 << 10
	tlsHandshakeFor = 5 * time.Second
)

// errPlain is what a request without TLS meets when the policy wants https.
var errPlain = errors.New("plain http is not allowed")

// NewClient returns a client that obeys the policy at every connection. It follows
// no redirects, uses no proxy, and gives up after 15 seconds, reading included.
// One client serves a whole process; CloseIdleConnections ends it.
func NewClient(policy Policy) *http.Client {
	dialer := net.Dialer{Timeout: dialTimeout, Control: policy.control}
	transport := &http.Transport{
		Proxy:                  nil, // one from the environment would connect for us, unseen
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: policy.Roots},
		TLSHandshakeTimeout:    tlsHandshakeFor,
		MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		DisableCompression:     true, // nobody needs to unpack an answer we hardly read
		ForceAttemptHTTP2:      true,
	}
	return &http.Client{
		Transport:     encrypted{transport, policy.AllowHTTP},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       totalTimeout,
	}
}

// encrypted lets requests through that travel under TLS, or all if plain is set.
type encrypted struct {
	*http.Transport
	plain bool
}

func (e encrypted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !e.plain {
		return nil, errPlain
	}
	return e.Transport.RoundTrip(r)
}

// Dial connects to an address that the policy allows, for protocols other than HTTP.
func (p Policy) Dial(ctx context.Context, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout, Control: p.control}
	return dialer.DialContext(ctx, "tcp", address)
}
