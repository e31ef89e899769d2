package mapping_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/problem"
)

const contract = `
mapping: Contract
record: Opportunity
locale: de-DE
zone: Europe/Berlin
start:
  on: [updated]
  when: record.StageName == "Proposal"
documents:
  - template: contract
    name: {text: "Vertrag {{Account.Name}}"}
title: {text: "Vertrag für {{Account.Name}}"}
message: {path: Description, optional: true}
tags:
  - {text: Verträge}
  - {path: Region, transform: upper}
  - {cel: 'record.StageName == "Proposal" ? "offen" : ""'}
recipients:
  - {ref: customer, name: {path: Contact.Name}, email: {path: Contact.Email}}
  - {ref: boss, role: approver, step: 2, name: {path: Owner.Name}, email: {path: Owner.Email}, when: "record.Amount > 10000.0"}
values:
  - {field: Betrag, path: Amount, transform: "money:EUR"}
  - {field: Beginn, path: CloseDate, transform: date}
  - {field: Positionen, cel: 'record.Lines.map(l, l.Name).join(", ")'}
expires: 336h
back:
  - on: envelope.completed
    fields:
      - {field: StageName, text: Closed Won}
      - {field: Signed_On__c, path: envelope.ended_at, transform: "date:yyyy-MM-dd"}
      - {field: Signed_By__c, cel: "envelope.recipients[0].name"}
    files: [{what: documents, name: {text: "{{Name}} signed"}}]
`

const opportunity = `{"StageName": "Proposal", "Name": "Mühle", "Region": " emea", "Amount": 12345.5, "CloseDate": "2026-03-02", "Description": null,
	"Account": {"Name": "Example GmbH"}, "Contact": {"Name": "Ann Lee", "Email": "ann@example.com"},
	"Owner": {"Name": "Bob Boss", "Email": "bob@example.com"}, "Lines": [{"Name": "Stein"}, {"Name": "Korn"}]}`

func record(t testing.TB, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func compiled(t testing.TB, text string) mapping.Compiled {
	t.Helper()
	m, err := mapping.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := mapping.Compile(m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARecordBecomesADraft(t *testing.T) {
	c := compiled(t, contract)
	starts, err := c.Starts(record(t, opportunity), time.Unix(0, 0))
	if err != nil || !starts {
		t.Fatalf("starts: %v, %v", starts, err)
	}
	got, err := c.Apply(record(t, opportunity))
	if err != nil {
		t.Fatal(err)
	}
	want := mapping.Draft{
		Title:     "Vertrag für Example GmbH",
		Tags:      []string{"Verträge", "EMEA", "offen"},
		Documents: []mapping.DraftDocument{{Template: "contract", Name: "Vertrag Example GmbH"}},
		Recipients: []mapping.DraftRecipient{
			{Ref: "customer", Role: envelope.Signer, Step: 1, Name: "Ann Lee", Email: "ann@example.com"},
			{Ref: "boss", Role: envelope.Approver, Step: 2, Name: "Bob Boss", Email: "bob@example.com"},
		},
		Values:   []mapping.DraftValue{{"Betrag", "12.345,50\u00a0€"}, {"Beginn", "2. März 2026"}, {"Positionen", "Stein, Korn"}},
		Lifetime: 336 * time.Hour, Locale: "de-DE", Zone: "Europe/Berlin",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	small := record(t, strings.Replace(opportunity, "12345.5", "9", 1))
	small["Region"], small["StageName"] = nil, "Lost"
	if got, err = c.Apply(small); err != nil || len(got.Recipients) != 1 || !slices.Equal(got.Tags, []string{"Verträge"}) {
		t.Fatalf("a small one asks %d people and has the tags %q, %v", len(got.Recipients), got.Tags, err)
	}
}

func TestATypeIsNamedByItsTwoNumbers(t *testing.T) {
	c := compiled(t, strings.NewReplacer("Vertrag für {{Account.Name}}", "{{ 2-77001.title }} of {{2026}}", "path: CloseDate", "path: 2-77001.title").Replace(contract))
	if !slices.Contains(c.Paths(), "2-77001.title") {
		t.Errorf("it reads %v", c.Paths())
	}
	fields := record(t, opportunity)
	fields["2-77001"] = []any{map[string]any{"title": "2026-03-02"}}
	if got, err := c.Apply(fields); err != nil || got.Title != "2026-03-02 of {{2026}}" || got.Values[1].Value != "2. März 2026" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatGoesBack(t *testing.T) {
	c := compiled(t, contract)
	s := mapping.Source{Record: record(t, opportunity), Envelope: record(t, `{"ended_at": "2026-03-04T23:30:00Z", "recipients": [{"name": "Ann Lee"}]}`)}
	got, err := c.Back(envelope.EventCompleted, s)
	if err != nil {
		t.Fatal(err)
	}
	want := mapping.Outcome{
		Fields: []mapping.Filled{{"StageName", "Closed Won", mapping.OursWins}, {"Signed_On__c", "2026-03-05", mapping.OursWins}, {"Signed_By__c", "Ann Lee", mapping.OursWins}},
		Files:  []mapping.Filing{{What: mapping.FileDocuments, Name: "Mühle signed"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if got, err = c.Back(envelope.EventSent, s); err != nil || len(got.Fields)+len(got.Files) > 0 {
		t.Fatalf("another event writes %+v, %v", got, err)
	}
}

func TestTheMappingReadsOnlyWhatItNames(t *testing.T) {
	want := []string{"Account.Name", "Amount", "CloseDate", "Contact.Email", "Contact.Name", "Description", "Lines.Name", "Name", "Owner.Email", "Owner.Name", "Region", "StageName"}
	if diff := cmp.Diff(want, compiled(t, contract).Paths()); diff != "" {
		t.Fatal(diff)
	}
}

func TestAMappingStaysAsItsAuthorWroteIt(t *testing.T) {
	written := "# for the lawyers\n" + contract
	m, err := mapping.Read([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again mapping.Mapping
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	if text, err := mapping.Text(again); err != nil || string(text) != written {
		t.Errorf("it has become\n%s\n%v", text, err)
	}
}

func TestAMappingIsWrittenAsItIsRead(t *testing.T) {
	m, err := mapping.Read([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	m.Written = ""
	text, err := mapping.Text(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := mapping.Read(text)
	again.Written = ""
	if diff := cmp.Diff(m, again); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}

func TestWhatIsWrittenWrongIsSaidWithItsPlace(t *testing.T) {
	for name, tt := range map[string]struct{ old, new, code, where string }{
		"a member nobody knows":         {"zone: Europe/Berlin", "zoo: 1", "mapping_unreadable", ""},
		"a transform nobody knows":      {`"money:EUR"`, "gold", "transform_unknown", "values[0]"},
		"a currency nobody knows":       {`"money:EUR"`, `"money:XQQ"`, "transform_invalid", "values[0]"},
		"an expression without its end": {`"envelope.recipients[0].name"`, `"envelope.recipients[0"`, "expression_invalid", "back[0].fields[2]"},
		"an event nobody knows":         {"on: envelope.completed", "on: envelope.eaten", "event_type_unknown", "back[0].on"},
		"a role nobody knows":           {"role: approver", "role: king", "role_unknown", "recipients[1].role"},
		"the same ref twice":            {"ref: boss", "ref: customer", "ref_twice", "recipients[1].ref"},
		"no title":                      {`title: {text: "Vertrag für {{Account.Name}}"}`, "", "title_missing", "title"},
		"11 tags":                       {"  - {text: Verträge}\n", strings.Repeat("  - {text: a}\n", 9), "too_many_tags", "tags"},
		"a tag of two ways":             {"{text: Verträge}", "{text: a, path: b}", "row_ambiguous", "tags[0]"},
		"a path with odd characters":    {"path: Contact.Name", `path: "Contact.Name'"`, "path_invalid", "recipients[0].name"},
		"a path and an expression":      {"path: CloseDate", "path: CloseDate, cel: '1'", "row_ambiguous", "values[1]"},
		"a zone nobody knows":           {"Europe/Berlin", "Mars/Base", "zone_unknown", "zone"},
		"a schedule of six fields":      {"on: [updated]", `schedule: "0 0 8 * * *"`, "schedule_invalid", "start.schedule"},
		"a schedule of another zone":    {"on: [updated]", `schedule: "TZ=Asia/Tokyo 0 8 * *"`, "schedule_invalid", "start.schedule"},
		"a schedule that never comes":   {"on: [updated]", `schedule: "0 0 31 2 *"`, "schedule_invalid", "start.schedule"},
		"a schedule of every minute":    {"on: [updated]", `schedule: "* * * * *"`, "schedule_too_often", "start.schedule"},
		"a schedule, at times often":    {"on: [updated]", `schedule: "0,10 23 * * *"`, "schedule_too_often", "start.schedule"},
		"a schedule of either day":      {"on: [updated]", `schedule: "0 8 1 * 1"`, "schedule_ambiguous", "start.schedule"},
		"a schedule of no day":          {"on: [updated]", `schedule: "0 8 ? * 1"`, "schedule_invalid", "start.schedule"},
		"a schedule without condition":  {"  on: [updated]\n  when: record.StageName == \"Proposal\"", `  schedule: "0 8 * * *"`, "condition_missing", "start.when"},
		"the time outside of the start": {`when: "record.Amount > 10000.0"`, `when: "now > timestamp('2026-01-01T00:00:00Z')"`, "expression_invalid", "recipients[1].when"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(contract, tt.old, tt.new, 1)
			if text == contract {
				t.Fatal("nothing was changed")
			}
			m, err := mapping.Read([]byte(text))
			if err == nil {
				_, err = mapping.Compile(m)
			}
			if !problem.Has(err, tt.code) || problem.Of(err).Field != tt.where {
				t.Fatalf("got %v at %q, want %s at %q", err, problem.Of(err).Field, tt.code, tt.where)
			}
		})
	}
}

func TestARecordThatDoesNotFitIsRefusedWithItsPlace(t *testing.T) {
	for name, tt := range map[string]struct{ old, new, code, where string }{
		"no address":             {`"ann@example.com"`, `null`, "value_missing", "recipients[0].email"},
		"a tag of 51 letters":    {"emea", strings.Repeat("x", 51), "value_too_long", "tags[1]"},
		"no contact":             {`{"Name": "Ann Lee", "Email": "ann@example.com"}`, `null`, "value_missing", "recipients[0].name"},
		"a name of 5000 letters": {"Ann Lee", strings.Repeat("x", 5000), "value_too_long", "recipients[0].name"},
		"a sum that is a text":   {"12345.5", `"=1+1"`, "expression_failed", "recipients[1].name"},
		"a sum beyond all money": {"12345.5", "1e300", "value_not_number", "values[0]"},
		"a sum with a long tail": {"12345.5", "1e999999999", "", ""},
		"a date that is none":    {"2026-03-02", "soon", "value_not_date", "values[1]"},
		"a record for a text":    {`"Name": "Ann Lee"`, `"Name": {"a": 1}`, "value_not_plain", "recipients[0].name"},
		"lines that are no list": {`[{"Name": "Stein"}, {"Name": "Korn"}]`, `7`, "expression_failed", "values[2]"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(opportunity, tt.old, tt.new, 1)
			if text == opportunity {
				t.Fatal("nothing was changed")
			}
			_, err := compiled(t, contract).Apply(record(t, text))
			if tt.code == "" {
				if err == nil {
					t.Fatal("it was taken")
				}
				return
			}
			if !problem.Has(err, tt.code) || problem.Of(err).Field != tt.where {
				t.Fatalf("got %v at %q, want %s at %q", err, problem.Of(err).Field, tt.code, tt.where)
			}
		})
	}
}

func TestHostileTextBecomesHarmless(t *testing.T) {
	hostile := strings.Replace(opportunity, "Example GmbH", `A\u0000B\r\nBcc: x@y\u202Egnp\u2028<b>=1+1`, 1)
	got, err := compiled(t, contract).Apply(record(t, hostile))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Vertrag für AB  Bcc: x@ygnp <b>=1+1"; got.Title != want {
		t.Fatalf("got %q, want %q", got.Title, want)
	}
}

var schemas = map[string]connectors.Schema{
	"Opportunity": {Type: "Opportunity", Fields: []connectors.Field{
		{Name: "Name", Kind: connectors.Text, Writable: true}, {Name: "Description", Kind: connectors.Text}, {Name: "Region", Kind: connectors.Text}, {Name: "Amount", Kind: connectors.Number, Writable: true},
		{Name: "CloseDate", Kind: connectors.Date, Writable: true}, {Name: "StageName", Kind: connectors.Choice, Writable: true, Choices: []string{"Proposal", "Closed Won"}},
		{Name: "Signed_On__c", Kind: connectors.Date, Writable: true}, {Name: "Signed_By__c", Kind: connectors.Text, Writable: true}, {Name: "IsWon", Kind: connectors.Boolean},
		{Name: "AccountId", Kind: connectors.Relation, Related: "Account", Refers: "Account"}, {Name: "ContactId", Kind: connectors.Relation, Related: "Contact", Refers: "Contact"},
		{Name: "OwnerId", Kind: connectors.Relation, Related: "Owner", Refers: "User"}, {Name: "LineItems", Related: "Lines", Refers: "Line", Many: true},
	}},
	"Account": {Type: "Account", Fields: []connectors.Field{{Name: "Name", Kind: connectors.Text}}},
	"Contact": {Type: "Contact", Fields: []connectors.Field{{Name: "Name", Kind: connectors.Text}, {Name: "Email", Kind: connectors.Text}}},
	"User":    {Type: "User", Fields: []connectors.Field{{Name: "Name", Kind: connectors.Text}, {Name: "Email", Kind: connectors.Text}}},
	"Line":    {Type: "Line", Fields: []connectors.Field{{Name: "Name", Kind: connectors.Text}}},
}

func described(recordType string) (connectors.Schema, error) {
	s, there := schemas[recordType]
	if !there {
		return s, &connectors.Failure{Trouble: connectors.Gone}
	}
	return s, nil
}

func TestAMappingIsCheckedAgainstWhatTheSystemHas(t *testing.T) {
	for name, tt := range map[string]struct{ old, new, code, where string }{
		"as it is":                            {"", "", "", ""},
		"a field nobody has":                  {"path: CloseDate", "path: ClosingDate", "field_unknown", "values[1]"},
		"a field nobody has, behind a record": {"path: Contact.Email", "path: Contact.Mail", "field_unknown", "recipients[0].email"},
		"a field nobody has, in a text":       {"{{Account.Name}}\"}\nmessage", "{{Account.Nom}}\"}\nmessage", "field_unknown", "title"},
		"a field nobody has, in a loop":       {"l.Name", "l.Nom", "field_unknown", "values[2]"},
		"a field nobody has, in a condition":  {"record.Amount >", "record.Sum >", "field_unknown", "recipients[1].when"},
		"a field nobody has, in a tag":        {"path: Region", "path: Regio", "field_unknown", "tags[1]"},
		"a path behind a plain field":         {"path: Contact.Email", "path: Name.Email", "path_ends", "recipients[0].email"},
		"a target nobody has":                 {"field: Signed_By__c", "field: Signed__c", "field_unknown", "back[0].fields[2].field"},
		"a target nobody may write":           {"field: Signed_By__c", "field: IsWon", "field_read_only", "back[0].fields[2].field"},
		"a choice that is none":               {"text: Closed Won", "text: Won", "value_of_wrong_kind", "back[0].fields[0]"},
		"a loop":                              {`when: record.StageName == "Proposal"`, "", "mapping_loops", "back[0]"},
		"what cannot even be compiled":        {`"money:EUR"`, "gold", "transform_unknown", "values[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := mapping.Read([]byte(strings.Replace(contract, tt.old, tt.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			faults, err := mapping.Check(m, described)
			if err != nil {
				t.Fatal(err)
			}
			var got mapping.Fault
			if len(faults) > 0 {
				got = faults[0]
			}
			if len(faults) > 1 || got.Code != tt.code || got.Where != tt.where {
				t.Fatalf("got %+v, want %s at %q", faults, tt.code, tt.where)
			}
		})
	}
}

func TestAConditionThatWritingBackMakesFalseAndTrueAgainIsALoop(t *testing.T) {
	text := contract + "  - {on: envelope.declined, fields: [{field: StageName, text: Proposal}]}\n"
	m, err := mapping.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	faults, err := mapping.Check(m, described)
	if err != nil || len(faults) != 1 || faults[0].Code != "mapping_loops" {
		t.Fatalf("got %+v, %v", faults, err)
	}
}
