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

	"chancery/connectors/salesforce/salesforcetest"
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
func contractTemplate(t *testing.T) []byte {
	t.Helper()
	para := func(text string) string { return `<w:p><w:r><w:t xml:space="preserve">` + text + `</w:t></w:r></w:p>` }
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

func openCRM(t *testing.T, name string) crm {
	t.Helper()
	org, err := salesforcetest.Start(salesforcetest.Options{KeepAlive: 5 * time.Second})
	must(t, err)
	t.Cleanup(org.Close)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	must(t, os.WriteFile(roots, org.Certificate, 0o600))
	c := crm{openBenchWith(t, "production", name, []string{"SSL_CERT_FILE=" + roots}), org}
	c.send(t, "/v1/templates", "contract.docx", contractTemplate(t))
	var connection struct{ ID, As string }
	must(t, c.api.insist(http.MethodPost, "/v1/connections", name+"/connection", map[string]any{
		"system": "salesforce", "name": "Our org", "settings": map[string]string{
			"grant": "jwt", "login_url": org.URL, "client_id": org.ClientID, "username": org.Username, "private_key": string(org.PrivateKey),
			"events": org.Events, "file_key": "Chancery_Key__c",
		}}, &connection))
	must(t, c.api.insist(http.MethodPost, "/v1/mappings", name+"/mapping", map[string]any{
		"connection": connection.ID, "enabled": true, "text": contractMapping}, nil))
	return c
}

func (c crm) send(t *testing.T, path, name string, file []byte) {
	t.Helper()
	if _, err := c.api.uploadTo(path, name, file); err != nil {
		t.Fatal(err)
	}
}

// journey waits for the one journey, and its envelope.
func (c crm) journey(t *testing.T) *story {
	t.Helper()
	s := c.story("contract")
	eventually(t, insistence, "an envelope on its way", func() error {
		var list struct {
			Journeys []struct{ ID, Status, Words, Envelope string }
		}
		if err := c.api.insist(http.MethodGet, "/v1/journeys", "", nil, &list); err != nil {
			return err
		}
		if len(list.Journeys) != 1 || list.Journeys[0].Status != "sent" {
			return fmt.Errorf("journeys are %+v", list.Journeys)
		}
		s.id = list.Journeys[0].Envelope
		return nil
	})
	e, err := s.look()
	must(t, err)
	s.who = [2]string{e.Recipients[0].ID, e.Recipients[1].ID}
	return s
}

// An opportunity comes to a stage, a contract with its lines is signed by two, and
// the opportunity is won, with everything that hangs on it; everything by events.
func TestAnOpportunityBecomesAContractAndIsWon(t *testing.T) {
	for name, faults := range map[string]salesforcetest.Faults{
		"calm":  {},
		"rough": {Percent: 10, TokenCalls: 20, Twice: true, Shuffle: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCRM(t, "crm-"+name)
			c.org.Break(faults)
			deal := c.org.Seeded().Opportunity
			c.org.Update("Opportunity", deal, map[string]any{"StageName": "Proposal"})
			s := c.journey(t)
			must(t, s.sign(0))
			must(t, s.sign(1))
			must(t, s.completed())
			c.won(t, deal)
			c.leave(t, name, deal, s)
		})
	}
}

// won waits until the record says so, and looks at what hangs on it.
func (c crm) won(t *testing.T, deal string) {
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
	if len(list.Envelopes) != 1 {
		t.Errorf("%d envelopes", len(list.Envelopes))
	}
}

// leave keeps what came of it where people can look at it.
func (c crm) leave(t *testing.T, name, deal string, s *story) {
	t.Helper()
	folder := os.Getenv("CHANCERY_ARTEFACTS")
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, "crm", name)
	must(t, os.MkdirAll(folder, 0o755))
	for _, f := range c.org.Files(deal) {
		must(t, os.WriteFile(filepath.Join(folder, strings.ReplaceAll(f.Title, "/", "-")+".pdf"), f.Data, 0o644))
	}
	record, err := json.MarshalIndent(c.org.Record("Opportunity", deal), "", "  ")
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "opportunity.json"), record, 0o644))
	t.Logf("%s: %d calls of the API for one envelope", name, c.org.Usage().API)
}
