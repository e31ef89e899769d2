package hubspot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/problem"
)

// hookAge is how old a webhook may be: HubSpot's own figure.
const hookAge = 5 * time.Minute

var errForged = problem.Denied("hook_forged", "This call does not carry HubSpot's signature.")

// Verify checks a webhook's v3 signature: HMAC-SHA-256 with the app's client secret
// over method, address, body and timestamp.
func Verify(r *http.Request, address string, body []byte, secret string, now time.Time) error {
	stamp := r.Header.Get("X-HubSpot-Request-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || secret == "" {
		return errForged
	}
	if age := now.Sub(time.UnixMilli(at)); age > hookAge || age < -hookAge {
		return errForged
	}
	given, err := base64.StdEncoding.DecodeString(r.Header.Get("X-HubSpot-Signature-v3"))
	if err != nil {
		return errForged
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(r.Method + address + string(body) + stamp))
	if !hmac.Equal(given, mac.Sum(nil)) {
		return errForged
	}
	return nil
}

// plural names the object types of subscriptions, which speak of one.
var plural = map[string]string{
	"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets", "product": "products", "line_item": "line_items",
}

// ours marks what was changed by an app, by its id in the account.
const ours = "INTEGRATION"

// News reads the events of a webhook. What is of no kind that a mapping starts with
// is left out. App is our own app's id: what it changed is ours.
func News(body []byte, app string) ([]connectors.News, error) {
	var events []struct {
		EventID          json.Number `json:"eventId"`
		SubscriptionType string      `json:"subscriptionType"`
		ObjectID         json.Number `json:"objectId"`
		ObjectTypeID     string      `json:"objectTypeId"`
		OccurredAt       int64       `json:"occurredAt"`
		ChangeSource     string      `json:"changeSource"`
		SourceID         string      `json:"sourceId"`
	}
	if err := json.Unmarshal(body, &events); err != nil {
		return nil, problem.Invalid("hook_unreadable", "The call's body is not a list of events.").Because(err)
	}
	var all []connectors.News
	for _, e := range events {
		object, what, _ := strings.Cut(e.SubscriptionType, ".")
		kind, known := map[string]connectors.Kind{
			"creation": connectors.Created, "propertyChange": connectors.Updated, "associationChange": connectors.Updated,
			"restore": connectors.Updated, "deletion": connectors.Deleted,
		}[what]
		if !known || e.ObjectID == "" {
			continue
		}
		recordType := plural[object]
		if recordType == "" {
			recordType = e.ObjectTypeID
		}
		all = append(all, connectors.News{
			ID: e.EventID.String(), Ref: connectors.Ref{Type: recordType, ID: e.ObjectID.String()}, Kind: kind,
			Ours: e.ChangeSource == ours && app != "" && e.SourceID == app, At: time.UnixMilli(e.OccurredAt).UTC(),
		})
	}
	return all, nil
}
