package envelope_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

const noMailbox = "5.1.1 There is no such mailbox."

func bounces(who string) envelope.Bounce {
	return envelope.Bounce{ID: envelope.BounceID(who, envelope.Letter{ID: "invitation." + who}.Mark(), false), Recipient: who, LinkVersion: 1, Reason: noMailbox}
}

// reminded is an envelope that ann is asked in and would be reminded of.
func reminded(t *testing.T) envelope.Envelope {
	e := draft(signer("ann", 1), signer("bob", 2))
	e.Pace = envelope.Pace{First: day, Every: day, Most: 3}
	return sent(t, e)
}

func bounced(t *testing.T, e envelope.Envelope, who string) envelope.Envelope {
	t.Helper()
	c, err := e.Bounce(bounces(who), noon.Add(time.Hour))
	return after(t, c, err)
}

func TestALetterThatComesBackIsATaskForTheSender(t *testing.T) {
	c, err := reminded(t).Bounce(bounces("ann"), noon.Add(time.Hour))
	e := after(t, c, err)
	ann, _ := e.Recipient("ann")
	if ann.Status != envelope.Released || !ann.Unreached() || ann.BounceReason != noMailbox || !ann.BouncedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("ann is %+v", ann)
	}
	if letter := c.Letters[0]; letter.Recipient != "" || letter.About != "ann" || letter.Kind != envelope.BounceLetter {
		t.Errorf("the letter is %+v", letter)
	}
	if why := e.Outlook().Why; !strings.Contains(why, "correct the address") {
		t.Errorf("the envelope says %q", why)
	}
	if got := c.Evidence[0]; got.Kind != envelope.NotedBounced || got.Detail["recipient"] != "ann" || got.Detail["reason"] != noMailbox {
		t.Errorf("the evidence is %+v", got)
	}
}

func TestNobodyIsRemindedAtAnAddressThatLettersComeBackFrom(t *testing.T) {
	e := bounced(t, reminded(t), "ann")
	if alarm := e.NextAlarm(); !alarm.Equal(e.ExpiresAt) {
		t.Errorf("the alarm is set for %s", alarm)
	}
	if c := e.Ring(noon.Add(10 * day)); !c.Empty() {
		t.Errorf("ringing wrote %v", letters(c))
	}
	ended, err := e.Void(envelope.Void{ID: "v", By: sender, Reason: "wrong address"}, noon.Add(day))
	if diff := cmp.Diff([]string{"voided sender"}, letters(ended)); err != nil || diff != "" {
		t.Errorf("voiding: %v %s", err, diff)
	}
}

func TestACorrectedAddressIsWrittenToAnew(t *testing.T) {
	e := bounced(t, reminded(t), "ann")
	at := noon.Add(5 * day)
	c, err := e.Correct(envelope.Correction{ID: "c", By: sender, Recipient: "ann", Person: person("anna")}, at)
	corrected := after(t, c, err)
	ann, _ := corrected.Recipient("ann")
	if ann.Bounced() || ann.BounceReason != "" {
		t.Errorf("ann is still %+v", ann)
	}
	if diff := cmp.Diff([]string{"invitation ann"}, letters(c)); diff != "" {
		t.Error(diff)
	}
	if want := at.Add(day); len(ann.Reminders) != 3 || !ann.Reminders[0].Equal(want) {
		t.Errorf("reminders are %v, the first should be %s", ann.Reminders, want)
	}
	// The first letter, which went to the old address, comes back once more.
	if _, err := corrected.Bounce(bounces("ann"), at); code(err) != "recipient_corrected" {
		t.Errorf("a late bounce of the old address is answered %v", err)
	}
}

func TestWhatIsKnownAlreadyIsNoNews(t *testing.T) {
	e := bounced(t, reminded(t), "ann")
	again := bounces("ann")
	again.ID = "another"
	if c, err := e.Bounce(again, noon.Add(day)); err != nil || !c.Empty() {
		t.Errorf("a second bounce is answered %v and tells %v", err, events(c))
	}
	again.Complaint = true
	c, err := e.Bounce(again, noon.Add(day))
	if diff := cmp.Diff([]string{"recipient.bounced ann"}, events(c)); err != nil || diff != "" {
		t.Errorf("a complaint: %v %s", err, diff)
	}
	if ann, _ := c.After.Recipient("ann"); !ann.Complained {
		t.Error("it is not kept that ann complained")
	}
}

func TestAnAddressThatBouncedIsTriedAgainOnlyWhenItIsNamed(t *testing.T) {
	e := bounced(t, sent(t, draft(signer("ann", 1), signer("bob", 1))), "ann")
	c, err := e.Resend(envelope.Resending{ID: "r", By: sender}, noon.Add(day))
	if diff := cmp.Diff([]string{"invitation bob"}, letters(c)); err != nil || diff != "" {
		t.Errorf("to all: %v %s", err, diff)
	}
	c, err = e.Resend(envelope.Resending{ID: "r", By: sender, Recipient: "ann"}, noon.Add(day))
	if diff := cmp.Diff([]string{"invitation ann"}, letters(c)); err != nil || diff != "" {
		t.Errorf("to ann: %v %s", err, diff)
	}
	if ann, _ := c.After.Recipient("ann"); ann.Bounced() {
		t.Error("ann is still marked, and a letter is on its way")
	}
}

func TestWhoseLettersCannotComeBack(t *testing.T) {
	e := records(t, reminded(t), signs("ann"))
	for who, want := range map[string]string{"mallory": "recipient_missing", "ann": "acted_already"} {
		if _, err := e.Bounce(bounces(who), noon.Add(time.Hour)); code(err) != want {
			t.Errorf("%s is answered %v, want %s", who, err, want)
		}
	}
	if _, err := reminded(t).Bounce(bounces("bob"), noon.Add(time.Hour)); code(err) != "nobody_asked" {
		t.Errorf("who has not been written to is answered %v", err)
	}
}
