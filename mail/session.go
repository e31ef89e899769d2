package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"time"

	"chancery/problem"
)

// session is one connection to the relay. It speaks through net/smtp, whose client
// can offer STARTTLS after looking whether the server has it, and leaves deadlines
// to us.
type session struct {
	conn    net.Conn
	client  *smtp.Client
	letters int
	used    time.Time
	broken  bool
}

// errStale means that a kept connection was gone before the letter began.
var errStale = errors.New("the connection had been closed")

// farewell is how long we wait for the goodbye of a relay.
const farewell = time.Second

// connect dials, encrypts and logs in. Whatever goes wrong here is about the relay
// and not about the letter, even a 5yz: it is never a problem.
func (s *Submitter) connect(ctx context.Context) (*session, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to mail relay %s: %w", s.relay.Addr, err)
	}
	fresh := &session{conn: conn}
	defer fresh.obey(ctx)()
	if err := s.introduce(fresh); err != nil {
		conn.Close()
		return nil, fmt.Errorf("introduce ourselves to mail relay %s: %w", s.relay.Addr, err)
	}
	return fresh, nil
}

func (s *Submitter) dial(ctx context.Context) (net.Conn, error) {
	if s.relay.Security == ImplicitTLS {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", s.relay.Addr)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", s.relay.Addr)
}

func (s *Submitter) introduce(fresh *session) (err error) {
	if fresh.client, err = smtp.NewClient(fresh.conn, s.host); err != nil {
		return err
	}
	if err = fresh.client.Hello(s.relay.Hello); err != nil {
		return err
	}
	if err = s.encrypt(fresh.client); err != nil {
		return fmt.Errorf("start TLS: %w", err)
	}
	if s.relay.Username == "" {
		return nil
	}
	// PlainAuth itself refuses to speak without TLS, save to this machine.
	if err = fresh.client.Auth(smtp.PlainAuth("", s.relay.Username, s.relay.Password, s.host)); err != nil {
		return fmt.Errorf("log in as %s: %w", s.relay.Username, err)
	}
	return nil
}

func (s *Submitter) encrypt(client *smtp.Client) error {
	offered, _ := client.Extension("STARTTLS")
	switch {
	case s.relay.Security == StartTLS && !offered:
		return errors.New("the relay does not offer it")
	case s.relay.Security == StartTLS, s.relay.Security == Opportunistic && offered:
		return client.StartTLS(s.tls())
	}
	return nil
}

// obey makes the connection keep to the context until the returned function is
// called.
func (c *session) obey(ctx context.Context) (release func()) {
	deadline, _ := ctx.Deadline()
	_ = c.conn.SetDeadline(deadline) // a closed connection tells at the next read
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

// send hands over one message and leaves the session ready for the next, or broken.
func (c *session) send(ctx context.Context, envelope Envelope, message []byte) error {
	defer c.obey(ctx)()
	reused := c.letters > 0
	c.letters++
	if err := c.client.Mail(envelope.From); err != nil {
		if c.judge(err); c.broken && reused && ctx.Err() == nil {
			return errStale
		}
		return c.verdict("name the sender", err)
	}
	if err := c.client.Rcpt(envelope.To); err != nil {
		return c.verdict("name the recipient", err)
	}
	if err := c.write(message); err != nil {
		return c.verdict("hand over the message", err)
	}
	return nil
}

func (c *session) write(message []byte) error {
	data, err := c.client.Data()
	if err != nil {
		return err
	}
	if _, err := data.Write(message); err != nil {
		// Without the final dot the relay forgets what it has.
		c.broken = true
		return err
	}
	return data.Close()
}

// verdict tells a refusal of this letter from a bad moment, and readies the session.
func (c *session) verdict(step string, err error) error {
	c.judge(err)
	if !c.broken && c.client.Reset() != nil {
		c.broken = true
	}
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 500 && !aboutUs(reply.Code) {
		return problem.Conflict("mail_refused", "The mail server has refused this letter for good.").
			Because(fmt.Errorf("%s: %w", step, err))
	}
	return fmt.Errorf("%s: %w", step, err)
}

// judge marks the session as broken unless the relay gave a proper answer that is
// not a goodbye (421).
func (c *session) judge(err error) {
	var reply *textproto.Error
	if !errors.As(err, &reply) || reply.Code == 421 {
		c.broken = true
	}
}

// aboutUs finds refusals that concern our login or our commands and not the letter
// (RFC 4954 §6, RFC 5321 §4.2.3): they end once somebody mends the settings.
func aboutUs(code int) bool {
	switch code {
	case 500, 502, 503, 504, 530, 534, 535, 538:
		return true
	}
	return false
}

func (c *session) close() {
	_ = c.conn.SetDeadline(time.Now().Add(farewell))
	if c.broken || c.client.Quit() != nil {
		_ = c.conn.Close()
	}
}
