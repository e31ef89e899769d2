package e2e

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// retryPatience is how long letters may take after the mail server is back: they are
// tried a minute after the first try, and then after 5, 10, 20, 40, 80 seconds.
const retryPatience = 5 * time.Minute

func TestADeadMailServerDelaysLettersAndNothingElse(t *testing.T) {
	t.Parallel() // it mostly waits
	const namespace = "outage"
	must(t, register(namespace))
	mail := openDoor(t, ground.SMTP)
	address := freeAddress(t)
	settings := []string{
		"CHANCERY_NAMESPACE=" + namespace, "CHANCERY_PUBLIC_URL=http://" + address, "CHANCERY_SMTP_ADDRESS=" + mail.address(),
	}
	api, err := home.serve(address, settings...)
	must(t, err)
	api.attend(t, "chancery serve")
	worker, err := home.work(freeAddress(t), settings...)
	must(t, err)
	worker.attend(t, "chancery worker")

	b := bench{url: "http://" + address, api: newCaller("http://"+address, home.team(t, "production", "Outage"))}
	b.heard, b.doc = subscribe(t, b.api), uploadAgreement(t, b.api)
	s := b.story("outage")
	must(t, s.play())
	eventually(t, startPatience, "webhooks are told without letters", func() error {
		if events, _, _ := b.heard.tally(); events < len(eventsOfTheStory) {
			return fmt.Errorf("%d events were delivered", events)
		}
		return nil
	})
	counts, err := s.letters.counts()
	must(t, err)
	for _, letter := range s.expected() {
		if counts[messageID(letter)] != 0 {
			t.Fatalf("letter %s came through a closed door", letter)
		}
	}
	if mail.refused.Load() == 0 {
		t.Fatal("nobody has knocked at the mail server's door")
	}
	mail.open.Store(true)
	eventually(t, retryPatience, "the letters arrive", func() error { return allWritten([]*story{s}) })
	findings(t, []*story{s}, b.heard)
}

// door is a mail server that can be shut: who comes is turned away at once.
type door struct {
	listener net.Listener
	target   string
	open     atomic.Bool
	refused  atomic.Int64
}

func openDoor(t *testing.T, target string) *door {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	d := &door{listener: listener, target: target}
	t.Cleanup(func() { listener.Close() })
	go d.accept()
	return d
}

func (d *door) address() string { return d.listener.Addr().String() }

func (d *door) accept() {
	for {
		guest, err := d.listener.Accept()
		if err != nil {
			return
		}
		if !d.open.Load() {
			d.refused.Add(1)
			guest.Close()
			continue
		}
		go d.lead(guest)
	}
}

func (d *door) lead(guest net.Conn) {
	defer guest.Close()
	host, err := net.Dial("tcp", d.target)
	if err != nil {
		return
	}
	defer host.Close()
	go func() {
		_, _ = io.Copy(host, guest) // either side may leave
		host.Close()
	}()
	_, _ = io.Copy(guest, host)
}
