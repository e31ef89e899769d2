package postgres_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/activities"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/webhooks"
)

func (s scene) newEndpoint(t testing.TB, types ...string) postgres.Endpoint {
	t.Helper()
	e := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://hooks.example.com/in", Types: types,
		Secrets: []postgres.Secret{{Value: newSecret(t)}}, CreatedAt: noon}
	must(t, s.CreateEndpoint(ctx, s.team.ID, e))
	return e
}

func newSecret(t testing.TB) string {
	t.Helper()
	secret, err := webhooks.NewSecret(rand.Reader)
	must(t, err)
	return secret.Reveal()
}

func (s scene) untold(t testing.TB, change string) activities.Outgoing {
	t.Helper()
	out, err := s.Untold(ctx, s.draft.ID, []string{change})
	must(t, err)
	return out
}

func (s scene) endpoint(t testing.TB) postgres.Endpoint {
	t.Helper()
	all, err := s.Endpoints(ctx, s.team.ID)
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("%d endpoints", len(all))
	}
	return all[0]
}

// outcome is what came of an attempt of a delivery at that time.
func outcome(d activities.Delivery, at time.Time, verdict webhooks.Verdict) activities.Attempt {
	made := activities.Attempt{ID: id.New(id.Attempt), Delivery: d.ID, Endpoint: d.Endpoint, Number: 1, At: at,
		Outcome: webhooks.Outcome{Status: 500, Took: 80 * time.Millisecond, Verdict: verdict, Excerpt: "oops", Error: "It answered 500."}}
	if verdict == webhooks.Retry {
		made.Next = at.Add(5 * time.Second)
	}
	return made
}

func TestAChangeHasLettersAndDeliveriesToTell(t *testing.T) {
	s := newScene(t)
	all, some := s.newEndpoint(t), s.newEndpoint(t, "envelope.sent", "envelope.completed")
	s.newEndpoint(t, "envelope.completed")
	off := s.newEndpoint(t)
	must(t, s.DisableEndpoint(ctx, s.team.ID, off.ID, postgres.WhyOwner))
	sent := s.send(t, s.draft)

	out := s.untold(t, envelope.ChangeSend)
	if len(out.Letters) != 1 || out.Letters[0].Letter.Recipient != sent.Recipients[0].ID || !out.Letters[0].Written.Equal(noon) {
		t.Errorf("letters are %+v", out.Letters)
	}
	got := map[string]int{}
	for _, d := range out.Deliveries {
		got[d.Endpoint]++
		if d.ID != d.Event.EventID+"."+d.Endpoint || d.Event.URL != all.URL || len(d.Event.Secrets) != 1 || d.Finished {
			t.Errorf("delivery is %+v", d)
		}
	}
	if diff := cmp.Diff(map[string]int{all.ID: 2, some.ID: 1}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsToldIsNotToldAgain(t *testing.T) {
	s := newScene(t)
	s.newEndpoint(t)
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend)
	letter := out.Letters[0].Letter.ID
	first, second := outcome(out.Deliveries[0], noon, webhooks.Delivered), outcome(out.Deliveries[1], noon, webhooks.Retry)
	told := func() {
		must(t, s.Told(ctx, []activities.Sent{{Letter: letter, Status: "sent", At: noon}}, []activities.Attempt{second, first}))
	}
	told()
	told() // an activity that is tried again tells the same
	left := s.untold(t, envelope.ChangeSend)
	if len(left.Letters) != 0 || len(left.Deliveries) != 1 || left.Deliveries[0].ID != second.Delivery || left.Deliveries[0].Attempts != 1 {
		t.Fatalf("left are %+v", left)
	}
	must(t, s.Told(ctx, []activities.Sent{{Letter: letter, Status: "refused", At: noon}}, []activities.Attempt{outcome(out.Deliveries[0], noon, webhooks.Retry)}))
	if l, err := s.Letters(ctx, s.draft.ID); err != nil || l[0].Status != postgres.LetterSent {
		t.Errorf("a sent letter became %v: %v", l, err)
	}
	if d, err := s.Delivery(ctx, first.Delivery); err != nil || !d.Finished {
		t.Errorf("a delivered event is open again: %+v, %v", d, err)
	}
}

func TestALetterThatWaitsSaysWhyAndStaysOpen(t *testing.T) {
	s := newScene(t)
	s.send(t, s.draft)
	letter := s.untold(t, envelope.ChangeSend).Letters[0].Letter.ID
	must(t, s.Told(ctx, []activities.Sent{{Letter: letter, Status: "waiting", Why: "Busy.", At: noon}}, nil))
	l, err := s.Letter(ctx, letter)
	must(t, err)
	if l.Finished || l.Envelope != s.draft.ID {
		t.Errorf("letter is %+v", l)
	}
	all, err := s.Letters(ctx, s.draft.ID)
	must(t, err)
	if all[0].Status != postgres.LetterPending || all[0].Why != "Busy." {
		t.Errorf("letters are %+v", all)
	}
	must(t, s.Told(ctx, []activities.Sent{{Letter: letter, Status: "refused", Why: "No such mailbox.", At: noon}}, nil))
	if l, _ := s.Letter(ctx, letter); !l.Finished {
		t.Error("a refused letter is open")
	}
	_, err = s.Letter(ctx, "never")
	mustBe(t, err, "letter_missing")
	_, err = s.Delivery(ctx, "never")
	mustBe(t, err, "delivery_missing")
}

func TestAnEndpointThatFailsForFiveDaysIsDisabled(t *testing.T) {
	s := newScene(t)
	s.newEndpoint(t)
	s.send(t, s.draft)
	d := s.untold(t, envelope.ChangeSend).Deliveries[0]
	fail := func(at time.Time) {
		must(t, s.Told(ctx, nil, []activities.Attempt{outcome(d, at, webhooks.Retry)}))
	}
	fail(noon)
	fail(noon.Add(postgres.MaxFailing - time.Second))
	if e := s.endpoint(t); !e.FailingSince.Equal(noon) || !e.DisabledAt.IsZero() {
		t.Fatalf("after nearly five days: %+v", e)
	}
	fail(noon.Add(postgres.MaxFailing))
	if e := s.endpoint(t); e.DisabledWhy != postgres.WhyFailing || !e.DisabledAt.Equal(noon.Add(postgres.MaxFailing)) {
		t.Fatalf("after five days: %+v", e)
	}
	if left := s.untold(t, envelope.ChangeSend); len(left.Deliveries) != 0 {
		t.Fatalf("a disabled endpoint still gets %v", left.Deliveries)
	}
	if d, err := s.Delivery(ctx, d.ID); err != nil || !d.Finished {
		t.Fatalf("its delivery goes on: %+v, %v", d, err)
	}
}

func TestOneSuccessEndsAFailure(t *testing.T) {
	s := newScene(t)
	s.newEndpoint(t)
	s.send(t, s.draft)
	out := s.untold(t, envelope.ChangeSend).Deliveries
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(out[0], noon, webhooks.Retry)}))
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(out[1], noon.Add(time.Hour), webhooks.Delivered)}))
	if e := s.endpoint(t); !e.FailingSince.IsZero() {
		t.Fatalf("still failing: %+v", e)
	}
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(out[0], noon.Add(6*24*time.Hour), webhooks.Retry)}))
	if e := s.endpoint(t); !e.DisabledAt.IsZero() {
		t.Fatalf("disabled by one failure: %+v", e)
	}
}

func TestAnEndpointThatIsGoneIsDisabledAtOnceAndCanBeEnabled(t *testing.T) {
	s := newScene(t)
	e := s.newEndpoint(t)
	s.send(t, s.draft)
	d := s.untold(t, envelope.ChangeSend).Deliveries[0]
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(d, noon, webhooks.Gone)}))
	if got := s.endpoint(t); got.DisabledWhy != postgres.WhyGone {
		t.Fatalf("endpoint is %+v", got)
	}
	_, err := s.Redeliver(ctx, s.team.ID, e.ID, postgres.Replay{Since: noon})
	mustBe(t, err, "endpoint_disabled")
	must(t, s.EnableEndpoint(ctx, s.team.ID, e.ID))
	ids, err := s.Redeliver(ctx, s.team.ID, e.ID, postgres.Replay{Since: noon})
	must(t, err)
	if len(ids) != 2 {
		t.Fatalf("replayed %v", ids)
	}
}

func TestTheOldSecretLivesUntilItsTime(t *testing.T) {
	s := newScene(t)
	e := s.newEndpoint(t)
	s.send(t, s.draft)
	live := func() int { return len(s.untold(t, envelope.ChangeSend).Deliveries[0].Event.Secrets) }
	fresh := newSecret(t)
	mustBe(t, s.RotateSecret(ctx, "tm_other", e.ID, fresh, noon), "endpoint_missing")
	must(t, s.RotateSecret(ctx, s.team.ID, e.ID, fresh, time.Now().Add(time.Hour)))
	must(t, s.RotateSecret(ctx, s.team.ID, e.ID, fresh, time.Now().Add(time.Hour))) // a repeat
	if got := s.endpoint(t).Secrets; len(got) != 2 || got[0].Value != fresh || got[1].Value != e.Secrets[0].Value || live() != 2 {
		t.Fatalf("secrets are %v", got)
	}
	must(t, s.RotateSecret(ctx, s.team.ID, e.ID, newSecret(t), time.Now().Add(-time.Second)))
	if live() != 1 {
		t.Fatal("a secret outlives its time")
	}
}
