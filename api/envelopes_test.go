package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/envelope"
)

func TestAnEnvelopeFromUploadToVoid(t *testing.T) {
	s := open(t)
	id, recipient := s.sandbox.created()
	one := "/v1/envelopes/" + id

	got := s.sandbox.get(one).want(200)
	if got.text("status") != "draft" || got.at("test") != true || got.text("outlook", "why") == "" || got.text("recipients", 0, "role") != "signer" {
		t.Fatalf("the draft reads %s", got.Body)
	}
	if got.at("recipients", 0, "step") != 1.0 || got.text("fields", 0, "recipient") != recipient {
		t.Fatalf("the step is not 1, or the field is not the tenant's: %s", got.Body)
	}

	got = s.sandbox.post(one+"/send", nil).want(200)
	if got.text("status") != "sent" || got.text("outlook", "waiting", 0) != recipient || got.text("expires_at") == "" {
		t.Fatalf("the sent envelope reads %s", got.Body)
	}
	s.sandbox.post(one+"/send", nil).refused(409, "envelope_sent_already")
	s.sandbox.post(one+"/resend", nil).want(200)
	s.sandbox.post(one+"/resend", object{"recipient": recipient}).want(200)
	got = s.sandbox.call("PATCH", one+"/recipients/"+recipient, object{"email": "bob@example.com"}).want(200)
	if got.text("recipients", 0, "email") != "bob@example.com" || got.text("recipients", 0, "name") != "Ada Lovelace" {
		t.Fatalf("the corrected recipient reads %s", got.Body)
	}
	s.sandbox.post(one+"/void", object{}).refused(422, "reason_missing")
	got = s.sandbox.post(one+"/void", object{"reason": "Another flat was found."}).want(200)
	if got.text("status") != "voided" || got.text("reason") != "Another flat was found." {
		t.Fatalf("the voided envelope reads %s", got.Body)
	}
	s.sandbox.post(one+"/void", object{"reason": "Again."}).refused(409, "envelope_ended")

	want := []string{"send", "resend", "resend", "correct bob@example.com", "void Another flat was found.", "void Again."}
	if !slices.Equal(s.desk.heard, want) {
		t.Fatalf("the desk heard %q, want %q", s.desk.heard, want)
	}
}

func TestOneCallCreatesAndSends(t *testing.T) {
	s := open(t)
	wanted := s.sandbox.draft()
	wanted["send"] = true
	got := s.sandbox.post("/v1/envelopes", wanted).want(201)
	if got.text("status") != "sent" || got.Header.Get("Location") != "/v1/envelopes/"+got.text("id") {
		t.Fatalf("got %s at %q", got.Body, got.Header.Get("Location"))
	}
}

func TestRemindersQuorumsAndPlacesAreKeptAsSaid(t *testing.T) {
	s := open(t)
	got := s.sandbox.post("/v1/envelopes", object{
		"title": "Board resolution", "documents": []any{s.sandbox.document()},
		"recipients": []any{
			object{"name": "Ada", "email": "ada@example.com"},
			object{"name": "Bob", "email": "bob@example.com", "zone": "Europe/Paris"},
			object{"name": "Cat", "email": "cat@example.com", "role": "cc", "step": 2},
		},
		"quorums":       []any{object{"step": 1, "need": 1}},
		"fields":        []any{object{"recipient": 2, "page": 1, "kind": "date", "x": 10, "y": 10, "width": 90, "height": 20, "optional": true}},
		"reminders":     object{"first_after": "72h", "every": "48h", "at_most": 3, "business_days": true},
		"expires_after": "720h",
	}).want(201)
	if got.text("reminders", "first_after") != "72h0m0s" || got.at("reminders", "at_most") != 3.0 || got.text("expires_after") != "720h0m0s" {
		t.Errorf("the pace reads %s", got.Body)
	}
	if got.text("fields", 0, "recipient") != got.text("recipients", 1, "id") || got.at("quorums", 0, "need") != 1.0 {
		t.Errorf("the second recipient's field or the quorum reads %s", got.Body)
	}
	e, err := s.store.Envelope(context.Background(), got.text("id"))
	must(t, err)
	if e.Pace != (envelope.Pace{First: 72 * time.Hour, Every: 48 * time.Hour, Most: 3, BusinessDays: true}) || e.Lifetime != 720*time.Hour {
		t.Errorf("stored was %+v, %s", e.Pace, e.Lifetime)
	}
}

func TestADraftCanBeChangedInEveryPart(t *testing.T) {
	s := open(t)
	id, ada := s.sandbox.created()
	one := "/v1/envelopes/" + id
	call := s.sandbox.call

	got := call("PATCH", one, object{"title": "Lease", "expires_after": "24h"}).want(200)
	if got.text("title") != "Lease" || got.text("expires_after") != "24h0m0s" || got.text("fields", 0, "recipient") != ada {
		t.Fatalf("after PATCH: %s", got.Body)
	}
	bob := call("POST", one+"/recipients", object{"name": "Bob", "email": "bob@example.com", "step": 2}).want(201).text("recipients", 1, "id")
	got = call("PATCH", one+"/recipients/"+bob, object{"role": "signer", "step": 3, "zone": "Asia/Tokyo"}).want(200)
	if got.at("recipients", 1, "step") != 3.0 || got.text("recipients", 1, "zone") != "Asia/Tokyo" {
		t.Fatalf("after changing Bob: %s", got.Body)
	}
	field := call("POST", one+"/fields", object{"recipient": bob, "page": 1, "kind": "text", "x": 1, "y": 1, "width": 50, "height": 12}).want(201).text("fields", 1, "id")
	got = call("PATCH", one+"/fields/"+field, object{"x": 20.5, "recipient": 1}).want(200)
	if got.at("fields", 1, "x") != 20.5 || got.text("fields", 1, "recipient") != ada {
		t.Fatalf("after changing the field: %s", got.Body)
	}
	call("DELETE", one+"/fields/"+field, nil).want(200)
	got = call("DELETE", one+"/recipients/"+ada, nil).want(200)
	if len(got.at("recipients").([]any)) != 1 || len(got.at("fields").([]any)) != 0 {
		t.Fatalf("Ada or her field is still there: %s", got.Body)
	}
	got = call("PUT", one, object{"title": "Anew"}).want(200)
	if got.text("title") != "Anew" || len(got.at("recipients").([]any)) != 0 || len(got.at("documents").([]any)) != 0 {
		t.Fatalf("after PUT: %s", got.Body)
	}
	call("DELETE", one, nil).want(204)
	call("GET", one, nil).refused(404, "envelope_missing")
	if len(s.desk.heard) != 0 {
		t.Fatalf("the desk was asked about a draft: %q", s.desk.heard)
	}
}

func TestWhatIsSentIsNoDraftAnyMore(t *testing.T) {
	s := open(t)
	id, ada := s.sandbox.created(object{"send": true})
	one := "/v1/envelopes/" + id
	before := s.sandbox.get(one).want(200).Body
	for _, wish := range []struct {
		method, path string
		body         any
	}{
		{"PUT", one, object{"title": "Anew"}},
		{"PATCH", one, object{"title": "Anew"}},
		{"DELETE", one, nil},
		{"POST", one + "/recipients", object{"name": "Bob", "email": "bob@example.com"}},
		{"DELETE", one + "/recipients/" + ada, nil},
		{"PATCH", one + "/recipients/" + ada, object{"step": 2}},
		{"POST", one + "/fields", object{"recipient": 1, "page": 1, "kind": "text", "x": 1, "y": 1, "width": 50, "height": 12}},
	} {
		s.sandbox.call(wish.method, wish.path, wish.body).refused(409, "envelope_sent_already")
	}
	if after := s.sandbox.get(one).want(200).Body; string(after) != string(before) {
		t.Fatalf("it was %s and is %s", before, after)
	}
}

func TestTheListPagesNewestFirstAndKeepsToAStatus(t *testing.T) {
	s := open(t)
	var made []string
	for i := range 5 {
		with := object{"title": fmt.Sprint("Number ", i)}
		if i == 2 {
			with["send"] = true
		}
		id, _ := s.sandbox.created(with)
		made = append(made, id)
	}
	slices.Reverse(made)
	var seen []string
	for path := "/v1/envelopes?limit=2"; path != ""; {
		page := s.sandbox.get(path).want(200)
		for i := range page.at("envelopes").([]any) {
			seen = append(seen, page.text("envelopes", i, "id"))
		}
		path = ""
		if next := page.text("next"); next != "" {
			path = "/v1/envelopes?limit=2&cursor=" + next
		}
	}
	if !slices.Equal(seen, made) {
		t.Fatalf("the pages show %v, want %v", seen, made)
	}
	sent := s.sandbox.get("/v1/envelopes?status=sent").want(200)
	if len(sent.at("envelopes").([]any)) != 1 || sent.text("envelopes", 0, "id") != made[2] {
		t.Fatalf("of status sent: %s", sent.Body)
	}
	s.sandbox.get("/v1/envelopes?cursor=nonsense").refused(422, "cursor_invalid")
	s.sandbox.get("/v1/envelopes?colour=red").refused(422, "unknown_member")
	s.sandbox.get("/v1/envelopes?status=lost").refused(422, "invalid_request")
}

func TestASandboxSendsToNobodyElse(t *testing.T) {
	s := open(t)
	stranger := object{"name": "Eve", "email": "eve@example.net"}
	wanted := s.sandbox.draft()
	wanted["recipients"], wanted["fields"], wanted["send"] = []any{stranger}, nil, true
	s.sandbox.post("/v1/envelopes", wanted).refused(403, "sandbox_recipient_not_preset")

	id, _ := s.sandbox.created()
	s.sandbox.post("/v1/envelopes/"+id+"/recipients", stranger).want(201) // a draft harms nobody
	s.sandbox.post("/v1/envelopes/"+id+"/send", nil).refused(403, "sandbox_recipient_not_preset")

	id, ada := s.sandbox.created(object{"send": true})
	s.sandbox.call("PATCH", "/v1/envelopes/"+id+"/recipients/"+ada, object{"email": "eve@example.net"}).refused(403, "sandbox_recipient_not_preset")
	if !slices.Equal(s.desk.heard, []string{"send"}) {
		t.Fatalf("the desk heard %q", s.desk.heard)
	}
}

func TestASigningLinkIsShortAndTheTrailKnowsOfIt(t *testing.T) {
	s := open(t)
	id, ada := s.production.created()
	link := "/v1/envelopes/" + id + "/recipients/" + ada + "/signing-link"
	s.production.post(link, nil).refused(409, "envelope_not_sent")
	s.production.post("/v1/envelopes/"+id+"/send", nil).want(200)
	if got := s.production.post(link, nil).want(200).text("url"); got != "https://hub.example/s/"+ada+"?for=1h0m0s" {
		t.Fatalf("got %q", got)
	}
	s.production.post(link, object{"expires_after": "10m"}).want(200)
	s.production.post(link, object{"expires_after": "61m"}).refused(422, "link_lifetime_out_of_range")
	s.production.post(link, object{"expires_after": "1s"}).refused(422, "link_lifetime_out_of_range")
	for _, origin := range []string{"crm.example.com", "https://crm.example.com/path", "http://crm.example.com", "https://a.example *", "https://a.example; script-src *"} {
		s.production.post(link, object{"origin": origin}).refused(422, "origin_invalid")
	}

	trail := s.production.get("/v1/envelopes/" + id + "/audit-trail").want(200)
	given := 0
	for i := range trail.at("events").([]any) {
		if trail.text("events", i, "kind") == "recipient.link_given" {
			given++
		}
	}
	if given != 2 {
		t.Fatalf("the trail knows of %d links, want 2: %s", given, trail.Body)
	}
}

func TestAFailureOfTheDeskShowsNothingOfOurInside(t *testing.T) {
	s := open(t)
	s.desk.broken = errors.New("dial tcp 10.0.0.7:7233: refused")
	id, _ := s.sandbox.created()
	s.sandbox.post("/v1/envelopes/"+id+"/send", nil).refused(500, "internal")
}
