package postgres_test

import (
	"slices"
	"testing"
	"time"

	"chancery/activities"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/team"
	"chancery/webhooks"
)

// tagged is the scene's draft anew, with these tags.
func (s scene) tagged(t testing.TB, of team.Team, tags ...string) scene {
	t.Helper()
	s.draft = s.newDraft(t, of)
	s.draft.Tags = tags
	must(t, s.SaveDraft(ctx, s.draft))
	s.draft = s.read(t, s.draft.ID)
	return s
}

func (s scene) listens(t testing.TB, of team.Team, children bool, tags ...string) postgres.Endpoint {
	t.Helper()
	e := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://hooks.example.com/in", Tags: tags, Children: children,
		Secrets: []postgres.Secret{{Value: newSecret(t)}}, CreatedAt: noon}
	must(t, s.CreateEndpoint(ctx, of.ID, e))
	return e
}

func TestAnEndpointHearsOnlyOfItsTags(t *testing.T) {
	s := newScene(t)
	parent := s.above(t, s.team)
	listeners := []struct {
		who  string
		of   team.Team
		e    postgres.Endpoint
		want int
	}{
		{"without tags", s.team, s.listens(t, s.team, false), 6},
		{"with one", s.team, s.listens(t, s.team, false, "EMEA"), 4},
		{"with another", s.team, s.listens(t, s.team, false, "renewal"), 2},
		{"with both", s.team, s.listens(t, s.team, false, "EMEA", "renewal"), 4},
		{"with what nobody has", s.team, s.listens(t, s.team, false, "emea"), 0},
		{"a parent with one", parent, s.listens(t, parent, true, "renewal"), 2},
		{"a parent that has not asked for children", parent, s.listens(t, parent, false, "renewal"), 0},
	}
	for _, tags := range [][]string{nil, {"EMEA"}, {"EMEA", "renewal", "vip"}} {
		of := s.tagged(t, s.team, tags...)
		of.send(t, of.draft)
	}
	for _, tt := range listeners {
		if got := s.told(t, tt.of, tt.e); got != tt.want {
			t.Errorf("%s: %d deliveries, want %d", tt.who, got, tt.want)
		}
	}
}

func TestAnEndpointKeepsItsTagsWhenItsSecretChanges(t *testing.T) {
	s := newScene(t)
	e := s.listens(t, s.team, false, "EMEA", "renewal")
	must(t, s.RotateSecret(ctx, s.team.ID, e.ID, newSecret(t), noon))
	if got := s.endpoint(t).Tags; !slices.Equal(got, e.Tags) {
		t.Errorf("its tags are %q", got)
	}
}

func (s scene) eventsOf(t testing.TB, envelopeID string) (ids []string) {
	t.Helper()
	all, _, err := s.Events(ctx, []string{s.team.ID}, "", "", 0)
	must(t, err)
	for _, e := range all {
		if e.EnvelopeID == envelopeID {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func TestReplayAndRecoveryKeepToTheTags(t *testing.T) {
	s := newScene(t)
	parent := s.above(t, s.team)
	plain := s.send(t, s.tagged(t, s.team).draft)
	of := s.tagged(t, s.team, "EMEA")
	of.send(t, of.draft)
	every := append(s.eventsOf(t, plain.ID), s.eventsOf(t, of.draft.ID)...)
	for _, of := range []team.Team{s.team, parent} {
		for name, tt := range map[string]struct {
			tags []string
			ask  postgres.Replay
			want int
		}{
			"a span":                   {[]string{"EMEA"}, postgres.Replay{Since: noon.AddDate(0, 0, -1)}, 2},
			"a span, without tags":     {nil, postgres.Replay{Since: noon.AddDate(0, 0, -1)}, 4},
			"a span, with another tag": {[]string{"renewal"}, postgres.Replay{Since: noon.AddDate(0, 0, -1)}, 0},
			"what was missed":          {[]string{"EMEA"}, postgres.Replay{Since: noon.AddDate(0, 0, -1), Missed: true}, 2},
			"by their ids":             {[]string{"EMEA"}, postgres.Replay{Events: every}, 2},
		} {
			e := s.listens(t, of, true, tt.tags...)
			again, err := s.Redeliver(ctx, of.ID, e.ID, tt.ask)
			must(t, err)
			if len(again) != tt.want || s.told(t, of, e) != tt.want {
				t.Errorf("%s to %s: %d events again, want %d", name, of.Name, len(again), tt.want)
			}
		}
	}
}

func TestWhatWasMissedWhileDisabledIsRecoveredByTags(t *testing.T) {
	s := newScene(t)
	e := s.listens(t, s.team, false, "EMEA")
	s = s.tagged(t, s.team, "EMEA")
	s.send(t, s.draft)
	d := s.untold(t, envelope.ChangeSend).Deliveries
	must(t, s.Told(ctx, nil, []activities.Attempt{outcome(d[0], noon, webhooks.Gone), outcome(d[1], noon, webhooks.Gone)}))
	must(t, s.Commit(ctx, signing(t, s.read(t, s.draft.ID)))) // nobody is told
	plain := s.tagged(t, s.team)
	plain.send(t, plain.draft)
	must(t, s.EnableEndpoint(ctx, s.team.ID, e.ID))
	again, err := s.Redeliver(ctx, s.team.ID, e.ID, postgres.Replay{Since: noon, Missed: true})
	must(t, err)
	var want []string
	for _, event := range s.eventsOf(t, s.draft.ID) {
		want = append(want, event+"."+e.ID)
	}
	if len(want) < 4 || !slices.Equal(again, want) {
		t.Errorf("recovered are %q, want %q", again, want)
	}
}

func TestAListIsNarrowedToATag(t *testing.T) {
	s := newScene(t)
	second := s.newTeam(t)
	var mine, theirs []string
	for i := range 3 {
		one, other := s.draft, s.draft
		one.ID, one.Owner, other.ID, other.Team = id.New(id.Envelope), []string{"usr_ann", "usr_bob"}[i%2], id.New(id.Envelope), second.ID
		for _, e := range []*envelope.Envelope{&one, &other} {
			e.Recipients, e.Fields, e.Tags, e.CreatedAt = nil, nil, []string{"EMEA", "tag " + e.ID}, noon.Add(time.Duration(i)*time.Minute)
			must(t, s.CreateDraft(ctx, *e, envelope.Evidence{Kind: envelope.NotedCreated, By: sam}))
		}
		mine, theirs = append([]string{one.ID}, mine...), append([]string{other.ID}, theirs...)
	}
	list := func(teams []string, f postgres.Filter) (ids []string) {
		f.Limit = 1 // so that the cursor is in it
		for pages := 0; pages < 9; pages++ {
			found, next, err := s.Envelopes(ctx, teams, f)
			must(t, err)
			for _, e := range found {
				ids = append(ids, e.ID)
			}
			if f.After = next; next == "" {
				break
			}
		}
		return ids
	}
	own := []string{s.team.ID}
	for name, tt := range map[string]struct {
		teams []string
		ask   postgres.Filter
		want  []string
	}{
		"one team":        {own, postgres.Filter{Tag: "EMEA"}, mine},
		"the other":       {[]string{second.ID}, postgres.Filter{Tag: "EMEA"}, theirs},
		"a rarer tag":     {own, postgres.Filter{Tag: "tag " + mine[1]}, mine[1:2]},
		"a tag of theirs": {own, postgres.Filter{Tag: "tag " + theirs[1]}, nil},
		"in capitals":     {own, postgres.Filter{Tag: "emea"}, nil},
		"of an owner":     {own, postgres.Filter{Tag: "EMEA", Owner: "usr_bob"}, mine[1:2]},
		"drafts":          {own, postgres.Filter{Tag: "EMEA", Status: envelope.Draft}, mine},
		"sent":            {own, postgres.Filter{Tag: "EMEA", Status: envelope.Sent}, nil},
	} {
		if got := list(tt.teams, tt.ask); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if both := list([]string{s.team.ID, second.ID}, postgres.Filter{Tag: "EMEA"}); len(both) != 6 {
		t.Errorf("both teams have %q", both)
	}
}

func TestADraftThatIsSavedHasItsNewTagsOnly(t *testing.T) {
	s := newScene(t)
	s.draft.Tags = []string{"a", "b"}
	must(t, s.SaveDraft(ctx, s.draft))
	s.draft = s.read(t, s.draft.ID)
	s.draft.Tags = []string{"b", "c"}
	must(t, s.SaveDraft(ctx, s.draft))
	for tag, want := range map[string]int{"a": 0, "b": 1, "c": 1} {
		if found, _, err := s.Envelopes(ctx, []string{s.team.ID}, postgres.Filter{Tag: tag}); err != nil || len(found) != want {
			t.Errorf("%s finds %d envelopes, %v", tag, len(found), err)
		}
	}
	if got := s.read(t, s.draft.ID).Tags; !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("its tags are %q", got)
	}
	must(t, s.DeleteDraft(ctx, s.team.ID, s.draft.ID))
	var left int
	must(t, postgrestest.Connect(t, s.database.RootURL).QueryRow(ctx, `select count(*) from envelope_tags where envelope_id = $1`, s.draft.ID).Scan(&left))
	if left != 0 {
		t.Errorf("%d tags of a draft that is gone", left)
	}
}
