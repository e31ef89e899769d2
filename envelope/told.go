package envelope

import (
	"strings"
	"time"
)

// Told is an event as subscribers get it, in the shape that Standard Webhooks
// proposes. The documentation is made from these types, words included.
type Told struct {
	Type      EventType `json:"type"`
	Timestamp string    `json:"timestamp" format:"date-time" example:"2026-01-30T09:15:00.250Z" doc:"When it happened: RFC 3339, UTC, milliseconds."`
	Data      ToldData  `json:"data"`
}

// ToldData is what the event is about, as it was when it happened.
type ToldData struct {
	ID        string         `json:"id" example:"evt_01kbxq4m6hf5jt2z9w8r7e3c1a_1" doc:"The event's id, which is the webhook-id."`
	Sequence  int64          `json:"sequence" minimum:"1" doc:"Counts the events of one envelope from 1 without gaps."`
	Envelope  ToldEnvelope   `json:"envelope"`
	Recipient *ToldRecipient `json:"recipient,omitempty" doc:"Left out when the event is about the envelope as a whole."`
}

// ToldEnvelope is the envelope of an event.
type ToldEnvelope struct {
	ID     string   `json:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Team   string   `json:"team" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Status Status   `json:"status" enum:"sent,completed,declined,voided,expired"`
	Title  string   `json:"title"`
	Tags   []string `json:"tags,omitempty" nullable:"false" doc:"Left out when there are none."`
	Test   bool     `json:"test" doc:"From a sandbox."`
	Reason string   `json:"reason,omitempty" doc:"Why it was declined or voided."`
}

// ToldRecipient is the recipient that an event is about.
type ToldRecipient struct {
	ID      string          `json:"id" example:"rcp_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name    string          `json:"name"`
	Email   string          `json:"email"`
	Role    Role            `json:"role" enum:"signer,approver,viewer,cc"`
	Status  RecipientStatus `json:"status" enum:"waiting,released,signing,signed,approved,viewed,declined,delegated,excused,copied"`
	Reason  string          `json:"reason,omitempty" doc:"Why they declined or delegated."`
	Bounced *ToldBounce     `json:"bounced,omitempty" doc:"Letters to the address come back."`
}

// ToldBounce says why letters do not reach a recipient.
type ToldBounce struct {
	At         string `json:"at" format:"date-time"`
	Reason     string `json:"reason" doc:"Begins with the status of RFC 3463 when it is known."`
	Complained bool   `json:"complained" doc:"The reader has reported a letter as unwanted."`
}

// AboutRecipient tells whether events of this type name a recipient.
func (t EventType) AboutRecipient() bool { return strings.HasPrefix(string(t), "recipient.") }

const millisecondsUTC = "2006-01-02T15:04:05.000Z"

// Tell says the event of an envelope that has just changed.
func (e Envelope) Tell(event Event) Told {
	told := Told{
		Type:      event.Type,
		Timestamp: event.At.UTC().Truncate(time.Millisecond).Format(millisecondsUTC),
		Data: ToldData{
			ID:       event.ID,
			Sequence: event.Sequence,
			Envelope: ToldEnvelope{ID: e.ID, Team: e.Team, Status: e.Status, Title: e.Title, Tags: e.Tags, Test: e.Test, Reason: e.Reason},
		},
	}
	if r, ok := e.Recipient(event.Recipient); ok {
		told.Data.Recipient = &ToldRecipient{
			ID: r.ID, Name: r.Person.Name, Email: r.Person.Email, Role: r.Role, Status: r.Status, Reason: r.Reason,
			Bounced: bounceOf(r),
		}
	}
	return told
}

func bounceOf(r Recipient) *ToldBounce {
	if !r.Bounced() {
		return nil
	}
	return &ToldBounce{At: r.BouncedAt.UTC().Format(millisecondsUTC), Reason: r.BounceReason, Complained: r.Complained}
}
