package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"chancery/account"
	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/hubspot"
	"chancery/connectors/mapping"
	"chancery/connectors/salesforce"
	"chancery/envelope"
	"chancery/id"
	"chancery/integration"
	"chancery/rate"
	"chancery/team"
	"chancery/webhooks"
)

// till is a system with deals and customers, and one deal, 1.
type till struct{}

func tillSystem() connectors.System {
	return connectors.System{Name: "till", Title: "Till",
		Settings: []connectors.Setting{
			{Name: "shop", Title: "Shop", Help: "The number over its door."}, {Name: "pin", Title: "Pin", Secret: true},
			{Name: "key", Title: "Private key", Secret: true, Lines: true, Optional: true, Help: "Only where the shop wants one."},
			{Name: "world", Title: "World", Optional: true, Choices: []string{"test", "live"}},
		},
		Open: func(c connectors.Connection, _ *http.Client) (connectors.Reader, error) {
			switch {
			case c.Settings["shop"] == "away":
				return nil, &connectors.Failure{Trouble: connectors.Busy, Words: "closed for lunch"}
			case c.Settings["pin"] != "1234":
				return nil, &connectors.Failure{Trouble: connectors.Expired, Code: "PIN", Words: "wrong pin"}
			}
			return till{}, nil
		}}
}

func (till) Read(_ context.Context, ref connectors.Ref, _ []string) (connectors.Record, error) {
	if ref.ID != "1" {
		return connectors.Record{}, &connectors.Failure{Trouble: connectors.Gone, Words: "no such deal"}
	}
	return connectors.Record{Ref: ref, Version: "1", Fields: map[string]any{"Name": "The mill <b>", "Who": "Ann Lee", "Mail": "ann@example.com", "Sum": json.Number("12.50")}}, nil
}

func (till) Test(context.Context) (string, error)    { return "shop 7", nil }
func (till) Types(context.Context) ([]string, error) { return []string{"Customer", "Deal"}, nil }

func (till) Describe(_ context.Context, recordType string) (connectors.Schema, error) {
	s := connectors.Schema{Type: recordType, Label: recordType}
	switch recordType {
	case "Deal":
		for _, name := range []string{"Name", "Who", "Mail", "Sum"} {
			s.Fields = append(s.Fields, connectors.Field{Name: name, Label: "The deal’s " + name, Kind: connectors.Text, Writable: name != "Sum"})
		}
		s.Fields = append(s.Fields, connectors.Field{Name: "CustomerId", Kind: connectors.Relation, Related: "Customer", Refers: "Customer"})
	case "Customer":
		s.Fields = []connectors.Field{{Name: "Town", Label: "Town", Kind: connectors.Choice, Choices: []string{"Brno", "Wien"}}}
	default:
		return s, &connectors.Failure{Trouble: connectors.Gone, Words: "no such type"}
	}
	return s, nil
}

// later is what goes on by itself: the desk hears of it.
type later struct{ h *house }

func (l later) Go(context.Context, string) error                 { return l.h.asked("go") }
func (l later) WriteBack(context.Context, activities.Back) error { return l.h.asked("write back") }
func (l later) Survey(context.Context, mapping.Survey) error     { return l.h.asked("survey") }
func (l later) Watch(context.Context, string, []string) error    { return l.h.asked("watch") }
func (l later) Reconcile(context.Context, string) error          { return l.h.asked("reconcile") }

// Hear does at once what the engine does later.
func (l later) Hear(_ context.Context, told activities.Told) error {
	l.h.mu.Lock()
	deaf := l.h.deaf
	l.h.mu.Unlock()
	if deaf != nil {
		return deaf
	}
	if err := l.h.integration.Clerk.HearAll(l.h.t.Context(), told); err != nil {
		l.h.t.Error(err)
	}
	return nil
}

// cupboard keeps templates in memory.
type cupboard map[string][]byte

func (c cupboard) KeepTemplate(_ context.Context, content []byte) (string, string, error) {
	name := fmt.Sprint("templates/", len(c))
	c[name] = content
	return name, "ab12", nil
}

func (c cupboard) Template(_ context.Context, blob string) ([]byte, error) { return c[blob], nil }

func (c cupboard) Accept(context.Context, string, string, io.Reader, int64) (envelope.Document, envelope.Revision, error) {
	return envelope.Document{}, envelope.Revision{}, errors.New("nothing is drawn up here")
}

func (h *house) integrated() *integration.Desk {
	policy := webhooks.Policy{AllowLoopback: true, AllowHTTP: true}
	shelf, systems := cupboard{}, map[string]connectors.System{"till": tillSystem(), "salesforce": salesforce.System(nil, nil), "hubspot": hubspot.System()}
	drawing := &integration.Drawing{Records: h.store, Papers: shelf}
	return &integration.Desk{Records: h.store, Cupboard: shelf, Drawing: drawing, Systems: systems, Later: later{h}, Now: h.clock,
		HTTP: webhooks.NewClient(policy), Links: h.links, Calls: rate.NewMemoryWindow(h.clock), Public: h.accounts.Public,
		Clerk: &activities.Clerk{Records: h.store, Drawing: drawing, Systems: systems, HTTP: webhooks.NewClient(policy), Journeys: later{h}, Now: h.clock, Link: func(envelope.Envelope) string { return "https://hub.example/" }}}
}

const dealMapping = `mapping: Deal
record: Deal
documents: [{template: deal}]
title: {text: "Contract for {{Name}}"}
message: {path: Name}
tags: [{text: deals}, {path: Name}]
recipients:
  - {ref: customer, name: {path: Who}, email: {path: Mail}}
values:
  - {field: Sum, path: Sum, transform: "money:EUR"}
back:
  - on: envelope.sent
    fields: [{field: Name, text: Sent, policy: ask}]
  - on: envelope.completed
    fields: [{field: Who, cel: "envelope.recipients[0].name"}]
    files: [{what: documents}]
`

// connected is a connection of the team to the till.
func (h *house) connected(of team.Team) connectors.Connection {
	h.t.Helper()
	c, err := h.integration.SaveConnection(h.t.Context(), connectors.Connection{Team: of.ID, System: "till", Name: "Till of the Donaudampfschifffahrtsgesellschaft", Settings: map[string]string{"shop": "7", "pin": "1234"}})
	h.must(err)
	return c
}

// mapped is a mapping of deals, with its template.
func (h *house) mapped(c connectors.Connection, author account.User) mapping.Kept {
	h.t.Helper()
	_, err := h.integration.SaveTemplate(h.t.Context(), c.Team, "deal", []byte("<p>{{Name}} {{#Lines}}{{Sum}}{{/Lines}}"))
	h.must(err)
	m, err := mapping.Read([]byte(dealMapping))
	h.must(err)
	kept, err := h.store.SaveMapping(h.t.Context(), mapping.Kept{Team: c.Team, Connection: c.ID, Enabled: true, Author: author.ID, Mapping: m})
	h.must(err)
	return kept
}

// stuck is a journey that needs attention, after its envelope or before.
func (h *house) stuck(m mapping.Kept, request, words string) connectors.Journey {
	h.t.Helper()
	j, err := h.integration.Press(h.t.Context(), m, "1", request)
	h.must(err)
	h.must(h.store.Arrive(h.t.Context(), j.ID, connectors.Attention, words))
	return j
}

// changed is a journey whose envelope is sent and whose record somebody has changed
// meanwhile.
func (h *house) changed(m mapping.Kept, of team.Team, author account.User) connectors.Journey {
	h.t.Helper()
	j, err := h.integration.Press(h.t.Context(), m, "1", id.New(id.Request))
	h.must(err)
	h.sent(of, author.ID, func(e envelope.Envelope) {
		h.must(h.store.Drawn(h.t.Context(), j.ID, e.ID, connectors.Baseline{Version: "0", Fields: map[string]any{"Name": "The old mill"}}))
	})
	due, err := h.store.Due(h.t.Context(), j.ID, "")
	h.must(err)
	if len(due) != 1 {
		h.t.Fatalf("the record is to learn of %+v", due)
	}
	h.must(h.store.Stuck(h.t.Context(), j.ID, due[0].Event, "Somebody has changed Name meanwhile."))
	return j
}

// places counts how often each word stands on a page.
func places(t testing.TB, page string, want map[string]int) {
	t.Helper()
	for word, n := range want {
		if got := strings.Count(page, word); got != n {
			t.Errorf("%q stands %d times on the page, want %d", word, got, n)
		}
	}
}

// connectStates are the pages of connectors in each of their states: in a team with
// all of it, and in one with nothing.
func (h *house) connectStates(full team.Team, author account.User, empty team.Team) []state {
	h.t.Helper()
	c := h.connected(full)
	broken := h.connected(full)
	broken.Name, broken.Trouble = "Till of the harbour", "PIN: the pin is not good any more. Please type the new one."
	h.must(h.store.SaveConnection(h.t.Context(), broken))
	cloud := connectors.Connection{ID: id.New(id.Connection), Team: full.ID, System: "salesforce", Name: "Our org", As: "hub@example.com in org 00DKz0000000001MAA", CreatedAt: h.clock(), TestedAt: h.clock(),
		Settings: map[string]string{"grant": "refresh_token", "login_url": "https://donaudampfschifffahrtsgesellschaft.my.salesforce.com", "client_id": "3MVG9" + strings.Repeat("chancery", 10), "refresh_token": "hush"}}
	h.must(h.store.SaveConnection(h.t.Context(), cloud))
	h.must(h.store.Compared(h.t.Context(), cloud.ID, connectors.Comparison{At: h.clock(), Repaired: 1, Same: 1812, Drifted: 3, Unread: 2}))
	m := h.mapped(c, author)
	h.stuck(m, id.New(id.Request), "The system says: FIELD_INTEGRITY_EXCEPTION: "+strings.Repeat("the-value-is-too-long-", 8))
	h.changed(m, full, author)
	_, err := h.integration.Press(h.t.Context(), m, strings.Repeat("0123456789", 6), id.New(id.Request))
	h.must(err)
	kept, err := h.store.Template(h.t.Context(), full.ID, "deal")
	h.must(err)
	alan, eve := h.member(full, "Alan Admin", team.Administrator), h.member(empty, "Eve Empty", team.Administrator)
	const at = "/dashboard/connectors"
	return []state{
		{"connections", alan, at, ""}, {"connections-none", eve, at, ""},
		{"connection-new", eve, at + "/new/till", ""}, {"connection", alan, at + "/connections/" + broken.ID, ""},
		{"connection-news", alan, at + "/connections/" + cloud.ID, ""}, {"consent", alan, at + "/connections/" + cloud.ID, "button[value=consent]"},
		{"connection-kept", alan, at + "/connections/" + c.ID + "", `button.danger`},
		{"templates", alan, at + "/templates", ""}, {"templates-none", eve, at + "/templates", ""}, {"template", alan, at + "/templates/" + kept.ID, ""},
		{"mappings", alan, at + "/mappings", ""}, {"mappings-none", eve, at + "/mappings", ""},
		{"mapping-new", alan, at + "/mappings/new/" + c.ID, ""}, {"mapping", alan, at + "/mappings/" + m.ID, ""},
		{"mapping-checked", alan, at + "/mappings/" + m.ID, `button[value=check]`}, {"mapping-refused", alan, at + "/mappings/new/" + broken.ID, `button[value=save]`},
		{"mapping-preview", alan, at + "/mappings/" + m.ID, `button[value=preview]`},
		{"journeys", alan, at + "/journeys", ""}, {"journeys-all", alan, at + "/journeys?status=all", ""}, {"journeys-none", eve, at + "/journeys", ""},
	}
}
