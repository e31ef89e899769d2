package api_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestTheSameKeyAndBodyAreOneRequest(t *testing.T) {
	s := open(t)
	wanted, key := s.sandbox.draft(), header{"Idempotency-Key", "rental-4711"}
	wanted["send"] = true
	first := s.sandbox.post("/v1/envelopes", wanted, key).want(201)
	if first.Header.Get("Idempotency-Replayed") != "" {
		t.Fatal("the first reply says that it is a repeat")
	}
	again := s.sandbox.post("/v1/envelopes", wanted, key).want(201)
	if !bytes.Equal(first.Body, again.Body) || again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Fatalf("first %s\nthen %s with %v", first.Body, again.Body, again.Header)
	}
	wanted["title"] = "Another"
	s.sandbox.post("/v1/envelopes", wanted, key).refused(409, "idempotency_key_reused")
	s.sandbox.post("/v1/envelopes/"+first.text("id")+"/void", object{"reason": "No."}, key).refused(409, "idempotency_key_reused")
	if n := len(s.sandbox.get("/v1/envelopes").at("envelopes").([]any)); n != 1 || !slices.Equal(s.desk.heard, []string{"send"}) {
		t.Fatalf("%d envelopes, the desk heard %q", n, s.desk.heard)
	}
}

func TestARefusalIsRepeatedToo(t *testing.T) {
	s := open(t)
	key := header{"Idempotency-Key", "k"}
	first := s.sandbox.post("/v1/envelopes", object{"title": ""}, key).refused(422, "title_missing")
	again := s.sandbox.post("/v1/envelopes", object{"title": ""}, key).refused(422, "title_missing")
	if !bytes.Equal(first.Body, again.Body) {
		t.Fatalf("first %s then %s", first.Body, again.Body)
	}
}

func TestTeamsDoNotShareKeys(t *testing.T) {
	s := open(t)
	key := header{"Idempotency-Key", "1"}
	one := s.sandbox.post("/v1/envelopes", object{"title": "Same"}, key).want(201).text("id")
	two := s.production.post("/v1/envelopes", object{"title": "Same"}, key).want(201).text("id")
	if one == two {
		t.Fatal("two teams got one envelope")
	}
}

func TestAfterAFailureOfOursTheSameKeyFindsWhatTheFirstTryMade(t *testing.T) {
	s := open(t)
	wanted, key := s.sandbox.draft(), header{"Idempotency-Key", "once"}
	wanted["send"] = true
	s.desk.broken = errors.New("the answer was lost")
	s.sandbox.post("/v1/envelopes", wanted, key).refused(500, "internal")
	s.desk.broken = nil
	got := s.sandbox.post("/v1/envelopes", wanted, key).want(201)
	// The workflow is asked again, for the power may have failed before it knew.
	if got.text("status") != "sent" || !slices.Equal(s.desk.heard, []string{"send", "send"}) {
		t.Fatalf("got %s, the desk heard %q", got.Body, s.desk.heard)
	}
	if n := len(s.sandbox.get("/v1/envelopes").at("envelopes").([]any)); n != 1 {
		t.Fatalf("there are %d envelopes", n)
	}
}

func TestOfManyAtOnceOneTakesEffect(t *testing.T) {
	s := open(t)
	wanted, key := s.sandbox.draft(), header{"Idempotency-Key", "race"}
	var all sync.WaitGroup
	replies := make([]reply, 8)
	for i := range replies {
		all.Go(func() { replies[i] = s.sandbox.post("/v1/envelopes", wanted, key) })
	}
	all.Wait()
	for _, r := range replies {
		if r.Status != 201 {
			r.refused(409, "idempotency_in_progress")
		}
	}
	if n := len(s.sandbox.get("/v1/envelopes").at("envelopes").([]any)); n != 1 {
		t.Fatalf("there are %d envelopes", n)
	}
}

func TestAnUploadIsTheSameByItsFile(t *testing.T) {
	s := open(t)
	key := header{"Idempotency-Key", "file"}
	first := s.sandbox.upload("a.pdf", onePage(""), key).want(201)
	again := s.sandbox.upload("a.pdf", onePage(""), key).want(201) // under another form boundary
	if first.text("id") != again.text("id") || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("first %s then %s", first.Body, again.Body)
	}
	s.sandbox.upload("a.pdf", onePage("/Other true"), key).refused(409, "idempotency_key_reused")
}

func TestKeysMustBeWritable(t *testing.T) {
	s := open(t)
	for _, key := range []string{strings.Repeat("k", 256), "schlüssel", "a\tb"} {
		s.sandbox.post("/v1/envelopes", object{"title": "A"}, header{"Idempotency-Key", key}).refused(422, "idempotency_key_invalid")
	}
	s.sandbox.post("/v1/envelopes", object{"title": "A"}, header{"Idempotency-Key", strings.Repeat("k", 255)}).want(201)
}
