package returns_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/mail/returns"
)

// desk is what hears of letters that come back.
type desk struct {
	tags    *returns.Tags
	address string

	mu   sync.Mutex
	err  error
	took []returns.Returned
}

func (d *desk) take(_ context.Context, r returns.Returned) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.took = append(d.took, r)
	}
	return d.err
}

func (d *desk) heard() []returns.Returned {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.took
}

func listen(t *testing.T, certificate func() (*tls.Certificate, error)) *desk {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{tags: newTags(t), address: listener.Addr().String()}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- returns.Serve(ctx, listener, returns.Config{Name: "hub.example", Tags: d.tags, Certificate: certificate, Take: d.take})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return d
}

// send hands a message in as a mail server does and returns the code it was answered with.
func (d *desk) send(from string, to []string, raw []byte) int {
	err := smtp.SendMail(d.address, nil, from, to, raw)
	var reply *textproto.Error
	switch {
	case err == nil:
		return 250
	case errors.As(err, &reply):
		return reply.Code
	}
	return 0
}

var noSuchUser = report("Reporting-MTA: dns; mx.example", "", "Action: failed", "Status: 5.1.1")

func TestALetterComesBackBySMTP(t *testing.T) {
	d, tag := listen(t, nil), someTag()
	if code := d.send("", []string{d.tags.Address(tag)}, noSuchUser); code != 250 {
		t.Fatalf("answered %d", code)
	}
	heard := d.heard()
	if len(heard) != 1 || heard[0].Tag != tag || heard[0].News.Kind != returns.Failed || heard[0].News.Status != "5.1.1" {
		t.Errorf("heard %+v", heard)
	}
}

func TestOnlyLettersThatComeBackAreTaken(t *testing.T) {
	d := listen(t, nil)
	good := d.tags.Address(someTag())
	for what, tt := range map[string]struct {
		to   []string
		raw  []byte
		code int
	}{
		"a person's address":          {[]string{"ann@sign.example"}, noSuchUser, 550},
		"another domain's":            {[]string{strings.Replace(good, "sign.", "mail.", 1)}, noSuchUser, 550},
		"one that is made up":         {[]string{newTags(t).Address(someTag())}, noSuchUser, 550},
		"a report to no letter":       {[]string{d.tags.Collecting()}, noSuchUser, 554},
		"a complaint about no letter": {[]string{d.tags.Collecting()}, feedback("abuse"), 554},
		"more than fits":              {[]string{good}, report("Action: failed\n" + strings.Repeat("x: y\n", 1<<18)), 552},
		"more than can be read":       {[]string{good}, nested(500, "boundary"), 554},
		"more people than a notice":   {[]string{good, good, good, good, good}, noSuchUser, 452},
	} {
		if code := d.send("", tt.to, tt.raw); code != tt.code {
			t.Errorf("%s is answered %d, want %d", what, code, tt.code)
		}
	}
	if heard := d.heard(); len(heard) != 0 {
		t.Errorf("heard %+v", heard)
	}
}

func TestAComplaintIsKnownByTheAddressThatItNames(t *testing.T) {
	d, tag := listen(t, nil), someTag()
	raw := bytes.Replace(feedback("abuse"), []byte("return+two@sign.example"), []byte(d.tags.Address(tag)), 1)
	if code := d.send("fbl@provider.example", []string{d.tags.Collecting()}, raw); code != 250 {
		t.Fatalf("answered %d", code)
	}
	if heard := d.heard(); len(heard) != 1 || heard[0].Tag != tag || heard[0].News.Kind != returns.Complaint {
		t.Errorf("heard %+v", heard)
	}
}

func TestWhoCannotBeHeardNowComesAgain(t *testing.T) {
	d := listen(t, nil)
	d.err = errors.New("the engine cannot be reached")
	to := []string{d.tags.Address(someTag())}
	if code := d.send("", to, noSuchUser); code != 451 {
		t.Errorf("answered %d, want 451", code)
	}
	d.mu.Lock()
	d.err = nil
	d.mu.Unlock()
	if code := d.send("", to, noSuchUser); code != 250 || len(d.heard()) != 1 {
		t.Errorf("answered %d, heard %+v", code, d.heard())
	}
}

func TestTheConversationIsEncryptedWhenThereIsACertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"hub.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, plain, plain, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pair := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	d := listen(t, func() (*tls.Certificate, error) { return pair, nil })
	client, err := smtp.Dial(d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	roots := x509.NewCertPool()
	own, _ := x509.ParseCertificate(der)
	roots.AddCert(own)
	if err := client.StartTLS(&tls.Config{ServerName: "hub.example", RootCAs: roots}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(client.Mail(""), client.Rcpt(d.tags.Address(someTag()))); err != nil {
		t.Error(err)
	}
}

func TestOneAddressCannotTakeAllConnections(t *testing.T) {
	d := listen(t, nil)
	greeted := 0
	for range 25 {
		conn, err := net.Dial("tcp", d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		line, err := textproto.NewConn(conn).ReadLine()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "220") {
			greeted++
		} else if !strings.HasPrefix(line, "421") {
			t.Errorf("greeted with %q", line)
		}
	}
	if greeted != 20 {
		t.Errorf("%d connections of one address are open, want 20", greeted)
	}
}
