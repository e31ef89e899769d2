// Package webhooks tells subscribers what happened, in the words of Standard
// Webhooks 1.0: an event becomes a payload, a payload becomes one signed attempt,
// and an attempt has an outcome.
//
// It knows no envelopes and keeps no state. Whoever walks the schedule (a
// workflow) asks After how long to wait, calls Attempt, and reads the Verdict:
//
//	body, err := webhooks.Payload("envelope.completed", at, data) // once; store the bytes
//	client, err := webhooks.NewClient(webhooks.Policy{})          // once per process
//	outcome := webhooks.Attempt(ctx, client, delivery)            // per attempt
//	wait, again := outcome.Next(attempt)
//
// Every request leaves through a client that looks at the address of the socket,
// not at the URL, so no name, redirect or proxy can turn it towards our own
// network. Connectors that call hosts named by a customer use the same client.
package webhooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// eventType is what Standard Webhooks 1.0, "Event types", allows.
var eventType = regexp.MustCompile(`^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$`)

// Payload writes an event as it will be signed and sent: compact JSON with the
// members type, timestamp (RFC 3339, UTC) and data in this order. Equal arguments
// give equal bytes, as maps are written in the order of their keys. The result is
// stored with the event and never written a second time, for a signature covers
// bytes and not meaning.
func Payload(kind string, timestamp time.Time, data any) ([]byte, error) {
	if !eventType.MatchString(kind) {
		return nil, fmt.Errorf("write webhook payload: event type %q is not a dotted name", kind)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      any       `json:"data"`
	}{kind, timestamp.UTC(), data})
	if err != nil {
		return nil, fmt.Errorf("write webhook payload %s: %w", kind, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
