package api_test

import (
	"bytes"
	"strings"
	"testing"

	"chancery/audit"
	"chancery/id"
)

func TestPapersComeAsFiles(t *testing.T) {
	s := open(t)
	env, _ := s.sandbox.created(object{"send": true})
	one := "/v1/envelopes/" + env
	doc := s.sandbox.get(one).text("documents", 0, "id")

	got := s.sandbox.get(one + "/documents/" + doc + "/current").want(200)
	if string(got.Body) != "%PDF-current "+doc || got.Header.Get("Content-Type") != "application/pdf" ||
		got.Header.Get("Content-Disposition") != `attachment; filename=agreement.pdf` {
		t.Fatalf("got %q with %v", got.Body, got.Header)
	}
	s.sandbox.get(one+"/documents/"+doc+"/final").refused(409, "envelope_not_completed")
	s.sandbox.get(one+"/documents/"+id.New(id.Document)+"/current").refused(404, "document_missing")
	if got := s.sandbox.get(one + "/audit-trail.pdf").want(200); string(got.Body) != "%PDF-audit "+env {
		t.Fatalf("got %q", got.Body)
	}
}

func TestTheAuditTrailChecksWithoutTheHub(t *testing.T) {
	s := open(t)
	env, _ := s.sandbox.created(object{"send": true})
	trail := s.sandbox.get("/v1/envelopes/" + env + "/audit-trail").want(200)
	must(t, audit.VerifyJSON(bytes.NewReader(trail.Body)))
	forged := strings.Replace(string(trail.Body), "envelope.sent", "envelope.kept", 1)
	if audit.VerifyJSON(strings.NewReader(forged)) == nil {
		t.Fatal("a forged trail checks as well")
	}
}

func TestADocumentsNameCannotAddHeaders(t *testing.T) {
	s := open(t)
	doc := s.sandbox.upload(`Vertrag "Köln".pdf`, onePage("")).want(201).text("id")
	env, _ := s.sandbox.created(object{"documents": []any{doc}})
	got := s.sandbox.get("/v1/envelopes/" + env + "/documents/" + doc + "/current").want(200)
	if got.Header.Get("Content-Disposition") != `attachment; filename*=utf-8''Vertrag%20%22K%C3%B6ln%22.pdf` {
		t.Fatalf("got %q", got.Header.Get("Content-Disposition"))
	}
}
