package hubspot

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/problem"
)

// hookAge is how old a webhook may be: HubSpot's own figure.
const hookAge = 5 * time.Minute

var errForged = problem.Denied("hook_forged", "This call does not carry HubSpot's signature.")

// signed undoes the escapes that HubSpot does not have in what it signs.
var signed = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";")

// Verify checks a webhook's v3 signature: HMAC-SHA-256 with the app's client secret
// over method, address, body and timestamp, the address with some of its escapes undone.
// https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
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
	mac.Write([]byte(r.Method + signed.Replace(address) + string(body) + stamp))
	if !hmac.Equal(given, mac.Sum(nil)) {
		return errForged
	}
	return nil
}

// standardIDs are the object types that subscriptions speak of: by a name for one, or
// by an id.
var standardIDs = map[string]string{
	"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets", "product": "products", "line_item": "line_items",
	"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-5": "tickets", "0-7": "products", "0-8": "line_items", "0-14": "quotes",
}

// kindsOf subscriptions.
var kindsOf = map[string]connectors.Kind{
	"creation": connectors.Created, "propertyChange": connectors.Updated, "associationChange": connectors.Updated,
	"restore": connectors.Updated, "deletion": connectors.Deleted, "privacyDeletion": connectors.Deleted,
}

var (
	customType = regexp.MustCompile(`^[0-9]{1,9}-[0-9]{1,18}$`)
	objectID   = regexp.MustCompile(`^[0-9]{1,19}$`)
)

// byIntegration marks what an app has changed; the source is its id in the account then.
const byIntegration = "INTEGRATION"

// MaxEvents is how many events a webhook may bring; HubSpot sends a hundred at most.
const MaxEvents = 1000

type event struct {
	EventID          json.Number `json:"eventId"`
	SubscriptionID   json.Number `json:"subscriptionId"`
	PortalID         json.Number `json:"portalId"`
	SubscriptionType string      `json:"subscriptionType"`
	ObjectID         json.Number `json:"objectId"`
	FromObjectID     json.Number `json:"fromObjectId"` // in place of ObjectID where an association changes
	ObjectTypeID     string      `json:"objectTypeId"`
	FromTypeID       string      `json:"fromObjectTypeId"`
	PropertyName     string      `json:"propertyName"`
	OccurredAt       int64       `json:"occurredAt"`
	ChangeSource     string      `json:"changeSource"`
	SourceID         string      `json:"sourceId"`
}

var errOtherAccount = problem.Denied("hook_other_account", "The call tells of another HubSpot account.")

// News reads the events of a webhook. What is of no kind that a mapping starts with
// is left out, and so is, with a refusal, what happened in another account than portal:
// an app has one secret and one address for all accounts that have installed it. Of a
// connection that was saved before the hub learnt portal, which is "" then, all is
// believed. App is our own app's id: what it changed is ours.
func News(body []byte, portal, app string) (all []connectors.News, err error) {
	var events []event
	if err := json.Unmarshal(body, &events); err != nil {
		return nil, problem.Invalid("hook_unreadable", "The call's body is not a list of events.").Because(err)
	}
	if len(events) > MaxEvents {
		return nil, problem.TooLarge("hook_too_large", "The call brings more than 1000 events.")
	}
	for _, e := range events {
		if portal != "" && e.PortalID.String() != portal {
			err = errOtherAccount.Because(fmt.Errorf("event %s of account %s", e.EventID, e.PortalID))
			continue
		}
		if news, tells := e.news(app); tells {
			all = append(all, news)
		}
	}
	return all, err
}

func (e event) news(app string) (connectors.News, bool) {
	object, what, _ := strings.Cut(e.SubscriptionType, ".")
	kind, known := kindsOf[what]
	id := cmp.Or(e.ObjectID, e.FromObjectID).String()
	typeID := cmp.Or(e.ObjectTypeID, e.FromTypeID)
	recordType := cmp.Or(standardIDs[object], standardIDs[typeID], typeID)
	if !known || !objectID.MatchString(id) || standardIDs[object] == "" && !customType.MatchString(typeID) {
		return connectors.News{}, false
	}
	news := connectors.News{
		// HubSpot does not promise that an event's id is its own.
		ID:  fmt.Sprintf("%s/%s/%s/%d", e.EventID, e.SubscriptionID, id, e.OccurredAt),
		Ref: connectors.Ref{Type: recordType, ID: id}, Kind: kind,
		Ours: e.ChangeSource == byIntegration && app != "" && e.SourceID == app, At: time.UnixMilli(e.OccurredAt).UTC(),
	}
	if e.PropertyName != "" {
		news.Fields = []string{e.PropertyName}
	}
	return news, true
}
