package bench

import (
	"fmt"
	"io"
	"net"
	"regexp"
	"sync"

	"github.com/emersion/go-smtp"
)

// Sink is a mail server that takes everything and keeps nothing but the links in
// invitations: what a real one does with a letter is not ours to measure.
type Sink struct {
	server   *smtp.Server
	listener net.Listener

	mu      sync.Mutex
	waiting map[string]chan string // for the link in an invitation, by recipient
}

// OpenSink listens on a free port of 127.0.0.1.
func OpenSink() (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for letters: %w", err)
	}
	s := &Sink{listener: listener, waiting: map[string]chan string{}}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{s}, nil }))
	go func() { _ = s.server.Serve(listener) }() // ends with Close
	return s, nil
}

// Address is host:port.
func (s *Sink) Address() string { return s.listener.Addr().String() }

// Close stops listening.
func (s *Sink) Close() { _ = s.server.Close() }

// Link returns where the link in the recipient's invitation will arrive.
func (s *Sink) Link(recipient string) <-chan string { return s.wait(recipient) }

func (s *Sink) wait(recipient string) chan string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting[recipient] == nil {
		s.waiting[recipient] = make(chan string, 1)
	}
	return s.waiting[recipient]
}

var (
	invited = regexp.MustCompile(`(?i)message-id:\s+<invitation\.env_[0-9a-z]+\.(rcp_[0-9a-z]+)\.`)
	softEnd = regexp.MustCompile("=\r?\n") // of a line in quoted-printable (RFC 2045 §6.7)
	address = regexp.MustCompile(`https?://[^\s"<>]+/s/[A-Za-z0-9_-]+`)
)

// take finds the link in an invitation, as its reader would.
func (s *Sink) take(letter []byte) {
	to := invited.FindSubmatch(letter)
	link := address.Find(softEnd.ReplaceAll(letter, nil))
	if to == nil || link == nil {
		return
	}
	select {
	case s.wait(string(to[1])) <- string(link):
	default: // the same letter again
	}
}

type session struct{ sink *Sink }

func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

func (s session) Data(r io.Reader) error {
	letter, err := io.ReadAll(r)
	if err == nil {
		s.sink.take(letter)
	}
	return err
}
