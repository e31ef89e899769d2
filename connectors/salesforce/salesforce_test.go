package salesforce_test

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectorstest"
	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/salesforcetest"
	"chancery/webhooks"
)

// clock moves on when it is told to: an org counts whole seconds.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) on(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func org(t *testing.T, options salesforcetest.Options) (*salesforcetest.Org, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	options.Now = c.now
	o, err := salesforcetest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o, c
}

func httpClient(t *testing.T, o *salesforcetest.Org) *http.Client {
	t.Helper()
	client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true, Roots: o.Roots})
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func byKey(o *salesforcetest.Org) salesforce.Credentials {
	return salesforce.Credentials{Grant: salesforce.ByKey, LoginURL: o.URL, ClientID: o.ClientID, Username: o.Username, PrivateKey: string(o.PrivateKey)}
}

func connect(t *testing.T, o *salesforcetest.Org, change ...func(*salesforce.Config)) *salesforce.Client {
	t.Helper()
	config := salesforce.Config{Credentials: byKey(o), HTTP: httpClient(t, o), Name: "chancery-test", Events: o.Events,
		EventsTLS: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}}
	for _, c := range change {
		c(&config)
	}
	client, err := salesforce.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestItDoesWhatEachConnectorMust(t *testing.T) {
	for name, change := range map[string]func(*salesforce.Config){
		"by comparing files":       func(*salesforce.Config) {},
		"by a key in a field":      func(c *salesforce.Config) { c.FileKey = "Chancery_Key__c" },
		"with a secret of the app": func(c *salesforce.Config) { c.Credentials = bySecret(c.Credentials) },
	} {
		t.Run(name, func(t *testing.T) {
			connectorstest.Run(t, func(t *testing.T) connectorstest.Subject { return subject(t, change) })
		})
	}
}

func bySecret(c salesforce.Credentials) salesforce.Credentials {
	return salesforce.Credentials{Grant: salesforce.BySecret, LoginURL: c.LoginURL, ClientID: c.ClientID, ClientSecret: "0F5AECRET"}
}

func subject(t *testing.T, change func(*salesforce.Config)) connectorstest.Subject {
	o, clock := org(t, salesforcetest.Options{TLS: true})
	seeded := o.Seeded()
	for i := range 450 {
		o.Create("Product2", map[string]any{"Name": fmt.Sprintf("Part %03d", i)})
		if i%100 == 0 {
			clock.on(time.Second)
		}
	}
	gone := o.Create("Opportunity", map[string]any{"Name": "Gone", "StageName": "Prospecting", "CloseDate": "2026-01-01"})
	o.Delete("Opportunity", gone)
	return connectorstest.Subject{
		Connector: connect(t, o, change),
		Talents:   []connectorstest.Talent{connectorstest.Finds, connectorstest.Writes, connectorstest.Files, connectorstest.Watches, connectorstest.Describes, connectorstest.Tests},
		Record:    connectors.Ref{Type: "Opportunity", ID: seeded.Opportunity},
		Reads: map[string]string{"Name": "Pumps for Köln", "Account.Name": `Ämter & Söhne "GmbH"`, "Contact.Email": "ann@example.com", "Account.Owner.Username": o.Username,
			"Amount": "48250.0", "OpportunityLineItems.Product2.ProductCode": "P-1", "Account.Contacts.LastName": "O'Neill", "Owner.Name": "Hub Integration"},
		List: "OpportunityLineItems", Text: "Signed_By__c", ReadOnly: "IsWon",
		Gone: connectors.Ref{Type: "Opportunity", ID: gone}, Many: "Product2", ManyOf: 453,
		Secrets: []string{o.ClientSecret, "PRIVATE KEY", o.ID[:15] + "!AQ", "grant_type", "assertion="},
		Break:   func(b connectorstest.Break) { breakOrg(o, b) },
		Touch: func(field, value string) {
			clock.on(2 * time.Second)
			o.Update("Opportunity", seeded.Opportunity, map[string]any{field: value})
			clock.on(2 * time.Second)
		},
		Value:  func(field string) string { return fmt.Sprint(o.Record("Opportunity", seeded.Opportunity)[field]) },
		Files:  func() int { return len(o.Files(seeded.Opportunity)) },
		Calls:  func() int { return o.Usage().API },
		Logins: func() int { return o.Usage().Tokens },
	}
}

func breakOrg(o *salesforcetest.Org, b connectorstest.Break) {
	faults := map[connectorstest.Break]salesforcetest.Faults{
		connectorstest.Throttled: {TooMany: 1}, connectorstest.Failing: {Fail: 1}, connectorstest.Down: {Busy: 1},
		connectorstest.Locked: {Lock: 1}, connectorstest.Strange: {Page: 1}, connectorstest.Hanging: {Hang: 1}, connectorstest.Lost: {Lost: 1},
	}
	o.Break(maps.Clone(faults)[b])
	o.Away(b == connectorstest.Away)
	switch b {
	case connectorstest.TokenEnds:
		o.ExpireTokens()
	case connectorstest.Revoked:
		o.Revoke()
	}
}
