package salesforce_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"golang.org/x/oauth2"

	"chancery/connectors"
	"chancery/connectors/connectorstest"
	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/pubsub"
	"chancery/connectors/salesforce/salesforcetest"
)

const reading = "SELECT Name, StageName, Amount, IsClosed, Signed_By__c, Account.Name, Account.Owner.Username, " +
	"(SELECT Quantity, Product2.ProductCode FROM OpportunityLineItems ORDER BY Id) FROM Opportunity ORDER BY Name"

// expect is how many changes of each object the scenes make.
var expect = [][2]any{{"Opportunity", 3}, {"Contact", 4}, {"Account", 3}}

// The clients that everybody uses and ours play the same scenes, each against an org
// of its own, and see the same; and afterwards the orgs hold the same.
func TestThePublicClientsSeeWhatOursSees(t *testing.T) {
	theirs, theirOrg := publicClients(t)
	ours, ourOrg := ourClient(t)
	connectorstest.Same(t, theirs, ours, theirOrg, ourOrg)
}

func stage(t *testing.T) *salesforcetest.Org {
	o, _ := org(t, salesforcetest.Options{BatchSize: 200})
	for i := range 450 {
		o.Create("Agreement__c", map[string]any{"Name": "Agreement " + string(rune('A'+i%26))})
	}
	return o
}

func dump(t *testing.T, o *salesforcetest.Org) string {
	t.Helper()
	text, err := o.Dump()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func publicClients(t *testing.T) (connectorstest.Play, string) {
	o := stage(t)
	hand := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { o.ExpireTokens() }))
	t.Cleanup(hand.Close)
	told := map[string]any{"url": o.URL, "events": o.Events, "client": o.ClientID, "secret": o.ClientSecret, "username": o.Username, "user": o.UserID,
		"key": string(o.PrivateKey), "contact": o.Seeded().Signer, "reading": reading, "hand": hand.URL, "expect": expect}
	theirs := connectorstest.Published(t, "ORG", told, "jsforce@3.10.13", "salesforce-pubsub-api-client@5.5.2", "underscore@1.13.8") // avro-js forgets that it needs the last
	return theirs, dump(t, o)
}

// player plays the scenes with our client.
type player struct {
	t   *testing.T
	o   *salesforcetest.Org
	c   *salesforce.Client
	all connectorstest.Play
}

func ourClient(t *testing.T) (connectorstest.Play, string) {
	o := stage(t)
	p := &player{t: t, o: o, c: connect(t, o, func(c *salesforce.Config) { c.Name = "scenes" })}
	account, contact := p.records()
	p.files()
	p.several()
	p.failures()
	p.more(account, contact)
	p.consent()
	p.events()
	return p.all, dump(t, o)
}

func (p *player) say(name string, seen any) {
	p.t.Helper()
	p.all.Say(p.t, name, seen)
}

func (p *player) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *player) create(object string, fields map[string]any) string {
	p.t.Helper()
	id, err := p.c.Create(p.t.Context(), object, fields)
	p.must(err)
	return id
}

func (p *player) query(soql string) []map[string]any {
	p.t.Helper()
	found, err := p.c.Query(p.t.Context(), soql)
	p.must(err)
	return found
}

func codes(all []salesforce.Saved) [][]string {
	made := make([][]string, len(all))
	for i, s := range all {
		made[i] = []string{}
		if f := s.Failure(); f != nil {
			made[i] = append(made[i], f.Code)
		}
	}
	return made
}

func (p *player) records() (account, contact string) {
	ctx := p.t.Context()
	org, err := p.c.Org(ctx)
	p.must(err)
	p.say("sign in", org)
	account = p.create("Account", map[string]any{"Name": "Café & Co", "BillingCity": "Lyon", "AnnualRevenue": 12.5})
	contact = p.create("Contact", map[string]any{"LastName": "O'Hara", "AccountId": account, "Email": "o@example.com"})
	p.say("create", []string{account, contact})
	many, err := p.c.CreateAll(ctx, "Product2", []map[string]any{{"Name": "A"}, {}, {"Name": "C"}}, false)
	p.must(err)
	p.say("create many", codes(many))
	halted, err := p.c.CreateAll(ctx, "Product2", []map[string]any{{"Name": "A"}, {}}, true)
	p.must(err)
	p.say("all or none", codes(halted))
	first, err := p.c.Upsert(ctx, "Opportunity", "External_Id__c", "scene-1", map[string]any{"Name": "Scene", "StageName": "Prospecting", "CloseDate": "2026-12-01", "AccountId": account})
	p.must(err)
	second, err := p.c.Upsert(ctx, "Opportunity", "External_Id__c", "scene-1", map[string]any{"StageName": "Proposal"})
	p.must(err)
	p.say("upsert", []any{first.Created, second.Created, first.ID, second.ID})
	_, err = p.c.Write(ctx, connectors.Ref{Type: "Opportunity", ID: first.ID}, map[string]any{"Amount": "99.9", "Signed_By__c": `Ann "A" O'Neill \ 日本`, "Description": nil}, "")
	p.must(err)
	p.say("write", true)
	p.say("read", p.query(reading))
	p.say("quotes", p.query("SELECT Name FROM Contact WHERE LastName = "+salesforce.Quote("O'Hara")+" AND (Email LIKE 'o@%' OR Email = null)"))
	p.say("pages", len(p.query("SELECT Id FROM Agreement__c ORDER BY Name")))
	return account, contact
}

func (p *player) files() {
	found := p.query("SELECT Id FROM Opportunity WHERE External_Id__c = 'scene-1'")
	id, err := p.c.File(p.t.Context(), connectors.Ref{Type: "Opportunity", ID: found[0]["Id"].(string)}, connectors.File{Key: "k", Name: "Scene.pdf", Size: 10,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF scene")), nil }})
	p.must(err)
	p.say("file", []any{id, p.query("SELECT Title, Checksum, ContentSize, ContentDocument.Title FROM ContentVersion WHERE Id = '" + id + "'")})
}

func (p *player) several() {
	steps := func(name string, contact map[string]any) []salesforce.Step {
		return []salesforce.Step{{Method: "POST", URL: "/sobjects/Account", Ref: "a", Body: map[string]any{"Name": name}}, {Method: "POST", URL: "/sobjects/Contact", Ref: "c", Body: contact}}
	}
	done, err := p.c.Together(p.t.Context(), true, steps("Together", map[string]any{"LastName": "Too", "AccountId": "@{a.id}"})...)
	p.must(err)
	p.say("together", []int{done[0].Status, done[1].Status})
	done, err = p.c.Together(p.t.Context(), true, steps("Never", map[string]any{"AccountId": "@{a.id}"})...)
	if code(err) != "REQUIRED_FIELD_MISSING" {
		p.t.Errorf("undone because of %v", err)
	}
	p.say("undone", []string{done[0].Failure().Code, done[1].Failure().Code})
}

func code(err error) string {
	var f *connectors.Failure
	if errors.As(err, &f) {
		return f.Code
	}
	return "none"
}

func (p *player) failures() {
	ctx := p.t.Context()
	_, err := p.c.Create(ctx, "Account", map[string]any{})
	p.say("missing field", code(err))
	_, err = p.c.Query(ctx, "SELECT Nobody__c FROM Account")
	p.say("unknown field", code(err))
	_, err = p.c.Query(ctx, "SELECT Id FROM")
	p.say("malformed", code(err))
	p.say("gone", code(p.c.Delete(ctx, connectors.Ref{Type: "Account", ID: "001Kz0000000zzzAAA"})))
	p.o.ExpireTokens()
	p.say("token ended", p.query("SELECT Name FROM Account WHERE Name = 'Together'"))
}

func (p *player) more(account, contact string) {
	ctx := p.t.Context()
	schema, err := p.c.Describe(ctx, "Opportunity")
	p.must(err)
	var names []string
	for _, f := range schema.Fields {
		if f.Name != "" {
			names = append(names, f.Name)
		}
	}
	p.say("describe", names)
	types, err := p.c.Types(ctx)
	p.must(err)
	p.say("types", types)
	_, err = p.c.Write(ctx, connectors.Ref{Type: "Contact", ID: p.o.Seeded().Signer}, map[string]any{"FirstName": "Anna", "Email": nil}, "")
	p.must(err)
	_, err = p.c.Write(ctx, connectors.Ref{Type: "Account", ID: account}, map[string]any{"BillingCity": "Paris"}, "")
	p.must(err)
	p.must(p.c.Delete(ctx, connectors.Ref{Type: "Contact", ID: contact}))
	_, limit := p.c.Usage()
	p.say("limit", limit)
}

func (p *player) consent() {
	ctx := p.t.Context()
	const redirect = "https://hub.example.com/callback"
	verifier := oauth2.GenerateVerifier()
	challenge := oauth2.S256ChallengeFromVerifier(verifier)
	client := httpClient(p.t, p.o)
	answer, err := client.Get(salesforce.AuthorizeURL(p.o.URL, p.o.ClientID, redirect, "s", challenge))
	p.must(err)
	p.must(answer.Body.Close())
	back, err := url.Parse(answer.Header.Get("Location"))
	p.must(err)
	if _, err := salesforce.Exchange(ctx, client, p.o.URL, p.o.ClientID, p.o.ClientSecret, redirect, "no code", verifier); connectors.TroubleOf(err) != connectors.Expired {
		p.t.Errorf("a code that is none: %v", err)
	}
	made, err := salesforce.Exchange(ctx, client, p.o.URL, p.o.ClientID, p.o.ClientSecret, redirect, back.Query().Get("code"), verifier)
	p.must(err)
	as, err := connect(p.t, p.o, func(c *salesforce.Config) { c.Credentials = made }).Test(ctx)
	p.must(err)
	p.say("consent", []any{back.Query().Get("state"), strings.HasPrefix(as, p.o.Username)})
}

func (p *player) events() {
	raw, err := p.c.Raw(p.t.Context())
	p.must(err)
	defer raw.Close()
	for _, e := range expect {
		found, err := raw.Collect("/data/"+e[0].(string)+"ChangeEvent", int32(e[1].(int)), nil)
		p.must(err)
		var all []salesforce.Change
		for _, event := range found {
			c, err := raw.Change(event)
			p.must(err)
			all = append(all, c)
		}
		p.say("changes of "+e[0].(string), all)
	}
	all, err := raw.Collect("/data/ChangeEvents", 3, nil)
	p.must(err)
	later, err := raw.Collect("/data/ChangeEvents", 2, all[0].ReplayID)
	p.must(err)
	p.say("from a place", later[0].Event.ID == all[1].Event.ID && later[1].Event.ID == all[2].Event.ID)
	p.publish(raw)
}

func (p *player) publish(raw *salesforce.Raw) {
	const topic = "/event/Envelope_Status__e"
	info, err := raw.GetTopic(raw.Context, topic)
	p.must(err)
	schema, err := raw.Schema(info.SchemaID)
	p.must(err)
	payload, err := avro.Marshal(schema, map[string]any{"CreatedDate": int64(1700000000000), "CreatedById": p.o.UserID, "Envelope__c": "env_1", "Status__c": "completed", "Opportunity__c": nil})
	p.must(err)
	done, err := raw.Publish(raw.Context, pubsub.PublishRequest{TopicName: topic, Events: []pubsub.ProducerEvent{{ID: "one", SchemaID: info.SchemaID, Payload: payload}}})
	p.must(err)
	p.create("Envelope_Status__e", map[string]any{"Envelope__c": "env_2", "Status__c": "sent"})
	found, err := raw.Collect(topic, 2, nil)
	p.must(err)
	var all [][2]any
	for _, event := range found {
		var fields map[string]any
		p.must(avro.Unmarshal(schema, event.Event.Payload, &fields))
		all = append(all, [2]any{text(fields["Envelope__c"]), text(fields["Status__c"])})
	}
	p.say("events", []any{len(done.Results) == 1 && len(done.Results[0].ReplayID) == 8, all})
}

// text takes a value out of the union that it is in.
func text(value any) any {
	if union, ok := value.(map[string]any); ok {
		return union["string"]
	}
	return value
}
