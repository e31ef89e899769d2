package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"
)

// relay is a mail server between the hub and the world. It knows where each letter
// comes back to, and who there is not.
type relay struct {
	address string
	gone    string // there is no such mailbox

	mu   sync.Mutex
	took []handed
}

// handed is a letter as it was handed over.
type handed struct{ from, to, raw string }

func openRelay(t *testing.T, gone string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &relay{address: listener.Addr().String(), gone: gone}
	server := gosmtp.NewServer(r)
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	t.Cleanup(func() { _ = server.Close() })
	return r
}

func (r *relay) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &handing{relay: r}, nil }

type handing struct {
	relay *relay
	now   handed
}

func (h *handing) Mail(from string, _ *gosmtp.MailOptions) error { h.now.from = from; return nil }

func (h *handing) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if to == h.relay.gone {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "No such user here, <b>call us</b>"}
	}
	h.now.to = to
	return nil
}

func (h *handing) Data(content io.Reader) error {
	raw, err := io.ReadAll(content)
	h.now.raw = string(raw)
	h.relay.mu.Lock()
	defer h.relay.mu.Unlock()
	h.relay.took = append(h.relay.took, h.now)
	return err
}

func (h *handing) Reset()        { h.now = handed{} }
func (h *handing) Logout() error { return nil }

// letter waits for the newest letter to an address.
func (r *relay) letter(t *testing.T, to string) (found handed) {
	t.Helper()
	eventually(t, afterReturn, "a letter to "+to, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, l := range r.took {
			if l.to == to {
				found = l
			}
		}
		if found.to == "" {
			return fmt.Errorf("there are %d others", len(r.took))
		}
		return nil
	})
	return found
}

// deliver hands a message to a mail server and returns how it was answered.
func deliver(server, from, to, message string) int {
	err := smtp.SendMail(server, nil, from, []string{to}, []byte(strings.ReplaceAll(message, "\n", "\r\n")))
	var reply *textproto.Error
	switch {
	case err == nil:
		return 250
	case errors.As(err, &reply):
		return reply.Code
	}
	return 0
}
