package api_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/activities"
	"chancery/client"
	"chancery/connectors"
	"chancery/envelope"
	"chancery/postgres"
	"chancery/webhooks"
)

// serve opens the scene's API at an address of this machine.
func (s *scene) serve() string {
	s.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handler.ServeHTTP(w, r.WithContext(postgres.Guard(r.Context())))
	}))
	s.t.Cleanup(server.Close)
	return server.URL
}

func (s *scene) client(c caller) *client.Client { s.t.Helper(); return client.New(s.serve(), c.key) }

func TestAnEnvelopeIsCarriedToItsEndWithTheClient(t *testing.T) {
	s := open(t)
	ctx, hub := t.Context(), s.client(s.sandbox)
	document, err := hub.Upload(ctx, "agreement.pdf", bytes.NewReader(onePage("")))
	must(t, err)
	draft, err := hub.Create(ctx, client.NewEnvelope{
		Title: "Rental agreement", Documents: []string{document.ID}, Reminders: &client.Reminders{FirstAfter: "72h"},
		Recipients: []client.NewParty{{Ref: "tenant", Name: "Ada Lovelace", Email: "ada@example.com"}},
		Fields:     []client.NewField{{Recipient: "tenant", Page: 1, Kind: "signature", X: 60, Y: 640, Width: 200, Height: 60}},
	})
	must(t, err)
	sent, err := hub.Send(ctx, draft.ID)
	must(t, err)
	if sent.Status != "sent" || len(sent.Outlook.Waiting) != 1 || sent.Outlook.Waiting[0] != sent.Recipients[0].ID {
		t.Fatalf("it is %+v", sent)
	}
	must(t, s.desk.change(sent.ID, "sign", func(e envelope.Envelope) (envelope.Change, error) {
		return e.Record(envelope.Act{ID: "act_1", Envelope: e.ID, Recipient: e.Recipients[0].ID, Kind: envelope.Sign,
			Ink: envelope.Ink{Typed: "Ada"}, Values: map[string]string{e.Fields[0].ID: "signed"}}, time.Now())
	}))
	must(t, s.desk.change(sent.ID, "seal", func(e envelope.Envelope) (envelope.Change, error) { return e.Complete(time.Now()) }))
	ended, err := hub.Get(ctx, sent.ID)
	must(t, err)
	final, err := hub.Final(ctx, sent.ID, document.ID)
	must(t, err)
	trail, err := hub.Trail(ctx, sent.ID)
	must(t, err)
	if ended.Status != "completed" || ended.EndedAt.IsZero() || string(final) != "%PDF-final "+document.ID || string(trail) != "%PDF-audit "+sent.ID {
		t.Errorf("it is %+v, with %s and %s", ended, final, trail)
	}
	_, err = hub.Void(ctx, sent.ID, "Too late.")
	if !client.Is(err, "envelope_ended") {
		t.Errorf("voided after the end: %v", err)
	}
	if _, err := client.New(hub.Address, "ck_test_eu_wrong").Get(ctx, sent.ID); !client.Is(err, "unauthorized") {
		t.Errorf("with a wrong key: %v", err)
	}
}

func TestTheClientGoesThroughAllPages(t *testing.T) {
	s := open(t)
	hub := s.client(s.sandbox)
	var made, seen []string
	for range 5 {
		id, _ := s.sandbox.created()
		made = append(made, id)
	}
	for e, err := range hub.List(t.Context(), client.Filter{Status: "draft", PerPage: 2}) {
		must(t, err)
		seen = append(seen, e.ID)
	}
	slices.Reverse(seen)
	if !slices.Equal(made, seen) {
		t.Errorf("%q were made and %q seen", made, seen)
	}
	for range hub.List(t.Context(), client.Filter{PerPage: 2}) {
		break // asks for no other page
	}
	var failed error
	for _, failed = range hub.List(t.Context(), client.Filter{Status: "lost"}) {
	}
	if !client.Is(failed, "invalid_request") {
		t.Errorf("a wrong filter: %v", failed)
	}
}

func TestWebhooksAreLookedAfterWithTheClient(t *testing.T) {
	s := open(t)
	ctx, hub := t.Context(), s.client(s.sandbox)
	var secret string
	var heard []client.Event
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		event, err := client.VerifyWebhook(r.Header, body.Bytes(), time.Now(), secret)
		if err != nil {
			t.Error(err)
		}
		heard = append(heard, event)
	}))
	defer receiver.Close()
	made, err := hub.AddEndpoint(ctx, client.NewEndpoint{URL: receiver.URL})
	must(t, err)
	secret = made.Secret
	trial, err := hub.TestEndpoint(ctx, made.ID)
	if err != nil || !trial.Delivered || len(heard) != 1 || heard[0].Type != "webhook.test" || heard[0].ID != trial.Event {
		t.Fatalf("tried: %+v, %v; heard %+v", trial, err, heard)
	}
	s.sandbox.created(object{"send": true})
	var all []client.Delivery
	for d, err := range hub.Deliveries(ctx, made.ID) {
		must(t, err)
		all = append(all, d)
	}
	if len(all) != 2 || all[1].Type != "envelope.sent" {
		t.Fatalf("the deliveries are %+v", all)
	}
	must(t, s.store.Told(ctx, nil, []activities.Attempt{{ID: "att_1", Delivery: all[1].ID, Number: 1, At: time.Now(), Outcome: webhooks.Outcome{Status: 500, Verdict: webhooks.Retry}}}))
	one, err := hub.Delivery(ctx, made.ID, all[1].ID)
	if err != nil || one.Status != "failed" || one.Attempts[0].Status != 500 || !strings.Contains(string(one.Request.Body), `"envelope.sent"`) {
		t.Errorf("one is %+v, %v", one, err)
	}
	again, err := hub.Replay(ctx, made.ID, client.Replay{Since: time.Now().Add(-time.Hour), Missed: true})
	if err != nil || !slices.Equal(again, []string{all[1].ID}) {
		t.Errorf("recovered %q, %v", again, err)
	}
	rotated, err := hub.RotateSecret(ctx, made.ID)
	if err != nil || rotated.Secret == "" || rotated.Secret == secret {
		t.Errorf("rotated: %+v, %v", rotated, err)
	}
	must(t, s.store.DisableEndpoint(ctx, s.teamOf(s.sandbox), made.ID, postgres.WhyGone))
	if list, err := hub.Endpoints(ctx); err != nil || len(list) != 1 || list[0].DisabledReason != "gone" {
		t.Errorf("the endpoints are %+v, %v", list, err)
	}
	if enabled, err := hub.EnableEndpoint(ctx, made.ID); err != nil || !enabled.DisabledAt.IsZero() {
		t.Errorf("enabled: %+v, %v", enabled, err)
	}
	must(t, hub.RemoveEndpoint(ctx, made.ID))
	if err := hub.RemoveEndpoint(ctx, made.ID); !client.Is(err, "endpoint_missing") {
		t.Errorf("removed twice: %v", err)
	}
}

func TestJourneysAreBegunWithTheClient(t *testing.T) {
	s := open(t)
	ctx, hub := t.Context(), s.client(s.sandbox)
	_, mapping := s.sandbox.mapped()
	pressed, err := hub.Press(client.WithIdempotencyKey(ctx, "press-1"), mapping, "1")
	must(t, err)
	same, err := hub.Press(client.WithIdempotencyKey(ctx, "press-1"), mapping, "1")
	must(t, err)
	if pressed.ID != same.ID || pressed.Status != "begun" || pressed.Record != "1" {
		t.Errorf("pressed %+v and %+v", pressed, same)
	}
	brought, err := hub.Bring(ctx, mapping, map[string]any{"Name": "Brought"})
	must(t, err)
	must(t, s.store.Arrive(ctx, pressed.ID, connectors.Attention, "Stage needs a reason."))
	var all []string
	for j, err := range hub.Journeys(ctx, "attention") {
		must(t, err)
		all = append(all, j.ID+" "+j.Words)
	}
	if !slices.Equal(all, []string{pressed.ID + " Stage needs a reason."}) {
		t.Errorf("attention is needed for %q", all)
	}
	if _, err := hub.RetryJourney(ctx, pressed.ID, ""); err != nil {
		t.Error(err)
	}
	if j, err := hub.Journey(ctx, brought.ID); err != nil || j.Mapping != mapping {
		t.Errorf("brought %+v, %v", j, err)
	}
}

// What the client reads and writes is in the contract under the same names.
func TestTheClientKnowsOnlyMembersThatThereAre(t *testing.T) {
	shapes := open(t).sandbox.contract.Components.Schemas.Map()
	for _, known := range []struct {
		of     any
		shapes []string
	}{
		{client.Document{}, []string{"Document"}}, {client.NewEnvelope{}, []string{"NewEnvelope"}}, {client.NewParty{}, []string{"Addressee"}},
		{client.NewField{}, []string{"Place"}}, {client.Quorum{}, []string{"Quorum"}}, {client.Reminders{}, []string{"Reminders"}},
		{client.Envelope{}, []string{"Envelope"}}, {client.Recipient{}, []string{"Recipient"}}, {client.Outlook{}, []string{"Outlook"}},
		{client.Endpoint{}, []string{"EndpointSecret"}}, {client.NewEndpoint{}, []string{"NewEndpoint"}}, {client.Delivery{}, []string{"DeliveryInFull"}},
		{client.Attempt{}, []string{"Attempt"}}, {client.DeliveryRequest{}, []string{"DeliveryRequest"}}, {client.Trial{}, []string{"TrialOutcome"}},
		{client.Replay{}, []string{"Replay"}}, {client.Journey{}, []string{"Journey"}}, {client.Problem{}, []string{"Problem"}},
		{client.About{}, []string{"ToldData"}},
	} {
		kind := reflect.TypeOf(known.of)
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			shape := shapes[known.shapes[0]]
			if shape == nil || name != "-" && shape.Properties[name] == nil {
				t.Errorf("%s.%s is no member of %s", kind.Name(), name, known.shapes[0])
			}
		}
	}
}
