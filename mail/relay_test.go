package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"chancery/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// relay is a real SMTP server that remembers what it was handed.
type relay struct {
	mu       sync.Mutex
	sessions int
	taken    []taken
	mail     error // what MAIL FROM answers
	rcpt     error
	data     error
	login    error
	stall    chan struct{} // DATA waits for it, if set
}

type taken struct {
	from, to, body string
	tls            bool
}

func (r *relay) seen() (sessions int, letters []taken) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions, append([]taken(nil), r.taken...)
}

// visit is one session at the relay.
type visit struct {
	relay *relay
	conn  *smtp.Conn
	now   taken
}

func (r *relay) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// STARTTLS begins a second session on the same connection.
	if _, encrypted := conn.TLSConnectionState(); !encrypted || conn.Server().TLSConfig == nil {
		r.sessions++
	}
	return &visit{relay: r, conn: conn}, nil
}

func (v *visit) Mail(from string, _ *smtp.MailOptions) error { v.now.from = from; return v.relay.mail }
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error   { v.now.to = to; return v.relay.rcpt }
func (v *visit) Reset()                                      { v.now = taken{} }
func (v *visit) Logout() error                               { return nil }

func (v *visit) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v.relay.stall != nil {
		<-v.relay.stall
	}
	if v.relay.data != nil {
		return v.relay.data
	}
	v.now.body = string(body)
	_, v.now.tls = v.conn.TLSConnectionState()
	v.relay.mu.Lock()
	defer v.relay.mu.Unlock()
	v.relay.taken = append(v.relay.taken, v.now)
	return nil
}

func (v *visit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "hub" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return v.relay.login
	}), nil
}

// open starts the relay and returns where it listens. shape may change the server.
func (r *relay) open(t testing.TB, implicit bool, shape func(*smtp.Server)) (addr string) {
	t.Helper()
	server := smtp.NewServer(r)
	server.ErrorLog = silent{}
	if shape != nil {
		shape(server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return addr
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func submitter(t testing.TB, settings mail.Relay) *mail.Submitter {
	t.Helper()
	s, err := mail.NewSubmitter(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// certificate makes one for 127.0.0.1 and a pool that trusts it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
