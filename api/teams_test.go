package api_test

import (
	"context"
	"fmt"
	"testing"

	"chancery/id"
	"chancery/team"
)

// below makes a team below that one, with its first key.
func (s *scene) below(parent team.Team, kind team.Kind) caller {
	s.t.Helper()
	ctx := context.Background()
	made := team.Team{ID: id.New(id.Team), Organisation: parent.Organisation, Parent: parent.ID, Name: "Below " + parent.Name, Kind: kind,
		Preset: parent.Preset, Sender: parent.Sender}
	must(s.t, s.store.CreateTeam(ctx, made))
	return caller{scene: s, contract: s.sandbox.contract, key: s.keyOf(made, team.Key{})}
}

func TestAParentReadsItsChildrenAndChangesNothing(t *testing.T) {
	s := open(t)
	parent, err := s.store.Team(context.Background(), s.teamOf(s.production))
	must(t, err)
	child := s.below(parent, team.Production)
	env, ada := child.created(object{"send": true})
	own, _ := s.production.created()

	if got := s.production.get("/v1/envelopes/" + env).want(200); got.text("team") != s.teamOf(child) {
		t.Errorf("the envelope reads %s", got.Body)
	}
	s.production.get("/v1/envelopes/" + env + "/audit-trail").want(200)
	s.production.post("/v1/envelopes/"+env+"/void", object{"reason": "No."}).refused(403, "not_allowed")
	s.production.post("/v1/envelopes/"+env+"/recipients/"+ada+"/signing-link", nil).refused(403, "not_allowed")
	child.get("/v1/envelopes/"+own).refused(404, "envelope_missing")

	for query, want := range map[string]int{"": 1, "?children=true": 2, "?team=" + s.teamOf(child): 1} {
		if got := s.production.get("/v1/envelopes" + query).want(200); len(got.at("envelopes").([]any)) != want {
			t.Errorf("the list %q has %s", query, got.Body)
		}
	}
	for query, want := range map[string]int{"": 0, "?children=true": 2, "?team=" + s.teamOf(child): 2} {
		if got := s.production.get("/v1/events" + query).want(200); len(got.at("events").([]any)) != want {
			t.Errorf("the feed %q has %s", query, got.Body)
		}
	}
	s.production.get("/v1/envelopes?children=true&team="+s.teamOf(child)).refused(422, "team_or_children")
	strange, none := s.production.get("/v1/envelopes?team="+s.teamOf(s.sandbox)), s.production.get("/v1/envelopes?team=tm_none")
	if strange.refused(404, "team_missing"); string(strange.Body) != string(none.refused(404, "team_missing").Body) {
		t.Error("another organisation's team is told apart from one that is not there")
	}
	child.get("/v1/envelopes?team="+parent.ID).refused(404, "team_missing")
}

func TestTheTreeIsSeenFromItsRootDown(t *testing.T) {
	s := open(t)
	parent, err := s.store.Team(context.Background(), s.teamOf(s.production))
	must(t, err)
	child := s.below(parent, team.Sandbox)
	if got := s.production.get("/v1/teams").want(200); got.text("id") != parent.ID || got.text("children", 0, "id") != s.teamOf(child) {
		t.Errorf("the tree is %s", got.Body)
	}
	for _, seer := range []caller{child, {scene: s, contract: child.contract, key: s.person(s.production.key, team.OwnCreate).key}} {
		if got := seer.get("/v1/teams").want(200); len(got.at("children").([]any)) != 0 {
			t.Errorf("whoever sees nothing below sees %s", got.Body)
		}
	}
}

func TestASandboxSetsItsPresetAddressesThroughTheAPI(t *testing.T) {
	s := open(t)
	s.sandbox.call("PUT", "/v1/team/preset", object{"preset": []any{"ada@example.com", "new@example.com"}}).want(200)
	if got := s.sandbox.get("/v1/team/preset").want(200); got.text("preset", 1) != "new@example.com" {
		t.Errorf("they are %s", got.Body)
	}
	put := func(emails ...string) reply {
		return s.sandbox.call("PUT", "/v1/team/preset", object{"preset": emails})
	}
	put("no address").refused(422, "email_invalid")
	put("a@example.com", "A@example.com").refused(422, "preset_twice")
	for round := range 2 {
		var five []string
		for i := range 5 {
			five = append(five, fmt.Sprintf("new%d%d@example.com", round, i))
		}
		if round == 0 {
			put(five...).want(200)
		} else {
			put(five...).refused(429, "preset_settled")
		}
	}
	s.production.get("/v1/team/preset").refused(409, "preset_sandbox_only")
}

func TestAKeySaysWhatItIsGoodFor(t *testing.T) {
	s := open(t)
	ann := s.person(s.sandbox.key, team.TeamSend, team.ScopeRead)
	got := (caller{scene: s, contract: s.sandbox.contract, key: ann.key}).get("/v1/team").want(200)
	if got.text("level") != "team_send" || got.text("user") != ann.ID || got.text("key", "scopes", 0) != "read" {
		t.Errorf("it reads %s", got.Body)
	}
}
