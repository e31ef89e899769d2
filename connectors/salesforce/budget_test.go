package salesforce_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/salesforcetest"
)

func pdf(key string) connectors.File {
	return connectors.File{Key: key, Name: key + ".pdf", Size: int64(len(key)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(key)), nil }}
}

// An envelope reads a record, writes how it went, and files what was signed.
func TestAnEnvelopeTakesFourCalls(t *testing.T) {
	o, clock := org(t, salesforcetest.Options{})
	ref := connectors.Ref{Type: "Opportunity", ID: o.Seeded().Opportunity}
	for name, change := range map[string]func(*salesforce.Config){
		"one file, compared":            func(*salesforce.Config) {},
		"a document and its trail, key": func(c *salesforce.Config) { c.FileKey = "Chancery_Key__c" },
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, o, change)
			paths := []string{"Name", "Amount", "Account.Name", "Account.Contacts.Email", "Contact.Email", "OpportunityLineItems.Product2.Name", "Owner.Email"}
			if _, err := c.Read(t.Context(), ref, paths); err != nil { // the types are asked once for all envelopes
				t.Fatal(err)
			}
			before := o.Usage().API
			r, err := c.Read(t.Context(), ref, paths)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(t.Context(), ref, map[string]any{"StageName": "Closed Won", "Signed_On__c": "2026-11-02", "Signed_By__c": "Ann"}, r.Version); err != nil {
				t.Fatal(err)
			}
			files := []connectors.File{pdf(name + " signed")}
			if strings.Contains(name, "trail") {
				files = append(files, pdf(name+" trail"))
			}
			for _, f := range files {
				if _, err := c.File(t.Context(), ref, f); err != nil {
					t.Fatal(err)
				}
			}
			if calls := o.Usage().API - before; calls != 4 {
				t.Errorf("it took %d calls", calls)
			}
			clock.on(time.Minute)
		})
	}
}

func TestAMappingsValuesFitTheirFields(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	ref := connectors.Ref{Type: "Opportunity", ID: o.Seeded().Opportunity}
	fields := map[string]any{"Amount": "1234.50", "Signed_On__c": "2026-11-02T08:00:00Z", "Signed_At__c": "2026-11-02", "Probability": " ", "Signed_By__c": `@{write.id} \' or`}
	if _, err := c.Write(t.Context(), ref, fields, ""); err != nil {
		t.Fatal(err)
	}
	got := o.Record("Opportunity", ref.ID)
	if fmt.Sprintln(got["Amount"], got["Signed_On__c"], got["Signed_At__c"], got["Probability"], got["Signed_By__c"]) != `1234.5 2026-11-02 2026-11-02T00:00:00.000+0000 <nil> @{write.id} \' or`+"\n" {
		t.Errorf("got %v", got)
	}
}

func TestAListOfManyRecordsIsReadWhole(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{BatchSize: 200})
	s := o.Seeded()
	for range 447 {
		o.Create("OpportunityLineItem", map[string]any{"OpportunityId": s.Opportunity, "Product2Id": s.Products[0], "Quantity": "1", "UnitPrice": "1"})
	}
	r, err := connect(t, o).Read(t.Context(), connectors.Ref{Type: "Opportunity", ID: s.Opportunity}, []string{"OpportunityLineItems.TotalPrice"})
	if err != nil {
		t.Fatal(err)
	}
	if lines, _ := r.Fields["OpportunityLineItems"].([]any); len(lines) != 450 {
		t.Errorf("read %d lines", len(lines))
	}
}

func TestARecordWithoutAParentIsReadWithoutItsLists(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	alone := o.Create("Opportunity", map[string]any{"Name": "Alone", "StageName": "Proposal", "CloseDate": "2026-12-31"})
	r, err := connect(t, o).Read(t.Context(), connectors.Ref{Type: "Opportunity", ID: alone}, []string{"Account.Name", "Account.Contacts.Email"})
	if err != nil || r.Fields["Account"] != nil {
		t.Errorf("got %v, %v", r.Fields, err)
	}
}

func TestNothingHostileReachesAQueryOrAnAddress(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	for _, ref := range []connectors.Ref{{Type: "Opportunity", ID: "x' OR Name != '"}, {Type: "../../oauth2/revoke", ID: o.Seeded().Opportunity}, {Type: "Opportunity"}} {
		before := o.Usage().API
		if _, err := c.Read(t.Context(), ref, nil); err == nil || !connectors.TroubleOf(err).Lasting() {
			t.Errorf("%v: %v", ref, err)
		}
		if _, err := c.Read(t.Context(), connectors.Ref{Type: "Opportunity", ID: o.Seeded().Opportunity}, []string{"Name FROM User--"}); err == nil {
			t.Error("a path that is a query was read")
		}
		if o.Usage().API != before {
			t.Error("the org was asked")
		}
	}
}

// With a tenth of all calls failing and tokens that end after twenty, everything
// still comes out as it should when it is tried again.
func TestTryingAgainIsEnough(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	o.Break(salesforcetest.Faults{Percent: 10, TokenCalls: 20})
	c := connect(t, o)
	ref := connectors.Ref{Type: "Opportunity", ID: o.Seeded().Opportunity}
	failures := 0
	again := func(do func() error) {
		t.Helper()
		for range 20 {
			err := do()
			if err == nil {
				return
			}
			if connectors.TroubleOf(err) != connectors.Busy {
				t.Fatal(err)
			}
			failures++
		}
		t.Fatal("twenty failures in a row")
	}
	for i := range 40 {
		again(func() error { _, err := c.Read(t.Context(), ref, []string{"Name", "Account.Name"}); return err })
		again(func() error {
			_, err := c.Write(t.Context(), ref, map[string]any{"Signed_By__c": fmt.Sprint(i)}, "")
			return err
		})
		again(func() error { _, err := c.File(t.Context(), ref, pdf(fmt.Sprint(i%10))); return err })
	}
	if n := len(o.Files(ref.ID)); n != 10 || failures == 0 || o.Usage().Tokens < 5 {
		t.Errorf("%d files, %d failures, %d tokens", n, failures, o.Usage().Tokens)
	}
}

// Before the credentials are kept nothing is called; the words say what is missing.
func TestCredentialsThatCannotWorkAreRefused(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	good := byKey(o)
	for name, change := range map[string]func(*salesforce.Credentials){
		"no address": func(c *salesforce.Credentials) { c.LoginURL = "login" }, "an address with a password": func(c *salesforce.Credentials) { c.LoginURL = "https://a:b@login.salesforce.com" },
		"no consumer key": func(c *salesforce.Credentials) { c.ClientID = "" }, "no user": func(c *salesforce.Credentials) { c.Username = "" },
		"a key that is none": func(c *salesforce.Credentials) { c.PrivateKey = "secret" }, "no secret": func(c *salesforce.Credentials) { c.Grant = salesforce.BySecret },
		"no consent": func(c *salesforce.Credentials) { c.Grant = salesforce.ByConsent },
	} {
		bad := good
		change(&bad)
		if _, err := salesforce.New(salesforce.Config{Credentials: bad, HTTP: httpClient(t, o), Name: "x"}); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := good
	wrong.Username = "somebody@example.com"
	_, err := connect(t, o, func(c *salesforce.Config) { c.Credentials = wrong }).Test(t.Context())
	if connectors.TroubleOf(err) != connectors.Expired || !strings.Contains(err.Error(), "hasn't approved") {
		t.Errorf("a user who is not let in: %v", err)
	}
}
