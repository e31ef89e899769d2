package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"chancery/problem"
)

// Limits of one letter and of one conversation.
const (
	maxLetter     = 30 << 20 // bytes; mail servers commonly stop at 25 MB of attachments
	maxRecipients = 100
	maxLine       = 4000 // bytes; RFC 5321 asks for 1000, old programs write longer ones
	idleLimit     = time.Minute
)

// Receiver takes letters over SMTP and keeps them in an outbox.
type Receiver struct {
	outbox  *Outbox
	server  *smtp.Server
	refuses atomic.Bool
	ended   chan error
	log     *slog.Logger

	bounceTo  atomic.Pointer[string]
	returning sync.WaitGroup
}

// Receive starts taking letters from listener, which it closes in the end.
func Receive(listener net.Listener, outbox *Outbox, log *slog.Logger) *Receiver {
	r := &Receiver{outbox: outbox, ended: make(chan error, 1), log: log}
	r.server = smtp.NewServer(r)
	r.server.Domain = "localhost"
	r.server.MaxMessageBytes = maxLetter
	r.server.MaxRecipients = maxRecipients
	r.server.MaxLineLength = maxLine
	r.server.ReadTimeout, r.server.WriteTimeout = idleLimit, idleLimit
	r.server.EnableSMTPUTF8 = true
	r.server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	go func() { r.ended <- r.server.Serve(listener) }()
	return r
}

// Refuse makes the receiver turn letters away for now (451), as a mail server in trouble
// does, or take them again.
func (r *Receiver) Refuse(refuse bool) { r.refuses.Store(refuse) }

// Stop lets the conversations that are under way come to their end within ctx.
func (r *Receiver) Stop(ctx context.Context) error {
	err := r.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, r.server.Close())
	}
	if served := <-r.ended; !errors.Is(served, smtp.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	r.returning.Wait()
	if err != nil {
		return fmt.Errorf("stop receiver: %w", err)
	}
	return nil
}

// NewSession implements smtp.Backend.
func (r *Receiver) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{receiver: r}, nil }

// session is one conversation.
type session struct {
	receiver   *Receiver
	from       string
	recipients []string
}

var unavailable = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2},
	Message: "Not taking letters at the moment, please try later"}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.receiver.refuses.Load() {
		return unavailable
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !slices.Contains(s.recipients, to) {
		s.recipients = append(s.recipients, to)
	}
	return nil
}

// Data answers 250 only when the letter is on the disk.
func (s *session) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	err = s.receiver.outbox.Keep(raw, s.recipients, time.Now())
	if unreadable := (*problem.Problem)(nil); errors.As(err, &unreadable) {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: unreadable.Public}
	}
	if err != nil {
		return unavailable
	}
	s.receiver.bounce(s.from, s.recipients)
	return nil
}

func (s *session) Reset()        { s.from, s.recipients = "", nil }
func (s *session) Logout() error { return nil }
