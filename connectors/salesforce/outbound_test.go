package salesforce_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/salesforcetest"
	"chancery/problem"
)

func TestAnOutboundMessageIsReadAndAcknowledged(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{Retry: 10 * time.Millisecond})
	var mu sync.Mutex
	var news []connectors.News
	tries := 0
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		heard, err := salesforce.Outbound(r.Body, o.ID, time.Unix(1, 0))
		if err != nil {
			t.Error(err)
		}
		news = append(news, heard...)
		if tries > 2 { // the first answer is not what the org waits for
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, salesforce.Acknowledgement)
		}
	}))
	defer listener.Close()
	o.Outbound(listener.URL, "Opportunity", "Name", "StageName")
	o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"Name": "a < b & 'c'"})
	for deadline := time.Now().Add(10 * time.Second); o.Unsent() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	if o.Unsent() != 0 || len(news) != 2 || news[0].ID != news[1].ID || news[0].Ref != (connectors.Ref{Type: "Opportunity", ID: o.Seeded().Opportunity}) {
		t.Errorf("%d unsent, heard %+v", o.Unsent(), news)
	}
}

func message(org, inside string) string {
	return `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		`<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>` + org + `</OrganizationId>` + inside + `</notifications></soapenv:Body></soapenv:Envelope>`
}

const oneNotification = `<Notification><Id>04lKz0000000001AAA</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>006Kz0000000001IAA</sf:Id></sObject></Notification>`

const ourOrg = "00DKz0000000001MAA"

func TestAMessageThatIsForgedOrBrokenHasNoEffect(t *testing.T) {
	for name, tt := range map[string]struct{ message, code string }{
		"of another organisation": {message("00DKz0000000002MAA", oneNotification), "outbound_other_org"},
		"of none":                 {message("", oneNotification), "outbound_other_org"},
		"with a document type":    {"<!DOCTYPE a [<!ENTITY b \"c\">]>" + message(ourOrg, oneNotification), "outbound_unreadable"},
		"with an id that is none": {message(ourOrg, strings.Replace(oneNotification, "006Kz0000000001IAA", "006' OR Id != '", 1)), "outbound_unreadable"},
		"of a type that is none":  {message(ourOrg, strings.Replace(oneNotification, "sf:Opportunity", "sf:../x", 1)), "outbound_unreadable"},
		"cut off":                 {message(ourOrg, oneNotification)[:300], "outbound_unreadable"},
		"empty":                   {"", "outbound_unreadable"},
		"too deep":                {strings.Repeat("<a>", 100000), "outbound_unreadable"},
		"too large":               {message(ourOrg, "<x>"+strings.Repeat(" ", salesforce.MaxOutbound)+"</x>"), "outbound_too_large"},
		"of too many":             {message(ourOrg, strings.Repeat(oneNotification, 101)), "outbound_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			news, err := salesforce.Outbound(strings.NewReader(tt.message), ourOrg, time.Now())
			if !problem.Has(err, tt.code) || news != nil {
				t.Errorf("got %v, %v; want %s", news, err, tt.code)
			}
		})
	}
	if news, err := salesforce.Outbound(strings.NewReader(message(ourOrg[:15], oneNotification)), ourOrg, time.Now()); err != nil || len(news) != 1 {
		t.Errorf("with 15 characters of the organisation: %v, %v", news, err)
	}
}

func FuzzOutbound(f *testing.F) {
	f.Add(message(ourOrg, oneNotification))
	f.Add(message(ourOrg, oneNotification+oneNotification))
	f.Fuzz(func(t *testing.T, text string) {
		news, err := salesforce.Outbound(strings.NewReader(text), ourOrg, time.Unix(1, 0))
		for _, n := range news {
			if err != nil || len(n.Ref.ID) < 15 || strings.ContainsAny(n.Ref.Type+n.Ref.ID, "'/.? ") {
				t.Errorf("%+v, %v", n, err)
			}
		}
	})
}
