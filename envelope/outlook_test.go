package envelope_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

func TestWhyItWaitsAndWhatComesNext(t *testing.T) {
	paced := committee()
	paced.Pace = envelope.Pace{First: 3 * day, Most: 1}
	expiry := envelope.Upcoming{What: "expiry", At: noon.Add(30 * day)}
	reminder := func(who string) envelope.Upcoming {
		return envelope.Upcoming{What: "reminder", Recipient: who, At: noon.Add(3 * day)}
	}
	release := func(who string) envelope.Upcoming { return envelope.Upcoming{What: "release", Recipient: who} }
	seal := envelope.Upcoming{What: "seal"}
	for name, tt := range map[string]struct {
		e    envelope.Envelope
		want envelope.Outlook
	}{
		"a draft": {in(t, envelope.Draft), envelope.Outlook{Why: "It is a draft; it has not been sent."}},
		"one of two": {in(t, envelope.Sent), envelope.Outlook{Step: 1, Waiting: []string{"ann"},
			Why: "It waits for one recipient to act.", Next: []envelope.Upcoming{expiry, release("bob")}}},
		"the last": {records(t, in(t, envelope.Sent), signs("ann")), envelope.Outlook{Step: 2, Waiting: []string{"bob"},
			Why: "It waits for one recipient to act.", Next: []envelope.Upcoming{expiry, seal}}},
		"a quorum": {sent(t, paced), envelope.Outlook{Step: 1, Waiting: []string{"ann", "bob", "cat"},
			Why:  "It waits until enough recipients of the current step have acted.",
			Next: []envelope.Upcoming{reminder("ann"), reminder("bob"), reminder("cat"), expiry, release("dan"), release("eve")}}},
		"a quorum that has become all": {records(t, sent(t, committee()), declines("ann")), envelope.Outlook{Step: 1, Waiting: []string{"bob", "cat"},
			Why: "It waits for all recipients of the current step to act.", Next: []envelope.Upcoming{expiry, release("dan"), release("eve")}}},
		"all have acted": {records(t, in(t, envelope.Sent), signs("ann"), signs("bob")), envelope.Outlook{
			Why: "Everybody has acted; the documents are being sealed.", Next: []envelope.Upcoming{seal}}},
		"completed": {in(t, envelope.Completed), envelope.Outlook{Why: "It is complete."}},
		"declined":  {in(t, envelope.Declined), envelope.Outlook{Why: "It ended because it was declined."}},
		"voided":    {in(t, envelope.Voided), envelope.Outlook{Why: "It was voided by the sender."}},
		"expired":   {in(t, envelope.Expired), envelope.Outlook{Why: "It expired before everybody had acted."}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.e.Outlook()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryEventThatIsToldIsKnown(t *testing.T) {
	for _, e := range envelope.EventTypes {
		if !envelope.KnownEventType(e.Type) || e.Meaning == "" {
			t.Errorf("%s has no meaning", e.Type)
		}
	}
	if envelope.KnownEventType("envelope.eaten") {
		t.Error("there is no such event")
	}
}
