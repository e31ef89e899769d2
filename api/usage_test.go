package api_test

import (
	"testing"
	"time"

	"chancery/team"
)

func TestUsageCountsWhatWasSentAndTestsApart(t *testing.T) {
	s := open(t)
	for _, c := range []caller{s.sandbox, s.production, s.production} {
		env, _ := c.created()
		c.post("/v1/envelopes/"+env+"/send", nil).want(200)
	}
	s.production.created() // a draft is not counted
	for _, tt := range []struct {
		who         caller
		count       float64
		of, without string
	}{{s.sandbox, 1, "test_documents", "documents"}, {s.production, 2, "documents", "test_documents"}} {
		got := tt.who.get("/v1/usage").want(200)
		if teams := got.at("teams").([]any); len(teams) != 1 {
			t.Fatalf("it shows %d teams", len(teams))
		}
		if month := got.text("month"); month != time.Now().UTC().Format("2006-01") {
			t.Errorf("the month is %s", month)
		}
		if n := got.at("teams", 0, tt.of); n != tt.count {
			t.Errorf("%s: %v, want %v", tt.of, n, tt.count)
		}
		if n := got.at("teams", 0, tt.without); n != 0.0 {
			t.Errorf("%s: %v, want none", tt.without, n)
		}
	}
	if n := s.production.get("/v1/usage?month=2020-01").want(200).at("teams", 0, "envelopes"); n != 0.0 {
		t.Errorf("years ago it was %v", n)
	}
	s.production.get("/v1/usage?month=march").refused(422, "month_invalid")
}

func TestThePlansLimitIsAPoliteRefusalAndTheDraftIsKept(t *testing.T) {
	s := open(t)
	s.subscribe(s.production, 1)
	first, _ := s.production.created()
	second, _ := s.production.created()
	s.production.post("/v1/envelopes/"+first+"/send", nil).want(200)
	s.production.post("/v1/envelopes/"+second+"/send", nil).refused(403, "plan_limit_reached")
	if got := s.production.get("/v1/envelopes/" + second).want(200).text("status"); got != "draft" {
		t.Errorf("the draft is %s", got)
	}
	s.subscribe(s.production, 2)
	s.production.post("/v1/envelopes/"+second+"/send", nil).want(200)
}

// subscribe gives the caller's organisation a plan of so many documents a month.
func (s *scene) subscribe(c caller, documents int) {
	s.t.Helper()
	of := c.get("/v1/team").want(200).text("organisation")
	must(s.t, s.store.Subscribe(s.t.Context(), team.Subscription{Organisation: of, Plan: "small", MonthlyDocuments: documents, Since: time.Now().Add(-time.Hour)}))
}
