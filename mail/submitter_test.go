package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"chancery/mail"
	"chancery/problem"
)

var toBob = mail.Envelope{From: "bounce@hub.example", To: "bob@example.com"}

func TestALetterArrivesByteForByte(t *testing.T) {
	server := &relay{}
	s := submitter(t, mail.Relay{Addr: server.open(t, false, nil), Security: mail.Plain})
	message := string(sign(t, render(t, letter(mail.Invitation)))) + ".a line with a dot\r\n.\r\nand after it\r\n"
	if err := s.Submit(t.Context(), toBob, []byte(message)); err != nil {
		t.Fatal(err)
	}
	_, letters := server.seen()
	if len(letters) != 1 || letters[0].body != message || letters[0].from != toBob.From || letters[0].to != toBob.To {
		t.Fatalf("%+v", letters)
	}
}

func TestTheConnectionIsAsSafeAsTheSettingsSay(t *testing.T) {
	config, pool := certificate(t)
	withTLS := func(s *smtp.Server) { s.TLSConfig = config }
	for name, tt := range map[string]struct {
		security mail.Security
		offers   func(*smtp.Server)
		implicit bool
		trusted  bool
		ok, tls  bool
	}{
		"STARTTLS is the default":                      {"", withTLS, false, true, true, true},
		"STARTTLS is required and not offered":         {mail.StartTLS, nil, false, true, false, false},
		"STARTTLS with a stranger's certificate":       {mail.StartTLS, withTLS, false, false, false, false},
		"TLS from the first byte":                      {mail.ImplicitTLS, withTLS, true, true, true, true},
		"TLS from the first byte, a stranger":          {mail.ImplicitTLS, withTLS, true, false, false, false},
		"opportunistic takes what is offered":          {mail.Opportunistic, withTLS, false, true, true, true},
		"opportunistic does without":                   {mail.Opportunistic, nil, false, true, true, false},
		"opportunistic does not talk with an impostor": {mail.Opportunistic, withTLS, false, false, false, false},
	} {
		server := &relay{}
		settings := mail.Relay{Addr: server.open(t, tt.implicit, tt.offers), Security: tt.security}
		if tt.trusted {
			settings.Roots = pool
		}
		err := submitter(t, settings).Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n"))
		_, letters := server.seen()
		if (err == nil) != tt.ok || tt.ok && (len(letters) != 1 || letters[0].tls != tt.tls) || !tt.ok && len(letters) != 0 {
			t.Errorf("%s: %v, %+v", name, err, letters)
		}
		var p *problem.Problem
		if errors.As(err, &p) {
			t.Errorf("%s: a relay that cannot be reached is not the letter's fault: %v", name, err)
		}
	}
}

func TestWeLogInAndAWrongPasswordIsNotTheLettersFault(t *testing.T) {
	config, pool := certificate(t)
	server := &relay{}
	addr := server.open(t, false, func(s *smtp.Server) { s.TLSConfig = config })
	for password, ok := range map[string]bool{"secret": true, "wrong": false} {
		s := submitter(t, mail.Relay{Addr: addr, Roots: pool, Username: "hub", Password: password})
		err := s.Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n"))
		if (err == nil) != ok || problem.Has(err, "mail_refused") {
			t.Errorf("%s: %v", password, err)
		}
	}
}

func TestARefusalForGoodIsToldFromABadMoment(t *testing.T) {
	for name, tt := range map[string]struct {
		server *relay
		final  bool
	}{
		"no such recipient":        {&relay{rcpt: &smtp.SMTPError{Code: 550, Message: "no such user"}}, true},
		"a sender it does not let": {&relay{mail: &smtp.SMTPError{Code: 553, Message: "not yours"}}, true},
		"a letter it calls spam":   {&relay{data: &smtp.SMTPError{Code: 554, Message: "spam"}}, true},
		"a full mailbox today":     {&relay{rcpt: &smtp.SMTPError{Code: 452, Message: "full"}}, false},
		"greylisting":              {&relay{rcpt: &smtp.SMTPError{Code: 451, Message: "later"}}, false},
		"a login that is missing":  {&relay{mail: &smtp.SMTPError{Code: 530, Message: "log in"}}, false},
		"a relay that closes":      {&relay{mail: &smtp.SMTPError{Code: 421, Message: "bye"}}, false},
	} {
		s := submitter(t, mail.Relay{Addr: tt.server.open(t, false, nil), Security: mail.Plain})
		for range 2 { // the second time over the kept connection
			err := s.Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n"))
			if err == nil || problem.Has(err, "mail_refused") != tt.final || !strings.Contains(err.Error(), "bob@example.com") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestARefusedLetterLeavesTheConnectionForTheNext(t *testing.T) {
	server := &relay{rcpt: &smtp.SMTPError{Code: 550, Message: "no such user"}}
	s := submitter(t, mail.Relay{Addr: server.open(t, false, nil), Security: mail.Plain})
	if err := s.Submit(t.Context(), toBob, []byte("\r\n")); !problem.Has(err, "mail_refused") {
		t.Fatal(err)
	}
	server.rcpt = nil
	for range 10 {
		if err := s.Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if sessions, letters := server.seen(); sessions != 1 || len(letters) != 10 {
		t.Fatalf("%d letters over %d connections", len(letters), sessions)
	}
}

func TestAKeptConnectionThatTheRelayClosedIsReplaced(t *testing.T) {
	server := &relay{}
	addr := server.open(t, false, func(s *smtp.Server) { s.ReadTimeout = 50 * time.Millisecond })
	s := submitter(t, mail.Relay{Addr: addr, Security: mail.Plain})
	for range 3 {
		if err := s.Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(150 * time.Millisecond)
	}
	if sessions, letters := server.seen(); sessions != 3 || len(letters) != 3 {
		t.Fatalf("%d letters over %d connections", len(letters), sessions)
	}
}

func TestManyLettersShareFewConnections(t *testing.T) {
	server := &relay{}
	s := submitter(t, mail.Relay{Addr: server.open(t, false, nil), Security: mail.Plain, Connections: 3})
	var all sync.WaitGroup
	for i := range 150 {
		all.Go(func() {
			envelope := mail.Envelope{From: toBob.From, To: fmt.Sprintf("r%d@example.com", i)}
			if err := s.Submit(t.Context(), envelope, []byte("Subject: x\r\n\r\nHello\r\n")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sessions, letters := server.seen()
	if len(letters) != 150 || sessions > 6 { // 3, and each may be replaced after 100 letters
		t.Fatalf("%d letters over %d connections", len(letters), sessions)
	}
}

func TestARelayThatHangsHoldsALetterNoLongerThanItsTimeout(t *testing.T) {
	server := &relay{stall: make(chan struct{})}
	addr := server.open(t, false, nil)
	defer close(server.stall)
	s := submitter(t, mail.Relay{Addr: addr, Security: mail.Plain, Timeout: 100 * time.Millisecond})
	began := time.Now()
	err := s.Submit(t.Context(), toBob, []byte("Subject: x\r\n\r\nHello\r\n"))
	if err == nil || problem.Has(err, "mail_refused") || time.Since(began) > 2*time.Second {
		t.Fatalf("after %s: %v", time.Since(began), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	patient := submitter(t, mail.Relay{Addr: addr, Security: mail.Plain})
	if err := patient.Submit(ctx, toBob, []byte("\r\n")); err == nil || time.Since(began) > 4*time.Second {
		t.Fatalf("a canceled letter: %v", err)
	}
}

func TestACommandCannotBeSmuggledIntoTheEnvelope(t *testing.T) {
	server := &relay{}
	s := submitter(t, mail.Relay{Addr: server.open(t, false, nil), Security: mail.Plain})
	for _, envelope := range []mail.Envelope{
		{From: toBob.From, To: "bob@example.com>\r\nRCPT TO:<eve@example.com"},
		{From: "a@b.example>\r\nRSET", To: toBob.To},
	} {
		if err := s.Submit(t.Context(), envelope, []byte("Subject: x\r\n\r\nHello\r\n")); err == nil {
			t.Errorf("took %+v", envelope)
		}
	}
	if _, letters := server.seen(); len(letters) != 0 {
		t.Fatalf("%+v", letters)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for _, settings := range []mail.Relay{{}, {Addr: "relay.example"}, {Addr: "relay.example:587", Security: "ssl3"}} {
		if _, err := mail.NewSubmitter(settings); err == nil {
			t.Errorf("took %+v", settings)
		}
	}
}

func BenchmarkSubmit(b *testing.B) {
	config, pool := certificate(b)
	server := &relay{}
	addr := server.open(b, false, func(s *smtp.Server) { s.TLSConfig = config })
	message := sign(b, render(b, letter(mail.Invitation)))
	for name, fresh := range map[string]bool{"a connection kept": false, "a connection per letter": true} {
		b.Run(name, func(b *testing.B) {
			s := submitter(b, mail.Relay{Addr: addr, Roots: pool})
			for b.Loop() {
				if err := s.Submit(b.Context(), toBob, message); err != nil {
					b.Fatal(err)
				}
				if fresh {
					_ = s.Close()
				}
			}
		})
	}
}
