package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/demo"
)

// afterReturn is how long it may take until everybody knows that a letter came back.
const afterReturn = 30 * time.Second

// nobody is a mailbox from which the outbox sends letters back.
var nobody = player{demo.Zoe.Name, "bounce@example.com"}

// returnedRecipient is what the API tells of whether letters arrive.
type returnedRecipient struct {
	ID, Email, Status string
	Bounced           *struct{ Reason string }
}

func (s *story) recipients(t *testing.T) []returnedRecipient {
	t.Helper()
	var e struct{ Recipients []returnedRecipient }
	must(t, s.api.insist(http.MethodGet, "/v1/envelopes/"+s.id, "", nil, &e))
	return e.Recipients
}

func TestALetterComesBackAndItsAddressIsCorrected(t *testing.T) {
	hub := deploy(t, freeAddress(t))
	api, letters := newCaller(hub.url, hub.key), openOutbox(hub.outbox)
	heard := subscribe(t, api)
	agreement, err := demo.Agreement()
	must(t, err)
	document, err := api.upload("agreement.pdf", agreement)
	must(t, err)
	s := &story{name: "returned", api: api, letters: letters, document: document, signers: [2]player{nobody, {demo.Khai.Name, demo.Khai.Email}}}
	must(t, s.send())

	eventually(t, afterReturn, "the envelope knows", func() error {
		r := s.recipients(t)[0]
		if r.Bounced == nil || !strings.HasPrefix(r.Bounced.Reason, "5.1.1 ") || r.Status != "released" {
			return fmt.Errorf("it is %+v", r)
		}
		return nil
	})
	event := fmt.Sprintf("evt_%s_3", strings.TrimPrefix(s.id, "env_"))
	eventually(t, afterReturn, "subscribers know", func() error { return toldOfReturn(heard, event, s.who[0]) })
	eventually(t, afterReturn, "the sender knows", func() error { return letterAbout(letters, s.id, "Please correct an address") })

	corrected := map[string]string{"email": demo.Zoe.Email}
	must(t, api.insist(http.MethodPatch, "/v1/envelopes/"+s.id+"/recipients/"+s.who[0], "", corrected, nil))
	if r := s.recipients(t)[0]; r.Bounced != nil || r.Email != demo.Zoe.Email {
		t.Errorf("after it was corrected the recipient is %+v", r)
	}
	eventually(t, afterReturn, "there is a letter to the new address", func() error { return letterTo(letters, demo.Zoe.Email) })
	link, err := s.given(0) // the one in the first letter is void
	must(t, err)
	must(t, s.signAt(0, link))
	must(t, s.sign(1))
	must(t, s.completed())
	if _, _, faults := heard.tally(); len(faults) > 0 {
		t.Error(faults)
	}
}

func toldOfReturn(heard *subscriber, event, recipient string) error {
	body, ok := heard.body(event)
	if !ok {
		return fmt.Errorf("%s has not come", event)
	}
	var told struct {
		Type string
		Data struct {
			Recipient struct {
				ID      string
				Bounced struct{ Reason string }
			}
		}
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return err
	}
	if r := told.Data.Recipient; told.Type != "recipient.bounced" || r.ID != recipient || !strings.HasPrefix(r.Bounced.Reason, "5.1.1 ") {
		return fmt.Errorf("it says %s", body)
	}
	return nil
}

// listed are the letters in the outbox.
func (o outbox) listed() (all []struct {
	ID, Subject string
	To          []string
}, err error) {
	data, err := o.page.get("/letters")
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	return all, err
}

func letterTo(o outbox, address string) error {
	all, err := o.listed()
	for _, l := range all {
		if l.To[0] == address {
			return nil
		}
	}
	return fmt.Errorf("none of %d letters goes to %s: %w", len(all), address, err)
}

// letterAbout finds the letter with that subject that leads to the envelope's page.
func letterAbout(o outbox, envelopeID, subject string) error {
	all, err := o.listed()
	for _, l := range all {
		if !strings.Contains(l.Subject, subject) {
			continue
		}
		raw, err := o.page.get("/letters/" + l.ID + ".eml")
		if text := strings.ReplaceAll(string(raw), "=\r\n", ""); err != nil || strings.Contains(text, "/dashboard/envelopes/"+envelopeID) {
			return err
		}
	}
	return fmt.Errorf("none of %d letters: %w", len(all), err)
}

// Messages that come to a return address.
const (
	lateNotice = `From: MAILER-DAEMON@mx.example
Subject: Delayed
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Not yet.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ann@example.com
Action: delayed
Status: 4.4.1
--b--
`
	onHoliday = `From: Ann <ann@example.com>
Subject: I am away
Auto-Submitted: auto-replied

Until Monday.
`
	feedbackForm = `From: fbl@provider.example
Subject: FW: Please sign
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

An abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1
Original-Mail-From: <%s>
--b--
`
)

var failedNotice = strings.NewReplacer("delayed", "failed", "4.4.1", "5.2.1").Replace(lateNotice)

// returning is a hub whose letters pass through a mail server of the test's.
type returning struct {
	bench
	t     *testing.T
	relay *relay
	back  string // where letters come back
}

func openReturning(t *testing.T) *returning {
	r := &returning{t: t, relay: openRelay(t, "gone@example.com"), back: freeAddress(t)}
	r.bench = openBenchWith(t, "production", "returning", []string{"CHANCERY_SMTP_ADDRESS=" + r.relay.address, "CHANCERY_BOUNCE_LISTEN=" + r.back})
	return r
}

// comes lets a message come to an address and says how often subscribers have been told.
func (r *returning) comes(to, message string, code, told int) {
	r.t.Helper()
	if got := deliver(r.back, "", to, message); got != code {
		r.t.Errorf("to %s it is answered %d, want %d", to, got, code)
	}
	eventually(r.t, afterReturn, "subscribers know", func() error { // the feed waits for slower transactions
		if n := r.told(); n < told {
			return fmt.Errorf("they have been told %d times, want %d", n, told)
		}
		return nil
	})
	if n := r.told(); n > told {
		r.t.Errorf("subscribers have been told %d times, want %d", n, told)
	}
}

func (r *returning) told() (n int) {
	r.t.Helper()
	var feed struct{ Events []struct{ Type string } }
	must(r.t, r.api.insist(http.MethodGet, "/v1/events", "", nil, &feed))
	for _, e := range feed.Events {
		if e.Type == "recipient.bounced" {
			n++
		}
	}
	return n
}

func (r *returning) correct(s *story, email string) {
	r.t.Helper()
	must(r.t, r.api.insist(http.MethodPatch, "/v1/envelopes/"+s.id+"/recipients/"+s.who[0], "", map[string]string{"email": email}, nil))
}

func TestWhatComesBackIsJudgedByItsAddressAndItsKind(t *testing.T) {
	r := openReturning(t)
	s := r.story("judged")
	must(t, s.send())
	first := r.relay.letter(t, ann.email)
	name, domain, _ := strings.Cut(first.from, "@")
	if len(name) > 64 || domain != mailDomain || !strings.Contains(first.raw, "<signing@"+mailDomain+">") || !strings.Contains(first.raw, "d="+mailDomain) {
		t.Errorf("the letter is handed over from %s: %.2000s", first.from, first.raw)
	}
	forged := strings.Replace(first.from, name[len(name)-4:], "aaaa", 1)
	r.comes("signing@"+mailDomain, failedNotice, 550, 0)
	r.comes(forged, failedNotice, 550, 0)
	r.comes("return@"+mailDomain, failedNotice, 554, 0)
	r.comes(first.from, lateNotice, 250, 0)
	r.comes(first.from, onHoliday, 250, 0)
	r.comes(first.from, failedNotice, 250, 1)
	r.comes(first.from, failedNotice, 250, 1)
	if b := s.recipients(t)[0].Bounced; b == nil || b.Reason != "5.2.1 The mailbox is switched off." {
		t.Errorf("the recipient is %+v", b)
	}

	r.correct(s, "gone@example.com")
	eventually(t, afterReturn, "a letter that is refused counts", func() error {
		if b := s.recipients(t)[0].Bounced; b == nil || b.Reason != "5.1.1 There is no such mailbox at that address." {
			return fmt.Errorf("the recipient is %+v", b)
		}
		return nil
	})
	r.comes(first.from, failedNotice, 250, 2) // the first letter once more

	r.correct(s, "ann.lee@example.com")
	second := r.relay.letter(t, "ann.lee@example.com")
	r.comes("return@"+mailDomain, fmt.Sprintf(feedbackForm, second.from), 250, 3)
	link, err := s.given(0)
	must(t, err)
	must(t, s.signAt(0, link)) // whoever complains may still sign
	link, err = s.given(1)
	must(t, err)
	must(t, s.signAt(1, link))
	must(t, s.completed())
	r.comes(second.from, failedNotice, 250, 3)
	if _, _, faults := r.heard.tally(); len(faults) > 0 {
		t.Error(faults)
	}
}
