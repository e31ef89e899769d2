package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Tolerance is how far a webhook's clock may be from ours: later it may be somebody's
// replay (Standard Webhooks 1.0, "Verifying webhook authenticity").
const Tolerance = 5 * time.Minute

// ErrNotOurs means that a webhook was not sent by the hub, or not now. Answer 400 and do nothing.
var ErrNotOurs = errors.New("the webhook's signature or time is wrong")

// Event is what a webhook tells. ID is the same at every attempt: what has been
// handled under it need not be handled again.
type Event struct {
	ID        string          `json:"-"`
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"` // see /events.schema.json of the hub
}

// About are the parts that events of envelopes have.
type About struct {
	Sequence  int64     `json:"sequence"` // counts the events of one envelope from 1
	Envelope  Envelope  `json:"envelope"` // id, team, status, title, tags, test and reason
	Recipient Recipient `json:"recipient"`
}

// About reads the data of an envelope's event.
func (e Event) About() (About, error) {
	var about About
	if err := json.Unmarshal(e.Data, &about); err != nil {
		return About{}, fmt.Errorf("read data of event %s: %w", e.ID, err)
	}
	return about, nil
}

// VerifyWebhook checks a webhook by the rules of Standard Webhooks 1.0 and reads it.
// Body are the bytes as they came; secrets are those of the endpoint, as AddEndpoint
// and RotateSecret returned them. One that matches is enough.
func VerifyWebhook(header http.Header, body []byte, now time.Time, secrets ...string) (Event, error) {
	id, stamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return Event{}, ErrNotOurs
	}
	if err := signedByOne(id+"."+stamp+"."+string(body), header.Get("webhook-signature"), secrets); err != nil {
		return Event{}, err
	}
	event := Event{ID: id}
	if err := json.Unmarshal(body, &event); err != nil {
		return Event{}, fmt.Errorf("read webhook %s: %w", id, err)
	}
	return event, nil
}

func signedByOne(content, signatures string, secrets []string) error {
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) == 0 {
			return errors.New("a webhook secret is whsec_ and base64")
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(content))
		want := mac.Sum(nil)
		for _, signature := range strings.Fields(signatures) {
			version, encoded, _ := strings.Cut(signature, ",")
			got, err := base64.StdEncoding.DecodeString(encoded)
			if version == "v1" && err == nil && hmac.Equal(got, want) {
				return nil
			}
		}
	}
	return ErrNotOurs
}
