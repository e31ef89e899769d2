package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/team"
)

// above makes a team that oversees that one, or does in the end, and returns it.
func (s scene) above(t testing.TB, below team.Team) team.Team {
	t.Helper()
	parent := team.Team{ID: id.New(id.Team), Organisation: below.Organisation, Name: "Above " + below.Name, Kind: below.Kind}
	must(t, s.CreateTeam(ctx, parent))
	_, err := s.Pool().Exec(ctx, `update teams set parent_id = $1 where id = $2`, parent.ID, below.ID)
	must(t, err)
	return parent
}

func (s scene) endpointOf(t testing.TB, of team.Team, children bool) postgres.Endpoint {
	t.Helper()
	e := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://hooks.example.com/in", Children: children,
		Secrets: []postgres.Secret{{Value: newSecret(t)}}, CreatedAt: noon}
	must(t, s.CreateEndpoint(ctx, of.ID, e))
	return e
}

// told is how many deliveries the endpoint has.
func (s scene) told(t testing.TB, of team.Team, e postgres.Endpoint) int {
	t.Helper()
	found, _, err := s.Deliveries(ctx, of.ID, e.ID, "", 0)
	must(t, err)
	return len(found)
}

func TestTeamsAboveAreToldOnlyWhenTheyHaveAskedForIt(t *testing.T) {
	s := newScene(t)
	parent := s.above(t, s.team)
	grand := s.above(t, parent)
	asked, askedAbove, silent := s.endpointOf(t, parent, true), s.endpointOf(t, grand, true), s.endpointOf(t, parent, false)
	own, stranger := s.endpointOf(t, s.team, false), s.newTeam(t)
	strange := s.endpointOf(t, stranger, true)
	s.send(t, s.draft)
	for _, tt := range []struct {
		who  string
		of   team.Team
		e    postgres.Endpoint
		want int
	}{
		{"the team itself", s.team, own, 2}, {"its parent", parent, asked, 2}, {"the parent's parent", grand, askedAbove, 2},
		{"a parent that has not asked", parent, silent, 0}, {"a stranger", stranger, strange, 0},
	} {
		if got := s.told(t, tt.of, tt.e); got != tt.want {
			t.Errorf("%s: %d deliveries, want %d", tt.who, got, tt.want)
		}
	}
	out := s.untold(t, envelope.ChangeSend)
	if len(out.Deliveries) != 6 {
		t.Errorf("%d deliveries go out", len(out.Deliveries))
	}
}

func TestReplayGoesAsFarDownAsTheEndpointSays(t *testing.T) {
	s := newScene(t)
	parent := s.above(t, s.team)
	s.send(t, s.draft)
	since := postgres.Replay{Since: noon.AddDate(0, 0, -1)}
	for _, tt := range []struct{ children bool }{{true}, {false}} {
		e := s.endpointOf(t, parent, tt.children)
		again, err := s.Redeliver(ctx, parent.ID, e.ID, since)
		must(t, err)
		if want := map[bool]int{true: 2, false: 0}[tt.children]; len(again) != want || s.told(t, parent, e) != want {
			t.Errorf("children %v: %d events again, want %d", tt.children, len(again), want)
		}
	}
}

func TestListsAndTheFeedAreOfTheseTeamsAndOfThatOwner(t *testing.T) {
	s := newScene(t)
	second := s.newTeam(t)
	there := s.newDraft(t, second)
	mine := s.draft
	mine.ID, mine.Owner = id.New(id.Envelope), "usr_ann"
	mine.Recipients = nil
	mine.Fields = nil
	mine.CreatedAt = noon.Add(1)
	must(t, s.CreateDraft(ctx, mine, envelope.Evidence{Kind: envelope.NotedCreated, By: sam}))
	s.send(t, s.draft)

	list := func(owner string, teams ...string) (ids []string) {
		for after, pages := "", 0; pages < 9; pages++ { // one at a time, so that the cursor is in it
			found, next, err := s.Envelopes(ctx, teams, postgres.Filter{Owner: owner, After: after, Limit: 1})
			must(t, err)
			for _, e := range found {
				ids = append(ids, e.ID)
			}
			if after = next; after == "" {
				break
			}
		}
		return ids
	}
	newest := []string{mine.ID, there.ID, s.draft.ID}
	slices.SortFunc(newest[1:], func(a, b string) int { return strings.Compare(b, a) }) // made at the same moment
	if got := list("", s.team.ID, second.ID); !slices.Equal(got, newest) {
		t.Errorf("both teams: %v, want %v", got, newest)
	}
	if got := list("", s.team.ID); !slices.Equal(got, []string{mine.ID, s.draft.ID}) {
		t.Errorf("one team: %v", got)
	}
	if got := list("usr_ann", s.team.ID, second.ID); !slices.Equal(got, []string{mine.ID}) {
		t.Errorf("one owner: %v", got)
	}
	if events, _, err := s.Events(ctx, []string{second.ID, s.team.ID}, "", "", 0); err != nil || len(events) != 2 || events[0].TeamID != s.team.ID {
		t.Errorf("the feed: %v, %v", events, err)
	}
	if events, _, err := s.Events(ctx, []string{second.ID, s.team.ID}, "usr_ann", "", 0); err != nil || len(events) != 0 {
		t.Errorf("the feed of one owner: %v, %v", events, err)
	}
}
