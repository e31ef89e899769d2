package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"chancery/api"
	"chancery/id"
)

func TestWrongEnvelopesAreRefusedByCodeAndLeaveNothing(t *testing.T) {
	s := open(t, func(c *api.Config) { c.Production.Calls, c.Production.Per, c.Production.Name = 100000, 1e9, "all" })
	c := s.production
	base := c.draft()
	person := func(with object) object { return merged(object{"name": "Ada", "email": "ada@example.com"}, with) }
	field := func(with object) object {
		return merged(object{"recipient": "tenant", "page": 1, "kind": "signature", "x": 1, "y": 1, "width": 90, "height": 40}, with)
	}
	for name, tt := range map[string]struct {
		with     object
		status   int
		code, at string
	}{
		"an unknown member":                      {object{"colour": "red"}, 422, "unknown_member", "body.colour"},
		"an unknown member deep inside":          {object{"recipients": []any{person(object{"phone": "1"})}}, 422, "unknown_member", "body.recipients[0].phone"},
		"a recipient without an address":         {object{"recipients": []any{object{"name": "Ada"}}}, 422, "email_missing", "body.recipients[0].email"},
		"a recipient without a name":             {object{"recipients": []any{object{"email": "ada@example.com"}}}, 422, "name_missing", "body.recipients[0].name"},
		"an address that is none":                {object{"recipients": []any{person(object{"email": "ada"})}}, 422, "email_invalid", "body.recipients[0].email"},
		"a line break in a name":                 {object{"recipients": []any{person(object{"name": "Ada\r\nBcc: eve@example.net"})}}, 422, "control_character", "body.recipients[0].name"},
		"a line break in the title":              {object{"title": "Rent\r\nBcc: eve@example.net"}, 422, "control_character", "body.title"},
		"no title":                               {object{"title": " "}, 422, "title_missing", "body.title"},
		"the same person twice in a step":        {object{"recipients": []any{person(nil), person(nil)}, "fields": nil}, 422, "recipient_twice_in_step", "body.recipients[1].email"},
		"a step below one":                       {object{"recipients": []any{person(object{"step": -1})}}, 422, "invalid_request", "body.recipients[0].step"},
		"a step that no envelope has":            {object{"recipients": []any{person(object{"step": 101})}, "fields": nil}, 422, "step_out_of_range", "body.recipients[0].step"},
		"two quorums of a step":                  {object{"quorums": []any{object{"step": 1, "need": 1}, object{"step": 1, "need": 1}}}, 422, "quorum_twice", "body.quorums[1].step"},
		"a quorum of more than there are":        {object{"quorums": []any{object{"step": 1, "need": 2}}}, 422, "quorum_out_of_range", "body.quorums[0].need"},
		"an unknown role":                        {object{"recipients": []any{person(object{"role": "king"})}}, 422, "invalid_request", "body.recipients[0].role"},
		"a time zone that is none":               {object{"recipients": []any{person(object{"zone": "Mars/Base"})}, "fields": nil}, 422, "zone_unknown", "body.recipients[0].zone"},
		"two recipients with one ref":            {object{"recipients": []any{person(object{"ref": "x"}), person(object{"ref": "x", "step": 2})}}, 422, "ref_twice", "body.recipients[1].ref"},
		"a field outside its page":               {object{"fields": []any{field(object{"x": 540})}}, 422, "field_outside_page", "body.fields[0].page"},
		"a field on a page that is not there":    {object{"fields": []any{field(object{"page": 2})}}, 422, "field_outside_page", "body.fields[0].page"},
		"a field of nobody":                      {object{"fields": []any{field(object{"recipient": "landlord"})}}, 422, "field_recipient_unknown", "body.fields[0].recipient"},
		"a field of the second of one":           {object{"fields": []any{field(object{"recipient": 2})}}, 422, "field_recipient_unknown", "body.fields[0].recipient"},
		"a field on another document":            {object{"fields": []any{field(object{"document": id.New(id.Document)})}}, 422, "field_document_unknown", "body.fields[0].document"},
		"a document that is not there":           {object{"documents": []any{id.New(id.Document)}}, 422, "document_unknown", "body.documents[0]"},
		"a document of another team":             {object{"documents": []any{s.sandbox.document()}}, 422, "document_unknown", "body.documents[0]"},
		"the same document twice":                {object{"documents": []any{base["documents"].([]any)[0], base["documents"].([]any)[0]}}, 422, "document_twice", "body.documents[1]"},
		"sending without a signer":               {object{"send": true, "fields": nil, "recipients": []any{person(object{"role": "viewer"})}}, 422, "signer_missing", "body.recipients"},
		"sending without a document":             {object{"send": true, "fields": nil, "documents": nil}, 422, "document_missing", "body.documents"},
		"reminders by the second":                {object{"reminders": object{"first_after": "1s"}}, 422, "reminders_invalid", "body.reminders.first_after"},
		"a duration that is none":                {object{"expires_after": "soon"}, 422, "duration_invalid", "body.expires_after"},
		"an expiry in ten years":                 {object{"expires_after": "87600h"}, 422, "lifetime_out_of_range", "body.expires_after"},
		"text where a list belongs":              {object{"recipients": "ada@example.com"}, 422, "invalid_request", "body.recipients"},
		"a field's recipient that is a fraction": {object{"fields": []any{field(object{"recipient": 1.5})}}, 422, "invalid_request", "body.fields[0].recipient"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.post("/v1/envelopes", merged(base, tt.with)).refused(tt.status, tt.code)
			if where := got.text("errors", 0, "location"); where != tt.at {
				t.Errorf("it speaks of %q, want %q: %s", where, tt.at, got.Body)
			}
			if bytes.Contains(got.Body, []byte("eve@example.net")) || bytes.Contains(got.Body, []byte("Mars")) {
				t.Errorf("it repeats what was sent: %s", got.Body)
			}
		})
	}
	if left := len(c.get("/v1/envelopes").want(200).at("envelopes").([]any)); left != 0 || len(s.desk.heard) != 0 {
		t.Fatalf("%d envelopes were left, the desk heard %q", left, s.desk.heard)
	}
}

func TestWrongUploadsAreRefusedByCode(t *testing.T) {
	s := open(t, func(c *api.Config) { c.MaxUpload = 1 << 20 })
	for name, tt := range map[string]struct {
		file   []byte
		status int
		code   string
	}{
		"no PDF":                       {[]byte("Dear Sir or Madam"), 422, "not_a_pdf"},
		"an encrypted PDF":             {encrypted(), 422, "pdf_encrypted"},
		"an empty file":                {nil, 422, "document_empty"},
		"a file of a byte too many":    {padded(1<<20 + 1), 413, "document_too_large"},
		"a file of far too many bytes": {padded(2 << 20), 413, "document_too_large"},
	} {
		t.Run(name, func(t *testing.T) { s.sandbox.upload("a.pdf", tt.file).refused(tt.status, tt.code) })
	}
	s.sandbox.upload("a.pdf", padded(1<<20)).want(201)
	s.sandbox.post("/v1/documents", object{}).refused(422, "file_missing")
}

// padded is a PDF of so many bytes.
func padded(size int) []byte {
	return onePage("/Pad(" + strings.Repeat("x", size-len(onePage("/Pad()"))) + ")")
}

func TestAFileNameKeepsNothingThatCannotBeSeen(t *testing.T) {
	s := open(t)
	got := s.sandbox.upload("../..//agree\u202ement\u200b.pdf", onePage("")).want(201)
	if got.text("name") != "agreement.pdf" {
		t.Fatalf("it is called %q", got.text("name"))
	}
	if s.sandbox.upload("", onePage("")).want(201).text("name") != "document.pdf" {
		t.Fatal("a file without a name has none")
	}
}

func TestBodiesThatAreNotWhatTheySay(t *testing.T) {
	s := open(t)
	c := s.sandbox
	c.post("/v1/envelopes", `{"title":`).refused(400, "invalid_json")
	c.post("/v1/envelopes", `{"title":"secret words"} trailing`).refused(400, "invalid_json")
	c.post("/v1/envelopes", nil).refused(400, "invalid_json")
	c.post("/v1/envelopes", `title=a`, header{"Content-Type", "application/x-www-form-urlencoded"}).refused(415, "unsupported_media_type")
	c.post("/v1/envelopes", `{"title":"`+strings.Repeat("x", 1<<20)+`"}`).refused(413, "body_too_large")
	c.get("/v1/nothing").refused(404, "route_missing")
	c.call("PUT", "/v1/team", object{}).refused(405, "method_not_allowed")
}

func TestKeysThatOpenNothing(t *testing.T) {
	s := open(t)
	var first []byte
	for name, sent := range map[string]string{
		"none":          "",
		"unknown":       "Bearer ck_test_unknown",
		"another word":  "Basic " + s.sandbox.key,
		"without words": s.sandbox.key,
	} {
		stranger := caller{scene: s}
		var headers []header
		if sent != "" {
			headers = []header{{"Authorization", sent}}
		}
		got := stranger.call("GET", "/v1/team", nil, headers...).refused(401, "unauthorized")
		if got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
		body := bytes.ReplaceAll(got.Body, []byte(got.Header.Get("X-Request-Id")), nil)
		if first == nil {
			first = body
		}
		if !bytes.Equal(body, first) {
			t.Errorf("%s is told apart: %s", name, body)
		}
	}
	if got := (caller{scene: s, key: s.sandbox.key}).get("/v1/team").want(200); got.text("kind") != "sandbox" {
		t.Fatalf("the good key is %s", got.Body)
	}
}

func TestWhatBelongsToAnotherTeamIsAnsweredLikeWhatIsNotThere(t *testing.T) {
	s := open(t)
	foreign, ada := s.sandbox.created(object{"send": true})
	doc := s.sandbox.document()
	hook := s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook"}).want(201).text("id")
	swap := strings.NewReplacer(foreign, id.New(id.Envelope), ada, id.New(id.Recipient), doc, id.New(id.Document), hook, id.New(id.Endpoint))
	heard := len(s.desk.heard)
	env, one := "/v1/envelopes/"+foreign, "/v1/webhook-endpoints/"+hook
	for _, r := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/v1/documents/" + doc, nil},
		{"GET", env, nil},
		{"PUT", env, object{"title": "Mine"}},
		{"PATCH", env, object{"title": "Mine"}},
		{"DELETE", env, nil},
		{"POST", env + "/send", nil},
		{"POST", env + "/void", object{"reason": "No."}},
		{"POST", env + "/resend", nil},
		{"POST", env + "/recipients", object{"name": "Eve", "email": "eve@example.net"}},
		{"PATCH", env + "/recipients/" + ada, object{"email": "eve@example.net"}},
		{"DELETE", env + "/recipients/" + ada, nil},
		{"POST", env + "/recipients/" + ada + "/signing-link", nil},
		{"POST", env + "/fields", object{"recipient": 1, "page": 1, "kind": "text", "x": 1, "y": 1, "width": 9, "height": 9}},
		{"PATCH", env + "/fields/" + id.New(id.Field), object{"x": 1}},
		{"DELETE", env + "/fields/" + id.New(id.Field), nil},
		{"GET", env + "/documents/" + doc + "/current", nil},
		{"GET", env + "/documents/" + doc + "/final", nil},
		{"GET", env + "/audit-trail", nil},
		{"GET", env + "/audit-trail.pdf", nil},
		{"DELETE", one, nil},
		{"POST", one + "/rotate-secret", nil},
		{"POST", one + "/enable", nil},
		{"GET", one + "/deliveries", nil},
		{"POST", one + "/replay", object{"since": "2026-01-01T00:00:00Z"}},
	} {
		theirs := s.production.call(r.method, r.path, r.body).want(404)
		nobodys := s.production.call(r.method, swap.Replace(r.path), r.body).want(404)
		if !bytes.Equal(theirs.Body, nobodys.Body) || !sameHeaders(theirs.Header, nobodys.Header) {
			t.Errorf("%s %s is told apart:\n%s\n%s", r.method, r.path, theirs.Body, nobodys.Body)
		}
	}
	if len(s.desk.heard) != heard || s.sandbox.get(env).want(200).text("status") != "sent" {
		t.Fatal("another team's envelope was touched")
	}
	if got := s.production.get("/v1/envelopes").want(200); len(got.at("envelopes").([]any)) != 0 {
		t.Fatalf("the list shows another team's: %s", got.Body)
	}
	if got := s.production.get("/v1/events").want(200); len(got.at("events").([]any)) != 0 {
		t.Fatalf("the feed shows another team's: %s", got.Body)
	}
}

// sameHeaders leaves out what counts requests.
func sameHeaders(a, b http.Header) bool {
	for name := range a {
		if name != "X-Request-Id" && name != "Ratelimit" && a.Get(name) != b.Get(name) {
			return false
		}
	}
	return len(a) == len(b)
}

func merged(base, with object) object {
	whole := object{}
	for _, part := range []object{base, with} {
		for name, value := range part {
			whole[name] = value
		}
	}
	return whole
}
