package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"chancery/connectors/salesforce/salesforcetest"
	"chancery/workflows"
)

// contractMapping makes a contract of an opportunity that has come to the stage
// Proposal, and closes the opportunity when everybody has signed.
const contractMapping = `
mapping: Contract
record: Opportunity
locale: de-DE
zone: Europe/Berlin
start: {on: [created, updated], when: 'record.StageName == "Proposal"'}
documents: [{template: contract, name: {text: "Vertrag {{Name}}"}}]
title: {text: "Vertrag {{Name}}"}
recipients:
  - {ref: customer, name: {path: Contact.Name}, email: {path: Contact.Email}}
  - {ref: seller, step: 2, name: {path: Owner.Name}, email: {path: Owner.Email}}
back:
  - on: envelope.sent
    fields:
      - {field: Envelope_Status__c, text: Sent}
      - {field: Envelope_Url__c, path: envelope.link}
  - on: envelope.completed
    fields:
      - {field: StageName, text: Closed Won}
      - {field: Signed_On__c, path: envelope.ended_at, transform: "date:yyyy-MM-dd"}
      - {field: Signed_By__c, cel: "envelope.recipients[0].name"}
      - {field: Envelope_Status__c, text: Completed}
    files: [{what: documents}, {what: trail}]
`

// contractTemplate is a DOCX with line items and two places to sign.
func contractTemplate(t testing.TB) []byte {
	t.Helper()
	para := func(text string) string {
		return `<w:p><w:pPr><w:spacing w:before="700"/></w:pPr><w:r><w:t xml:space="preserve">` + text + `</w:t></w:r></w:p>`
	}
	cell := func(text string) string { return `<w:tc><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:tc>` }
	body := para("Vertrag mit {{Account.Name}}, {{Account.BillingCity}}") + para("Gültig ab {{CloseDate|date}}") +
		`<w:tbl><w:tr>` + cell("Leistung") + cell("Menge") + cell("Summe") + `</w:tr><w:tr>` +
		cell("{{#OpportunityLineItems}}{{Product2.Name}}") + cell("{{Quantity|number}}") + cell("{{TotalPrice|money:EUR}}{{/OpportunityLineItems}}") + `</w:tr></w:tbl>` +
		para("Gesamt: {{Amount|money:EUR}}") + para("Kunde: [[sig:customer]________________]") + para("Verkauf: [[sig:seller]________________]")
	body = strings.NewReplacer("[[sig:customer]________________]", "[[sig:customer________________]]", "[[sig:seller]________________]", "[[sig:seller________________]]").Replace(body)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body + `</w:body></w:document>`},
	} {
		w, err := z.Create(part.name)
		must(t, err)
		_, err = w.Write([]byte(part.text))
		must(t, err)
	}
	must(t, z.Close())
	return out.Bytes()
}

// crm is a hub that is connected to an org of its own.
type crm struct {
	bench
	org *salesforcetest.Org
}

func openCRM(t testing.TB, name string) crm {
	t.Helper()
	c, connection := connectCRM(t, name)
	c.send(t, "/v1/templates", "contract.docx", contractTemplate(t))
	c.mapped(t, name, connection, contractMapping)
	return c
}

// connectCRM opens a hub that knows an org, and tells the connection.
func connectCRM(t testing.TB, name string) (crm, string) {
	t.Helper()
	org, err := salesforcetest.Start(salesforcetest.Options{KeepAlive: 5 * time.Second})
	must(t, err)
	t.Cleanup(org.Close)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	must(t, os.WriteFile(roots, org.Certificate, 0o600))
	c := crm{openBenchWith(t, "production", name, []string{"SSL_CERT_FILE=" + roots}), org}
	var connection struct{ ID, As string }
	must(t, c.api.insist(http.MethodPost, "/v1/connections", name+"/connection", map[string]any{
		"system": "salesforce", "name": "Our org", "settings": map[string]string{
			"grant": "jwt", "login_url": org.URL, "client_id": org.ClientID, "username": org.Username, "private_key": string(org.PrivateKey),
			"events": org.Events, "file_key": "Chancery_Key__c",
		}}, &connection))
	return c, connection.ID
}

func (c crm) mapped(t testing.TB, name, connection, text string) {
	t.Helper()
	must(t, c.api.insist(http.MethodPost, "/v1/mappings", name+"/mapping", map[string]any{"connection": connection, "enabled": true, "text": text}, nil))
}

func (c crm) send(t testing.TB, path, name string, file []byte) {
	t.Helper()
	if _, err := c.api.uploadTo(path, name, file); err != nil {
		t.Fatal(err)
	}
}

// journey waits for the newest of so many journeys, and its envelope.
func (c crm) journey(t testing.TB, count int) *story {
	t.Helper()
	s := c.story(fmt.Sprint("contract ", count))
	eventually(t, insistence, "an envelope on its way", func() error {
		var list struct {
			Journeys []struct{ ID, Status, Words, Envelope string }
		}
		if err := c.api.insist(http.MethodGet, "/v1/journeys", "", nil, &list); err != nil {
			return err
		}
		if len(list.Journeys) != count || list.Journeys[0].Status != "sent" {
			return fmt.Errorf("journeys are %+v", list.Journeys)
		}
		s.id = list.Journeys[0].Envelope
		return nil
	})
	var e struct {
		Documents  []struct{ ID string }
		Recipients []struct{ ID string }
	}
	must(t, s.api.insist(http.MethodGet, "/v1/envelopes/"+s.id, "", nil, &e))
	s.document, s.who = e.Documents[0].ID, [2]string{e.Recipients[0].ID, e.Recipients[1].ID}
	return s
}

// An opportunity comes to a stage, a contract with its lines is signed by two, and
// the opportunity is won, with everything that hangs on it; everything by events.
func TestAnOpportunityBecomesAContractAndIsWon(t *testing.T) {
	for name, faults := range map[string]salesforcetest.Faults{
		"calm":  {},
		"away":  {},
		"rough": {Percent: 10, TokenCalls: 20, Twice: true, Shuffle: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCRM(t, "crm-"+name)
			c.org.Break(faults)
			for i, deal := range c.deals(faults) {
				c.org.Update("Opportunity", deal, map[string]any{"StageName": "Proposal"})
				s := c.journey(t, i+1)
				must(t, s.sign(0))
				c.org.Away(name == "away")
				must(t, s.sign(1))
				must(t, s.completed())
				if name == "away" {
					c.org.Update("Opportunity", deal, map[string]any{"Description": "somebody works on it meanwhile"})
					c.org.Away(false)
				}
				c.won(t, deal, i+1)
				c.leave(t, name, deal)
			}
			if name == "calm" {
				c.reconciled(t, name)
				c.surveyed(t, name)
			}
			used := c.org.Usage()
			t.Logf("%s: %d calls of the API, setting up included, and %d tokens", name, used.API, used.Tokens)
			if faults.TokenCalls > 0 && used.Tokens < 3 {
				t.Errorf("only %d tokens have ended", used.Tokens)
			}
		})
	}
}

// deals are the org's opportunity and, where things go wrong, four more like it.
func (c crm) deals(f salesforcetest.Faults) []string {
	first := c.org.Seeded()
	all := []string{first.Opportunity}
	for i := range 4 {
		if f.Percent > 0 {
			all = append(all, c.org.Create("Opportunity", map[string]any{"Name": fmt.Sprint("More pumps ", i), "StageName": "Qualification",
				"AccountId": first.Account, "ContactId": first.Signer, "Amount": "100", "CloseDate": "2026-12-31"}))
		}
	}
	return all
}

// won waits until the record says so, and looks at what hangs on it.
func (c crm) won(t testing.TB, deal string, envelopes int) {
	t.Helper()
	eventually(t, insistence, "an opportunity that is won", func() error {
		r := c.org.Record("Opportunity", deal)
		if r["StageName"] != "Closed Won" || r["Envelope_Status__c"] != "Completed" || r["Signed_By__c"] != "Ann O'Neill" || r["Signed_On__c"] == nil {
			return fmt.Errorf("the record is %v", r)
		}
		if files := c.org.Files(deal); len(files) != 2 {
			return fmt.Errorf("%d files hang on it", len(files))
		}
		return nil
	})
	for _, f := range c.org.Files(deal) {
		if !bytes.HasPrefix(f.Data, []byte("%PDF-")) {
			t.Errorf("%s is no PDF", f.Title)
		}
	}
	if link := fmt.Sprint(c.org.Record("Opportunity", deal)["Envelope_Url__c"]); !strings.Contains(link, "/dashboard/envelopes/env_") {
		t.Errorf("the link is %s", link)
	}
	var list struct{ Envelopes []struct{ ID string } }
	must(t, c.api.insist(http.MethodGet, "/v1/envelopes", "", nil, &list))
	if len(list.Envelopes) != envelopes {
		t.Errorf("%d envelopes", len(list.Envelopes))
	}
}

// reconciled has the day's comparison made at once: what somebody has changed after the
// end is told, and one word of the team puts it right.
func (c crm) reconciled(t *testing.T, name string) {
	t.Helper()
	deal := c.org.Seeded().Opportunity
	c.org.Update("Opportunity", deal, map[string]any{"Signed_By__c": "Eve"})
	trigger(t, name, workflows.ReconciliationName)
	var list struct{ Journeys []struct{ ID, Words string } }
	eventually(t, insistence, "a journey that needs attention", func() error {
		must(t, c.api.insist(http.MethodGet, "/v1/journeys?status=attention", "", nil, &list))
		if len(list.Journeys) != 1 || !strings.Contains(list.Journeys[0].Words, "Signed_By__c says Eve") {
			return fmt.Errorf("they are %+v", list.Journeys)
		}
		return nil
	})
	must(t, c.api.insist(http.MethodPost, "/v1/journeys/"+list.Journeys[0].ID+"/retry", "decide", map[string]any{"decide": "ours"}, nil))
	c.won(t, deal, 1)
	account := c.connections(t)[0]
	must(t, c.api.insist(http.MethodPost, "/v1/connections/"+account.ID+"/compare", "compare", nil, nil))
	eventually(t, insistence, "a comparison that finds the record as it was written", func() error {
		if found := c.connections(t)[0].Compared; found.Same != 1 || found.Drifted != 0 {
			return fmt.Errorf("it found %+v", found)
		}
		return nil
	})
}

type connected struct {
	ID       string
	Compared struct{ Same, Drifted int }
}

func (c crm) connections(t *testing.T) []connected {
	t.Helper()
	var list struct{ Connections []connected }
	must(t, c.api.insist(http.MethodGet, "/v1/connections", "", nil, &list))
	return list.Connections
}

// surveyed has all records looked at by a schedule: what time has brought about begins.
func (c crm) surveyed(t *testing.T, name string) {
	t.Helper()
	text, _, _ := strings.Cut(contractMapping, "back:")
	text = strings.Replace(text, `{on: [created, updated], when: 'record.StageName == "Proposal"'}`,
		`{schedule: "0 8 * * 1-5", when: 'record.StageName == "Closed Won" && now > timestamp("2026-01-01T00:00:00Z")'}`, 1)
	var made struct{ ID string }
	must(t, c.api.insist(http.MethodPost, "/v1/mappings", "survey", map[string]any{"connection": c.connections(t)[0].ID, "enabled": true, "text": text}, &made))
	trigger(t, name, "survey/"+made.ID)
	c.journey(t, 2)
}

// trigger has the engine do now what it does by a schedule.
func trigger(t *testing.T, name, schedule string) {
	t.Helper()
	engine, err := dial(t.Context(), "crm-"+name)
	must(t, err)
	defer engine.Close()
	must(t, engine.ScheduleClient().GetHandle(t.Context(), schedule).Trigger(t.Context(), client.ScheduleTriggerOptions{}))
}

// leave keeps what came of it where people can look at it.
func (c crm) leave(t testing.TB, name, deal string) {
	t.Helper()
	folder := os.Getenv("CHANCERY_ARTEFACTS")
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, "crm", name)
	must(t, os.MkdirAll(folder, 0o755))
	for _, f := range c.org.Files(deal) {
		must(t, os.WriteFile(filepath.Join(folder, strings.ReplaceAll(f.Title, "/", "-")), f.Data, 0o644))
	}
	record, err := json.MarshalIndent(c.org.Record("Opportunity", deal), "", "  ")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, deal+".json"), record, 0o644))
}

// A system that calls us brings the record along, and is told by webhooks.
func TestARecordThatComesAlongBecomesAnEnvelope(t *testing.T) {
	b := openBench(t, "sandbox", "inbound", ann.email, bob.email)
	if _, err := b.api.uploadTo("/v1/templates", "placement.html", []byte("<h1>Placement of {{Candidate}}</h1><p>[[sig:signer1____________]]</p><p>[[sig:signer2____________]]</p>")); err != nil {
		t.Fatal(err)
	}
	var connection, mapping, journey struct{ ID, Status string }
	must(t, b.api.insist(http.MethodPost, "/v1/connections", "connection", map[string]any{"system": "inbound", "name": "Infinity", "settings": map[string]string{}}, &connection))
	must(t, b.api.insist(http.MethodPost, "/v1/mappings", "mapping", map[string]any{"connection": connection.ID, "enabled": false, "text": `
mapping: Placement
record: Placement
documents: [{template: placement}]
title: {text: "Placement of {{Candidate}}"}
recipients:
  - {ref: signer1, name: {path: Signers.Name}, email: {path: Signers.Mail}}
  - {ref: signer2, step: 2, name: {cel: "record.Signers[1].Name"}, email: {cel: "record.Signers[1].Mail"}}
`}, &mapping))
	data := map[string]any{"Candidate": "Cat Coder", "Signers": []any{map[string]any{"Name": "Ann Lee", "Mail": ann.email}, map[string]any{"Name": "Bob Ray", "Mail": bob.email}}}
	for range 2 { // asked twice under one key it is one
		must(t, b.api.insist(http.MethodPost, "/v1/journeys", "journey", map[string]any{"mapping": mapping.ID, "data": data}, &journey))
	}
	s := crm{bench: b}.journey(t, 1)
	must(t, s.sign(0))
	must(t, s.sign(1))
	must(t, s.completed())
	b.mustVerify(t, s)
}
