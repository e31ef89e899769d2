package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"chancery/envelope"
)

// payload is what subscribers get, in the shape that Standard Webhooks proposes.
type payload struct {
	Type      envelope.EventType `json:"type"`
	Timestamp string             `json:"timestamp"` // RFC 3339, UTC, milliseconds
	Data      payloadData        `json:"data"`
}

type payloadData struct {
	ID        string            `json:"id"`
	Sequence  int64             `json:"sequence"`
	Envelope  payloadEnvelope   `json:"envelope"`
	Recipient *payloadRecipient `json:"recipient,omitempty"`
}

type payloadEnvelope struct {
	ID     string          `json:"id"`
	Team   string          `json:"team"`
	Status envelope.Status `json:"status"`
	Title  string          `json:"title"`
	Test   bool            `json:"test"`
	Reason string          `json:"reason,omitempty"`
}

type payloadRecipient struct {
	ID     string                   `json:"id"`
	Name   string                   `json:"name"`
	Email  string                   `json:"email"`
	Role   envelope.Role            `json:"role"`
	Status envelope.RecipientStatus `json:"status"`
	Reason string                   `json:"reason,omitempty"`

	Bounced *payloadBounce `json:"bounced,omitempty"`
}

// payloadBounce says why letters do not reach a recipient.
type payloadBounce struct {
	At         string `json:"at"`
	Reason     string `json:"reason"`
	Complained bool   `json:"complained"`
}

const millisecondsUTC = "2006-01-02T15:04:05.000Z"

// freeze makes the bytes that go out for an event: now, and the same at every
// attempt, whatever becomes of the envelope.
func freeze(e envelope.Envelope, event envelope.Event) ([]byte, error) {
	p := payload{
		Type:      event.Type,
		Timestamp: event.At.UTC().Truncate(time.Millisecond).Format(millisecondsUTC),
		Data: payloadData{
			ID:       event.ID,
			Sequence: event.Sequence,
			Envelope: payloadEnvelope{ID: e.ID, Team: e.Team, Status: e.Status, Title: e.Title, Test: e.Test, Reason: e.Reason},
		},
	}
	if r, ok := e.Recipient(event.Recipient); ok {
		p.Data.Recipient = &payloadRecipient{
			ID: r.ID, Name: r.Person.Name, Email: r.Person.Email, Role: r.Role, Status: r.Status, Reason: r.Reason,
			Bounced: bounceOf(r),
		}
	}
	var out bytes.Buffer
	plain := json.NewEncoder(&out)
	plain.SetEscapeHTML(false)
	if err := plain.Encode(p); err != nil {
		return nil, fmt.Errorf("freeze event %s: %w", event.ID, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func bounceOf(r envelope.Recipient) *payloadBounce {
	if !r.Bounced() {
		return nil
	}
	return &payloadBounce{At: r.BouncedAt.UTC().Format(millisecondsUTC), Reason: r.BounceReason, Complained: r.Complained}
}
