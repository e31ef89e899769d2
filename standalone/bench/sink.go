package bench

import (
	"fmt"
	"io"
	"net"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server that takes everything and keeps nothing: what a real one
// does with a letter is not ours to measure.
type Sink struct {
	server   *smtp.Server
	listener net.Listener
}

// OpenSink listens on a free port of 127.0.0.1.
func OpenSink() (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for letters: %w", err)
	}
	s := &Sink{listener: listener, server: smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return session{}, nil
	}))}
	go func() { _ = s.server.Serve(listener) }() // ends with Close
	return s, nil
}

// Address is host:port.
func (s *Sink) Address() string { return s.listener.Addr().String() }

// Close stops listening.
func (s *Sink) Close() { _ = s.server.Close() }

type session struct{}

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

func (session) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
