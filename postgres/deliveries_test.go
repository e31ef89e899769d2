package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"chancery/activities"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/webhooks"
)

func TestTheLogShowsEveryAttempt(t *testing.T) {
	s := newScene(t)
	e := s.newEndpoint(t)
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend).Deliveries
	retry, delivered := outcome(out[0], noon, webhooks.Retry), outcome(out[0], noon.Add(time.Minute), webhooks.Delivered)
	must(t, s.Told(ctx, nil, []activities.Attempt{retry}))
	must(t, s.Told(ctx, nil, []activities.Attempt{delivered}))
	newest, next, err := s.Deliveries(ctx, s.team.ID, e.ID, "", 1)
	must(t, err)
	oldest, last, err := s.Deliveries(ctx, s.team.ID, e.ID, next, 1)
	must(t, err)
	if len(newest) != 1 || newest[0].ID != out[1].ID || newest[0].Status != postgres.DeliveryPending || last != "" {
		t.Errorf("newest is %+v, then %q", newest, last)
	}
	want := []postgres.Delivery{{ID: out[0].ID, EventID: out[0].Event.EventID, EventType: envelope.EventSent, Envelope: s.draft.ID, Status: postgres.Delivered, CreatedAt: noon,
		Attempts: []postgres.Attempt{
			{ID: retry.ID, Number: 1, At: noon, Took: 80 * time.Millisecond, Status: 500, Verdict: webhooks.Retry, Next: retry.Next, Excerpt: "oops", Error: "It answered 500."},
			{ID: delivered.ID, Number: 1, At: noon.Add(time.Minute), Took: 80 * time.Millisecond, Status: 500, Verdict: webhooks.Delivered, Excerpt: "oops", Error: "It answered 500."},
		}}}
	if diff := cmp.Diff(want, oldest); diff != "" {
		t.Error(diff)
	}
	if foreign, _, err := s.Deliveries(ctx, "tm_other", e.ID, "", 1); err != nil || len(foreign) != 0 {
		t.Errorf("another team sees %v: %v", foreign, err)
	}
}

func TestEventsAreReplayed(t *testing.T) {
	s := newScene(t)
	old := s.newEndpoint(t)
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend).Deliveries
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(out[0], noon, webhooks.Delivered)}))
	young := s.newEndpoint(t, "envelope.sent")
	sentEvent := out[0].Event.EventID
	for name, tt := range map[string]struct {
		endpoint string
		which    postgres.Replay
		want     []string
	}{
		"one that was delivered":                {old.ID, postgres.Replay{Events: []string{sentEvent}}, []string{out[0].ID}},
		"one that is pending goes on as it is":  {old.ID, postgres.Replay{Events: []string{out[1].Event.EventID}}, nil},
		"a younger endpoint gets what it wants": {young.ID, postgres.Replay{Since: noon.Add(-time.Hour)}, []string{sentEvent + "." + young.ID}},
		"before the first there is nothing":     {old.ID, postgres.Replay{Until: noon}, nil},
		"an unknown event is nobody's":          {old.ID, postgres.Replay{Events: []string{"evt_never"}}, nil},
		"what is pending is not missed yet":     {old.ID, postgres.Replay{Since: noon.Add(-time.Hour), Missed: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := s.Redeliver(ctx, s.team.ID, tt.endpoint, tt.which)
			must(t, err)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			for _, id := range got {
				if d, err := s.Delivery(ctx, id); err != nil || d.Finished || d.Attempts != 0 {
					t.Errorf("delivery is %+v: %v", d, err)
				}
			}
		})
	}
	_, err := s.Redeliver(ctx, "tm_other", old.ID, postgres.Replay{Since: noon})
	mustBe(t, err, "endpoint_missing")
	_, err = s.Redeliver(ctx, s.team.ID, old.ID, postgres.Replay{})
	mustBe(t, err, "replay_empty")
}

// One event arrives, one is given up, one happens while the endpoint is disabled, and
// one happened before there was an endpoint.
func TestWhatAnEndpointMissedIsRecovered(t *testing.T) {
	s := newScene(t)
	s.send(t, s.draft)
	e := postgres.Endpoint{ID: "we_missed", URL: "https://example.com/hook", Secrets: []postgres.Secret{{Value: newSecret(t)}}, CreatedAt: noon.Add(time.Minute)}
	must(t, s.CreateEndpoint(ctx, s.team.ID, e))
	at := noon.Add(time.Hour)
	var missed []string
	for _, verdict := range []webhooks.Verdict{webhooks.Delivered, webhooks.Gone} {
		c := s.corrected(t, at)
		out := s.untold(t, c).Deliveries
		missed = append(missed, out[0].ID)
		must(t, s.Told(ctx, nil, []activities.Attempt{outcome(out[0], at, verdict)}))
		at = at.Add(time.Minute)
	}
	s.corrected(t, at)
	must(t, s.EnableEndpoint(ctx, s.team.ID, e.ID))
	got, err := s.Redeliver(ctx, s.team.ID, e.ID, postgres.Replay{Since: noon.Add(-time.Hour), Missed: true})
	must(t, err)
	if len(got) != 2 || got[0] != missed[1] {
		t.Fatalf("recovered %v, of %v and one that was never tried", got, missed)
	}
	again, err := s.Redeliver(ctx, s.team.ID, e.ID, postgres.Replay{Since: noon.Add(-time.Hour), Missed: true})
	if err != nil || len(again) != 0 {
		t.Fatalf("recovered again: %v, %v", again, err)
	}
}

// corrected changes the first recipient's name, which is one event, and returns the change's id.
func (s scene) corrected(t testing.TB, at time.Time) string {
	t.Helper()
	e := s.read(t, s.draft.ID)
	ada := e.Recipients[0]
	c, err := e.Correct(envelope.Correction{ID: id.New(id.Act), By: sam, Recipient: ada.ID,
		Person: envelope.Person{Name: ada.Person.Name + " I", Email: ada.Person.Email}}, at)
	must(t, err)
	must(t, s.Commit(ctx, c))
	return c.ID
}

func TestADeliveryIsSeenWithItsBody(t *testing.T) {
	s := newScene(t)
	e := s.newEndpoint(t)
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend).Deliveries
	d, body, err := s.Logged(ctx, s.team.ID, e.ID, out[0].ID)
	must(t, err)
	if d.ID != out[0].ID || d.EventType != envelope.EventSent || string(body) != string(out[0].Event.Body) {
		t.Errorf("it is %+v with %s", d, body)
	}
	for _, of := range [][2]string{{"tm_other", e.ID}, {s.team.ID, "we_other"}} {
		_, _, err := s.Logged(ctx, of[0], of[1], out[0].ID)
		mustBe(t, err, "delivery_missing")
	}
}

func TestADeletedEndpointIsGoneWithItsLog(t *testing.T) {
	s := newScene(t)
	e := s.newEndpoint(t)
	s.send(t, s.draft)
	mustBe(t, s.DeleteEndpoint(ctx, "tm_other", e.ID), "endpoint_missing")
	must(t, s.DeleteEndpoint(ctx, s.team.ID, e.ID))
	if left := s.untold(t, envelope.ChangeSend); len(left.Deliveries) != 0 {
		t.Fatalf("left are %v", left.Deliveries)
	}
}

func TestEndpointsComeAndGoBesideCommits(t *testing.T) {
	s := newScene(t)
	drafts := []envelope.Envelope{s.draft}
	for range 19 {
		drafts = append(drafts, s.newDraft(t, s.team))
	}
	for _, err := range atOnce(40, func(i int) error {
		if i%2 == 1 {
			e := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://x.example", CreatedAt: noon}
			if err := s.CreateEndpoint(ctx, s.team.ID, e); err != nil {
				return err
			}
			return s.DeleteEndpoint(ctx, s.team.ID, e.ID)
		}
		change, err := drafts[i/2].Send(sam, envelope.Origin{}, noon)
		if err != nil {
			return err
		}
		return s.Commit(ctx, change)
	}) {
		must(t, err)
	}
}

func TestADeliveryThatWaitsForItsTurnShowsWhenThatIs(t *testing.T) {
	s := newScene(t)
	endpoint := s.newEndpoint(t).ID
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend)
	first := out.Deliveries[0]
	if first.Team != s.team.ID || !first.Sandbox {
		t.Errorf("the turn is that of %s, a sandbox: %v", first.Team, first.Sandbox)
	}
	until := noon.Add(time.Hour)
	must(t, s.Postponed(ctx, []activities.Wait{{Delivery: first.ID, For: time.Hour, Until: until}, {Delivery: out.Deliveries[1].ID}}))
	shown := func() map[string]time.Time {
		found, _, err := s.Deliveries(ctx, s.team.ID, endpoint, "", 100)
		must(t, err)
		next := map[string]time.Time{}
		for _, d := range found {
			next[d.ID] = d.NextAt
		}
		return next
	}
	if got := shown(); !got[first.ID].Equal(until) || !got[out.Deliveries[1].ID].IsZero() {
		t.Errorf("it shows %v", got)
	}
	failed := activities.Attempt{ID: id.New(id.Attempt), Delivery: first.ID, Endpoint: endpoint, Number: 1, At: noon, Next: noon.Add(time.Minute), Outcome: webhooks.Outcome{Verdict: webhooks.Retry}}
	must(t, s.Told(ctx, nil, []activities.Attempt{failed}))
	if got := shown()[first.ID]; !got.Equal(failed.Next) {
		t.Errorf("after an attempt it shows %s", got)
	}
}
