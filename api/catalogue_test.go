package api_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"chancery/envelope"
	"chancery/id"
	"chancery/webhooks"
)

const committedEvents = "../docs/events.schema.json"

func TestTheCommittedCatalogueOfEventsIsTheOneWeServe(t *testing.T) {
	served := (caller{scene: open(t)}).get("/events.schema.json").want(200).Body
	if *update {
		must(t, os.WriteFile(committedEvents, served, 0o644))
	}
	kept, err := os.ReadFile(committedEvents)
	must(t, err)
	if !bytes.Equal(kept, served) {
		t.Fatal("docs/events.schema.json is not what the types say; look at the change, then: go generate ./api")
	}
}

// Everything that can happen to an envelope happens, and what subscribers are told
// of it is held to the schema of its type, and to no other.
func TestEveryEventIsAsTheCatalogueSays(t *testing.T) {
	s := open(t)
	shapes := eventShapes(t, s)
	told := everythingThatHappens(s)
	told[webhooks.TrialEvent] = trialBody(t)
	for _, known := range envelope.EventTypes {
		if told[string(known.Type)] == nil {
			t.Errorf("nothing made %s happen", known.Type)
		}
	}
	for kind, body := range told {
		payload, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		must(t, err)
		if shapes[kind] == nil {
			t.Errorf("%s has no schema", kind)
			continue
		}
		for other, shape := range shapes {
			if err := shape.Validate(payload); (err == nil) != (other == kind) {
				t.Errorf("a payload of %s against the schema of %s: %v\n%s", kind, other, err, body)
			}
		}
	}
	if len(shapes) != len(told) {
		t.Errorf("there are %d schemas and %d events", len(shapes), len(told))
	}
}

// A payload that lacks what its schema needs, or has what it forbids, is refused.
func TestTheCatalogueRefusesWhatIsNoEvent(t *testing.T) {
	shapes := eventShapes(t, open(t))
	for why, body := range map[string]string{
		"no data":        `{"type":"recipient.signed","timestamp":"2026-01-30T09:15:00.250Z"}`,
		"no recipient":   `{"type":"recipient.signed","timestamp":"2026-01-30T09:15:00.250Z","data":{"id":"evt_1","sequence":1,"envelope":{"id":"env_1","team":"tm_1","status":"sent","title":"A","test":true}}}`,
		"a wrong status": `{"type":"recipient.signed","timestamp":"2026-01-30T09:15:00.250Z","data":{"id":"evt_1","sequence":1,"envelope":{"id":"env_1","team":"tm_1","status":"lost","title":"A","test":true},"recipient":{"id":"rcp_1","name":"A","email":"a@example.com","role":"signer","status":"signed"}}}`,
	} {
		payload, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(body)))
		must(t, err)
		if shapes["recipient.signed"].Validate(payload) == nil {
			t.Errorf("%s was taken", why)
		}
	}
}

// The contract describes the same events in its section webhooks.
func TestTheContractTellsWhatIsPostedToEndpoints(t *testing.T) {
	s := open(t)
	for kind := range eventShapes(t, s) {
		item := s.sandbox.contract.Webhooks[kind]
		if item == nil || item.Post == nil || item.Post.RequestBody == nil || len(item.Post.Parameters) != 3 {
			t.Errorf("the contract does not tell %s in full", kind)
		}
	}
}

// eventShapes are the schemas that the hub serves, by type, in the hands of a validator of others' making.
func eventShapes(t *testing.T, s *scene) map[string]*jsonschema.Schema {
	t.Helper()
	served := (caller{scene: s}).get("/events.schema.json").want(200)
	all, err := jsonschema.UnmarshalJSON(bytes.NewReader(served.Body))
	must(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	must(t, compiler.AddResource("events.schema.json", all))
	shapes := map[string]*jsonschema.Schema{}
	for i := range served.at("oneOf").([]any) {
		ref := served.text("oneOf", i, "$ref")
		shape, err := compiler.Compile("events.schema.json" + ref)
		must(t, err)
		shapes[shape.Title] = shape
	}
	return shapes
}

func trialBody(t *testing.T) []byte {
	t.Helper()
	delivery, _, err := webhooks.Try(t.Context(), webhooks.Policy{}, webhooks.Trial{ID: "evt_1", Endpoint: "we_1", Team: "tm_1"}, "https://127.0.0.1/", time.Now())
	must(t, err)
	return delivery.Body
}

// everythingThatHappens plays envelopes to their ends and returns a payload of each type.
func everythingThatHappens(s *scene) map[string][]byte {
	s.t.Helper()
	sign := func(e envelope.Envelope, who int, kind envelope.ActKind, at time.Time) (envelope.Change, error) {
		a := envelope.Act{ID: id.New(id.Act), Envelope: e.ID, Recipient: e.Recipients[who].ID, Kind: kind}
		switch kind {
		case envelope.Sign:
			a.Ink = envelope.Ink{Typed: e.Recipients[who].Person.Name}
		case envelope.Decline:
			a.Reason = "The price is wrong."
		case envelope.Delegate:
			a.Reason, a.NewID, a.Delegate = "On holiday.", id.New(id.Recipient), envelope.Person{Name: "Cleo", Email: "cleo@example.com"}
		}
		return e.Record(a, at)
	}
	type step = func(e envelope.Envelope, now time.Time) (envelope.Change, error)
	for _, story := range [][]step{
		{
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return e.Bounce(envelope.Bounce{ID: id.New(id.Act), Recipient: e.Recipients[0].ID, LinkVersion: 1, Reason: "5.1.1 There is no such mailbox."}, now)
			},
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return e.Correct(envelope.Correction{ID: id.New(id.Act), Recipient: e.Recipients[0].ID, Person: envelope.Person{Name: "Ada King", Email: "ada@example.com"}}, now)
			},
			func(e envelope.Envelope, _ time.Time) (envelope.Change, error) { return e.Ring(e.NextAlarm()), nil },
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return sign(e, 0, envelope.Sign, now)
			},
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return sign(e, 2, envelope.Approve, now)
			},
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) { return e.Complete(now) },
		},
		{
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return sign(e, 0, envelope.Delegate, now)
			},
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return e.Void(envelope.Void{ID: id.New(id.Act), Reason: "Withdrawn."}, now)
			},
		},
		{
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return sign(e, 0, envelope.Decline, now)
			},
			func(e envelope.Envelope, now time.Time) (envelope.Change, error) {
				return sign(e, 1, envelope.Decline, now)
			},
		},
		{func(e envelope.Envelope, _ time.Time) (envelope.Change, error) { return e.Ring(e.ExpiresAt), nil }},
	} {
		env := s.manyParties()
		for i, next := range story {
			now := time.Now().Add(time.Duration(i+1) * time.Second)
			must(s.t, s.desk.change(env, "play", func(e envelope.Envelope) (envelope.Change, error) { return next(e, now) }))
		}
	}
	team, told := s.teamOf(s.sandbox), map[string][]byte{}
	for after := ""; ; {
		page, next, err := s.store.Events(context.Background(), []string{team}, "", after, 100)
		must(s.t, err)
		for _, e := range page {
			told[string(e.Type)] = e.Payload
		}
		if len(page) == 0 {
			return told
		}
		after = next
	}
}

// manyParties sends an envelope in which one of two must sign, then somebody approves.
func (s *scene) manyParties() string {
	s.t.Helper()
	env, _ := s.sandbox.created(object{
		"send": true, "reminders": object{"first_after": "24h"}, "quorums": []any{object{"step": 1, "need": 1}},
		"recipients": []any{
			object{"ref": "tenant", "name": "Ada Lovelace", "email": "ada@example.com"},
			object{"name": "Bob", "email": "bob@example.com", "role": "approver"},
			object{"name": "Bob", "email": "bob@example.com", "role": "approver", "step": 2},
		},
	})
	return env
}
