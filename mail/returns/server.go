package returns

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// Limits of what strangers may send us. Our letters have no attachments, so what
// comes back with one of them is small.
const (
	maxMessage    = 1 << 20 // bytes
	maxRecipients = 4       // of one message; a notice is about one letter
	maxLine       = 4000    // bytes; RFC 5321 asks for 1000, old programs write longer ones
	maxAtOnce     = 100     // connections
	maxFromOne    = 20      // connections from one address, such as a mail server that passes all on
	idleLimit     = 30 * time.Second
	callLimit     = 5 * time.Minute  // of a whole connection
	takeLimit     = 30 * time.Second // of doing what a message leads to
	farewell      = 10 * time.Second
)

// Returned is a message that came back to a letter.
type Returned struct {
	Tag  Tag
	News News
}

// Config of a server. Certificate and Log may be nil.
type Config struct {
	Name        string // ours, in greetings
	Tags        *Tags
	Certificate func() (*tls.Certificate, error) // for STARTTLS; asked at every handshake
	// Take does what follows. After an error the sender's server comes again later.
	Take func(ctx context.Context, r Returned) error
	Log  *slog.Logger
}

// Serve takes mail from listener until ctx ends.
func Serve(ctx context.Context, listener net.Listener, c Config) error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	server := smtp.NewServer(&backend{Config: c, ctx: ctx})
	server.Domain = c.Name
	server.MaxMessageBytes, server.MaxRecipients, server.MaxLineLength = maxMessage, maxRecipients, maxLine
	server.ReadTimeout, server.WriteTimeout = idleLimit, idleLimit
	server.EnableSMTPUTF8 = true // reports about addresses outside ASCII (RFC 6533)
	server.ErrorLog = slog.NewLogLogger(c.Log.Handler(), slog.LevelInfo)
	if c.Certificate != nil {
		server.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.Certificate() },
		}
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			_ = server.Close() // whoever is still there comes again
		}
		stopped <- nil
	}()
	if err := server.Serve(newGate(listener)); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("take returned mail at %s: %w", listener.Addr(), err)
	}
	return <-stopped
}

type backend struct {
	Config
	ctx context.Context
}

// NewSession implements smtp.Backend.
func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{backend: b}, nil }

// session is one conversation.
type session struct {
	*backend
	from    string
	tags    []Tag
	collect bool // it was sent to the address for complaints
}

var (
	errNobody = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
		Message: "Only letters that come back are taken here"}
	errNoLetter = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0},
		Message: "This names none of our letters"}
	errUnreadable = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0},
		Message: "This is not in a form that can be read"}
	errLater = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0},
		Message: "Not now, please try later"}
)

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	tag, ok := s.Tags.Read(to)
	switch {
	case ok:
		s.tags = append(s.tags, tag)
	case s.Tags.collecting(to):
		s.collect = true
	default:
		return errNobody
	}
	return nil
}

// Data answers 250 only when what the message leads to is done.
func (s *session) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	news, err := Read(raw, s.from)
	if err != nil {
		s.Log.Info("returned mail cannot be read", "error", err)
		return errUnreadable
	}
	tags := s.concerned(news)
	if len(tags) == 0 {
		return errNoLetter
	}
	ctx, cancel := context.WithTimeout(s.ctx, takeLimit)
	defer cancel()
	for _, tag := range tags {
		if err := s.Take(ctx, Returned{tag, news}); err != nil {
			s.Log.Warn("take returned mail", "error", err)
			return errLater
		}
	}
	return nil
}

// concerned are the letters that the message is about: those whose addresses it was
// sent to, and those it names itself if it is a complaint.
func (s *session) concerned(news News) []Tag {
	tags := s.tags
	if !s.collect {
		return tags
	}
	for _, address := range news.Named {
		if tag, ok := s.Tags.Read(address); ok {
			return append(tags, tag)
		}
	}
	return tags
}

func (s *session) Reset()        { s.from, s.tags, s.collect = "", nil, false }
func (s *session) Logout() error { return nil }
