package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Security is how a connection to the relay is encrypted.
type Security string

const (
	StartTLS      Security = "starttls"      // required; the default, port 587
	ImplicitTLS   Security = "tls"           // RFC 8314, port 465
	Opportunistic Security = "opportunistic" // STARTTLS when offered: a relay on this machine
	Plain         Security = "plain"         // never encrypted: demo and tests
)

// Relay is the mail server letters are handed to.
type Relay struct {
	Addr        string         // host:port
	Security    Security       // empty means StartTLS
	Username    string         // empty means no AUTH; the password never travels in the clear
	Password    string         //
	Hello       string         // our name in EHLO; empty means localhost
	Timeout     time.Duration  // of one letter, connecting included; 0 means 30 s
	Connections int            // open at the same time, at most; 0 means 4
	Roots       *x509.CertPool // nil means the system's
}

const (
	defaultTimeout     = 30 * time.Second
	defaultConnections = 4
	// idleFor and lettersPerSession stay below what common relays allow (Postfix:
	// 300 s and no count; Exchange Online: a few minutes).
	idleFor           = 60 * time.Second
	lettersPerSession = 100
)

// Submitter hands letters to one relay over a few connections that it keeps.
type Submitter struct {
	relay Relay
	host  string
	slots chan struct{}

	mu   sync.Mutex
	idle []*session // the one used last is at the end
}

// NewSubmitter checks the relay's settings and connects at the first letter.
func NewSubmitter(relay Relay) (*Submitter, error) {
	host, _, err := net.SplitHostPort(relay.Addr)
	if err != nil {
		return nil, fmt.Errorf("read address of mail relay %q: %w", relay.Addr, err)
	}
	switch relay.Security {
	case "":
		relay.Security = StartTLS
	case StartTLS, ImplicitTLS, Opportunistic, Plain:
	default:
		return nil, fmt.Errorf("reach mail relay %s: there is no security %q", relay.Addr, relay.Security)
	}
	if relay.Timeout <= 0 {
		relay.Timeout = defaultTimeout
	}
	if relay.Connections <= 0 {
		relay.Connections = defaultConnections
	}
	if relay.Hello == "" {
		relay.Hello = "localhost"
	}
	return &Submitter{relay: relay, host: host, slots: make(chan struct{}, relay.Connections)}, nil
}

// Envelope is where a message goes (RFC 5321), whatever its headers say.
type Envelope struct {
	From string // gets the bounces
	To   string
}

// Submit hands over one message and returns when the relay has taken it. The
// problem mail_refused means that the relay will never take this letter to this
// address (5yz); any other error is worth another try. After an error at the very
// end the relay may have taken it all the same: the next try has the same
// Message-ID.
func (s *Submitter) Submit(ctx context.Context, envelope Envelope, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.relay.Timeout)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection to mail relay %s: %w", s.relay.Addr, ctx.Err())
	}
	if err := s.deliver(ctx, envelope, message); err != nil {
		return fmt.Errorf("submit letter to %s: %w", envelope.To, err)
	}
	return nil
}

func (s *Submitter) deliver(ctx context.Context, envelope Envelope, message []byte) error {
	if kept := s.take(); kept != nil {
		err := kept.send(ctx, envelope, message)
		s.keep(kept)
		// The relay may have closed an idle connection; nothing was handed over yet.
		if !errors.Is(err, errStale) {
			return err
		}
	}
	fresh, err := s.connect(ctx)
	if err != nil {
		return err
	}
	err = fresh.send(ctx, envelope, message)
	s.keep(fresh)
	return err
}

// take returns the connection used last, or nil, and closes what has idled too long.
func (s *Submitter) take() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 && time.Since(s.idle[0].used) > idleFor {
		s.idle[0].close()
		s.idle = s.idle[1:]
	}
	if len(s.idle) == 0 {
		return nil
	}
	last := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return last
}

func (s *Submitter) keep(used *session) {
	if used.broken || used.letters >= lettersPerSession {
		used.close()
		return
	}
	used.used = time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, used)
}

// Close ends the connections that are idle; letters on their way are not touched.
func (s *Submitter) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kept := range s.idle {
		kept.close()
	}
	s.idle = nil
	return nil
}

func (s *Submitter) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.relay.Roots, MinVersion: tls.VersionTLS12}
}
