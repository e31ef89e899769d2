package hubspot_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors"
	"chancery/connectors/hubspot"
	"chancery/problem"
	"chancery/webhooks"
)

// sign signs a call as HubSpot does. The HMAC is written out after RFC 2104, so that it
// shares nothing with what it tests but SHA-256.
func sign(r *http.Request, address, body, secret string, at int64) {
	stamp := strconv.FormatInt(at, 10)
	key := make([]byte, 64)
	copy(key, secret)
	inner, outer := []byte{}, []byte{}
	for _, b := range key {
		inner, outer = append(inner, b^0x36), append(outer, b^0x5c)
	}
	first := sha256.Sum256(append(inner, r.Method+address+body+stamp...))
	sum := sha256.Sum256(append(outer, first[:]...))
	r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(sum[:]))
	r.Header.Set("X-HubSpot-Request-Timestamp", stamp)
}

func TestACallIsBelievedByItsSignature(t *testing.T) {
	const address, body, secret = "https://hub.example.com/hooks?to=a@b", `[{"eventId":1}]`, "yyyyyyyy"
	now := time.UnixMilli(hookStamp)
	for name, tt := range map[string]struct {
		change  func(r *http.Request)
		method  string
		address string
		body    string
		secret  string
		now     time.Time
		good    bool
	}{
		"as it was sent":                  {good: true},
		"just before it is too old":       {now: now.Add(5 * time.Minute), good: true},
		"with an address that is escaped": {address: "https://hub.example.com/hooks?to=a%40b", good: true},
		"too old":                         {now: now.Add(5*time.Minute + time.Millisecond)},
		"from the future":                 {now: now.Add(-5*time.Minute - time.Millisecond)},
		"with another body":               {body: `[{"eventId":2}]`},
		"without its body":                {body: " "},
		"to another address":              {address: "https://hub.example.com/hooks?to=c@b"},
		"by another method":               {method: http.MethodPut},
		"with another secret":             {secret: "zzzzzzzz"},
		"where no secret is known":        {secret: "-"},
		"at another time":                 {change: func(r *http.Request) { r.Header.Set("X-HubSpot-Request-Timestamp", strconv.Itoa(hookStamp+1)) }},
		"at no time":                      {change: func(r *http.Request) { r.Header.Del("X-HubSpot-Request-Timestamp") }},
		"without a signature":             {change: func(r *http.Request) { r.Header.Del("X-HubSpot-Signature-v3") }},
		"with an empty one":               {change: func(r *http.Request) { r.Header.Set("X-HubSpot-Signature-v3", "") }},
		"with half of one": {change: func(r *http.Request) {
			r.Header.Set("X-HubSpot-Signature-v3", r.Header.Get("X-HubSpot-Signature-v3")[:20])
		}},
		"with one that is none": {change: func(r *http.Request) { r.Header.Set("X-HubSpot-Signature-v3", "%%%") }},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			sign(r, address, body, secret, hookStamp)
			if tt.change != nil {
				tt.change(r)
			}
			at, to, content, known := now, address, body, secret
			if !tt.now.IsZero() {
				at = tt.now
			}
			if tt.address != "" {
				to = tt.address
			}
			if tt.body != "" {
				content = tt.body
			}
			if tt.secret != "" {
				known = strings.TrimPrefix(tt.secret, "-")
			}
			if tt.method != "" {
				r.Method = tt.method
			}
			err := hubspot.Verify(r, to, []byte(content), known, at)
			if tt.good && err != nil || !tt.good && !problem.Has(err, "hook_forged") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEventsBecomeNews(t *testing.T) {
	at := time.UnixMilli(1564113600000).UTC()
	news := func(id, recordType, record string, kind connectors.Kind, ours bool, fields ...string) connectors.News {
		return connectors.News{ID: id, Ref: connectors.Ref{Type: recordType, ID: record}, Kind: kind, Ours: ours, Fields: fields, At: at}
	}
	for name, tt := range map[string]struct {
		body string
		want []connectors.News
	}{
		"a deal is made": {`[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"deal.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]`,
			[]connectors.News{news("1/12345/123/1564113600000", "deals", "123", connectors.Created, false)}},
		"we change a property": {`[{"eventId":2,"subscriptionId":5,"occurredAt":1564113600000,"subscriptionType":"deal.propertyChange","objectId":123,"propertyName":"dealstage","propertyValue":"x","changeSource":"INTEGRATION","sourceId":"54321"}]`,
			[]connectors.News{news("2/5/123/1564113600000", "deals", "123", connectors.Updated, true, "dealstage")}},
		"another app does": {`[{"eventId":2,"subscriptionId":5,"occurredAt":1564113600000,"subscriptionType":"deal.propertyChange","objectId":123,"propertyName":"dealstage","changeSource":"INTEGRATION","sourceId":"1"}]`,
			[]connectors.News{news("2/5/123/1564113600000", "deals", "123", connectors.Updated, false, "dealstage")}},
		"a type by its id": {`[{"eventId":3,"subscriptionId":5,"occurredAt":1564113600000,"subscriptionType":"object.deletion","objectTypeId":"0-3","objectId":9007199254740993}]`,
			[]connectors.News{news("3/5/9007199254740993/1564113600000", "deals", "9007199254740993", connectors.Deleted, false)}},
		"an own type": {`[{"eventId":4,"subscriptionId":5,"occurredAt":1564113600000,"subscriptionType":"object.creation","objectTypeId":"2-77001","objectId":1}]`,
			[]connectors.News{news("4/5/1/1564113600000", "2-77001", "1", connectors.Created, false)}},
		"an association": {`[{"eventId":5,"subscriptionId":5,"occurredAt":1564113600000,"subscriptionType":"contact.associationChange","associationType":"CONTACT_TO_DEAL","fromObjectId":7,"toObjectId":8,"associationRemoved":false}]`,
			[]connectors.News{news("5/5/7/1564113600000", "contacts", "7", connectors.Updated, false)}},
		"what nobody asks for": {`[{"eventId":6,"subscriptionType":"contact.merge","objectId":1},{"eventId":7,"subscriptionType":"conversation.creation","objectId":1},
			{"eventId":8,"subscriptionType":"deal.creation"},{"eventId":9,"subscriptionType":"deal.creation","objectId":1.5},{"eventId":10,"subscriptionType":"object.creation","objectTypeId":"../x","objectId":1}]`, nil},
		"nothing": {`[]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hubspot.News([]byte(tt.body), "", "54321")
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	for text, code := range map[string]string{"": "hook_unreadable", "{}": "hook_unreadable", `[{"objectId":"x"}]`: "hook_unreadable", "[" + strings.Repeat("{},", hubspot.MaxEvents) + "{}]": "hook_too_large"} {
		if news, err := hubspot.News([]byte(text), "", ""); !problem.Has(err, code) || news != nil {
			t.Errorf("%.20q: %v, %v", text, news, err)
		}
	}
}

func TestEventsOfAnotherAccountAreRefused(t *testing.T) {
	event := func(portal string) string {
		return `{"eventId":1,` + portal + `"subscriptionType":"deal.creation","objectId":7}`
	}
	ours, theirs, nobodys := event(`"portalId":62515,`), event(`"portalId":625151,`), event("")
	for name, tt := range map[string]struct {
		events []string
		portal string
		kept   int
		good   bool
	}{
		"ours":                     {[]string{ours, ours}, "62515", 2, true},
		"of another account":       {[]string{theirs}, "62515", 0, false},
		"of one that does not say": {[]string{nobodys}, "62515", 0, false},
		"ours among others":        {[]string{theirs, ours, theirs}, "62515", 1, false},
		"where ours is not known":  {[]string{theirs, nobodys}, "", 2, true},
		"of the account by half":   {[]string{ours}, "6251", 0, false},
		"none":                     {nil, "62515", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			news, err := hubspot.News([]byte("["+strings.Join(tt.events, ",")+"]"), tt.portal, "")
			if len(news) != tt.kept || tt.good != (err == nil) || err != nil && !problem.Has(err, "hook_other_account") {
				t.Errorf("%d are kept, %v", len(news), err)
			}
		})
	}
}

func TestTheAccountIsLearntByATest(t *testing.T) {
	a := start(t)
	for _, settings := range []map[string]string{byToken(a), byOAuth(a)} {
		settings["address"] = a.URL
		learnt := map[string]string{}
		c, err := hubspot.System().Open(connectors.Connection{Settings: settings, Keep: func(_ context.Context, told map[string]string) error {
			maps.Copy(learnt, told)
			return nil
		}}, webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true}))
		if err != nil {
			t.Fatal(err)
		}
		if as, err := c.(connectors.Tester).Test(t.Context()); err != nil || as != "account 62515" || learnt["portal"] != "62515" {
			t.Errorf("got %q, %v: %v", as, learnt, err)
		}
	}
}

func FuzzNews(f *testing.F) {
	f.Add(hookBody)
	f.Add(`[{"eventId":4,"occurredAt":1,"subscriptionType":"object.associationChange","fromObjectTypeId":"2-77001","fromObjectId":1}]`)
	f.Fuzz(func(t *testing.T, body string) {
		news, err := hubspot.News([]byte(body), "", "1")
		if len(news) > hubspot.MaxEvents || err != nil && news != nil {
			t.Errorf("%d, %v", len(news), err)
		}
		for _, n := range news {
			if n.Ref.Type == "" || n.Kind == "" || n.Ref.ID == "" || strings.Trim(n.Ref.ID, "0123456789") != "" || strings.ContainsAny(n.Ref.Type, "/.?# ") {
				t.Errorf("%+v", n)
			}
		}
	})
}
