package api_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/api"
	"chancery/id"
	"chancery/postgres"
	"chancery/team"
)

// logged opens a scene whose calls are written down; finish waits until they are.
func logged(t *testing.T, adjust ...func(*api.Config)) (s *scene, finish func()) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	s = open(t, append(adjust, func(c *api.Config) {
		c.Ledger = api.NewLedger(c.Records.(*postgres.Store), slog.New(slog.DiscardHandler), func() { t.Error("a call was lost") })
		go func() { c.Ledger.Run(ctx); close(done) }()
	})...)
	t.Cleanup(end)
	return s, func() { end(); <-done }
}

func TestEveryCallIsInTheLogOfItsTeamAndNothingPersonalWithIt(t *testing.T) {
	s, finish := logged(t)
	ann := s.person(s.production.key, team.OwnSend)
	env, ada := s.production.created()
	s.production.post("/v1/envelopes/"+env+"/void", object{"reason": "Secret words"}).refused(409, "envelope_not_sent")
	s.production.post("/v1/envelopes", object{"colour": "Secret words"}).refused(422, "unknown_member")
	s.production.get("/v1/envelopes/"+ada+"?status=draft").refused(422, "unknown_member")
	theirs := caller{scene: s, contract: s.production.contract, key: ann.key}
	theirs.upload("Secret words.pdf", onePage("")).refused(403, "not_allowed")
	theirs.get("/v1/envelopes/"+env).refused(404, "envelope_missing")
	s.sandbox.get("/v1/team").want(200)
	key := header{"Idempotency-Key", "twice"}
	for range 2 {
		s.production.post("/v1/envelopes", object{"title": ""}, key).refused(422, "title_missing")
	}
	finish()
	got := s.production.get("/v1/requests").want(200)
	var lines []string
	for _, one := range got.at("requests").([]any) {
		line := one.(object)
		problem, _ := line["problem"].(string)
		lines = append(lines, strings.TrimSpace(line["method"].(string)+" "+line["route"].(string)+" "+problem))
	}
	want := []string{
		"POST /v1/envelopes title_missing", "POST /v1/envelopes title_missing", "GET /v1/envelopes/{id} envelope_missing",
		"POST /v1/documents not_allowed", "GET /v1/envelopes/{id} unknown_member", "POST /v1/envelopes unknown_member",
		"POST /v1/envelopes/{id}/void envelope_not_sent", "POST /v1/envelopes", "POST /v1/documents",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the log reads %q", lines)
	}
	for _, secret := range []string{"Secret", env, ada, "192.0.2.1", s.production.key, ann.key, "twice"} {
		if strings.Contains(string(got.Body), secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
	if own := theirs.get("/v1/requests").want(200); len(own.at("requests").([]any)) != 2 || own.text("requests", 0, "user") != ann.ID {
		t.Errorf("whoever sees only what is their own sees %s", own.Body)
	}
	for query, want := range map[string]int{
		"?status=422": 4, "?status=4xx": 7, "?status=201": 2, "?key=" + ann.keyID: 2, "?route=/v1/documents": 2, "?problem=not_allowed": 1,
		"?since=2999-01-01T00:00:00Z": 0, "?until=2999-01-01T00:00:00Z&limit=100": 9, "?route=/v1/documents&status=403": 1, "?children=true": 9,
	} {
		if found := s.production.get("/v1/requests" + query).want(200); len(found.at("requests").([]any)) != want {
			t.Errorf("%s finds %s", query, found.Body)
		}
	}
	first := s.production.get("/v1/requests?limit=4").want(200)
	rest := s.production.get("/v1/requests?limit=100&cursor=" + first.text("next")).want(200)
	if len(rest.at("requests").([]any)) != 5 || rest.text("next") != "" {
		t.Errorf("the second page is %s", rest.Body)
	}
	s.production.get("/v1/requests?status=maybe").refused(422, "invalid_request")
	s.production.get("/v1/requests?cursor="+odd("requests 1 x")).refused(422, "cursor_invalid")
}

func TestARefusedCallTooManyIsInTheLog(t *testing.T) {
	s, finish := logged(t, func(c *api.Config) { c.Production.Name, c.Production.Calls, c.Production.Per = "few", 2, time.Second })
	for range 2 {
		s.production.get("/v1/team").want(200)
	}
	s.production.get("/v1/team").refused(429, "rate_limited")
	finish()
	teams := []string{s.teamOfKey(s.production.key)}
	found, _, err := s.store.Requests(context.Background(), teams, postgres.RequestFilter{Problem: "rate_limited"})
	must(t, err)
	if len(found) != 1 || found[0].Status != 429 {
		t.Errorf("the log has %+v", found)
	}
}

// slow is a log that takes nothing, at first.
type slow struct {
	mu    sync.Mutex
	open  bool
	taken int
}

func (s *slow) KeepRequests(_ context.Context, calls []postgres.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open {
		return errors.New("away")
	}
	s.taken += len(calls)
	return nil
}

func (*slow) ForgetRequests(context.Context, time.Time) error { return nil }

func TestALogThatIsAwayLosesWhatThereIsNoRoomForAndSaysSo(t *testing.T) {
	away, lost := &slow{}, 0
	ledger := api.NewLedger(away, slog.New(slog.DiscardHandler), func() { lost++ })
	const room = 10_000
	for range room + 7 {
		ledger.Note(postgres.Request{ID: id.New(id.Request)})
	}
	if lost != 7 {
		t.Fatalf("%d were lost", lost)
	}
	away.open = true
	ended, end := context.WithCancel(context.Background())
	end()
	ledger.Run(ended)
	if away.taken != room {
		t.Errorf("%d were written down", away.taken)
	}
}

func TestOldCallsAreForgotten(t *testing.T) {
	s := open(t)
	of := s.teamOfKey(s.sandbox.key)
	var calls []postgres.Request
	for _, days := range []int{31, 29} {
		calls = append(calls, postgres.Request{ID: id.New(id.Request), Team: of, Key: "key_1", At: time.Now().AddDate(0, 0, -days), Method: "GET", Route: "/v1/team", Status: 200})
	}
	ctx := context.Background()
	must(t, s.store.KeepRequests(ctx, calls))
	must(t, s.store.KeepRequests(ctx, calls)) // a repeat
	ended, end := context.WithCancel(ctx)
	end()
	api.NewLedger(forgetting{s.store}, slog.New(slog.DiscardHandler), nil).Run(ended)
	left, _, err := s.store.Requests(ctx, []string{of}, postgres.RequestFilter{})
	must(t, err)
	if len(left) != 1 || left[0].ID != calls[1].ID {
		t.Errorf("%+v are left", left)
	}
}

// forgetting forgets although the process is about to end.
type forgetting struct{ *postgres.Store }

func (f forgetting) ForgetRequests(ctx context.Context, before time.Time) error {
	return f.Store.ForgetRequests(context.WithoutCancel(ctx), before)
}

// teamOfKey is the team that a key speaks for.
func (s *scene) teamOfKey(key string) string {
	s.t.Helper()
	bearer, err := s.store.TeamByKey(context.Background(), team.HashKey(key))
	must(s.t, err)
	return bearer.Team.ID
}
