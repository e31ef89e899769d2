package postgres_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

func TestAReturnedLetterIsKeptWithItsRecipientAndToldToSubscribers(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	ada := sent.Recipients[0].ID
	change, err := sent.Bounce(envelope.Bounce{
		ID: envelope.BounceID(ada, envelope.Mark{1}, false), Recipient: ada, LinkVersion: 1, Reason: "5.2.2 The mailbox is full.", Complaint: true,
	}, noon.Add(time.Hour))
	must(t, err)
	must(t, s.Commit(ctx, change))
	want := change.After
	want.Version++
	if diff := cmp.Diff(want, s.read(t, sent.ID)); diff != "" {
		t.Fatal(diff)
	}
	out, err := s.Untold(ctx, sent.ID, []string{change.ID})
	if err != nil || len(out.Letters) != 1 || out.Letters[0].Letter.About != ada || out.Letters[0].Letter.Recipient != "" {
		t.Errorf("the letter to the sender is %+v: %v", out.Letters, err)
	}
	events, _, err := s.Events(ctx, []string{s.team.ID}, "", "", 0)
	must(t, err)
	var told struct {
		Type string
		Data struct {
			Recipient struct {
				Bounced struct {
					At, Reason string
					Complained bool
				}
			}
		}
	}
	must(t, json.Unmarshal(events[len(events)-1].Payload, &told))
	if b := told.Data.Recipient.Bounced; told.Type != "recipient.bounced" || b.At != "2026-03-02T13:00:00.000Z" || b.Reason != "5.2.2 The mailbox is full." || !b.Complained {
		t.Errorf("subscribers are told %+v", told)
	}
}
