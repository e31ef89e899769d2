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
