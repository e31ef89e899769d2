package team_test

import (
	"fmt"
	"testing"

	"chancery/team"
)

const (
	ours    = "org_ours"
	sales   = "tm_sales"
	child   = "tm_child"
	sibling = "tm_sibling"
	ann     = "usr_ann"
	bob     = "usr_bob"
)

// The whole table, written down a second time in words: v, V see the team; e own envelopes, E the
// team's; d documents; s, S send; w webhooks; l, L logs; k, K keys; m members; t team.
func TestWhatEachLevelMayDo(t *testing.T) {
	letters := []struct {
		verb       team.Verb
		own, whole byte
	}{
		{team.SeeTeam, 'v', 'V'}, {team.ReadEnvelopes, 'e', 'E'}, {team.BringDocuments, 'd', 'd'}, {team.SendEnvelopes, 's', 'S'},
		{team.ManageWebhooks, 'w', 'w'}, {team.ReadLogs, 'l', 'L'}, {team.ManageKeys, 'k', 'K'},
		{team.ManageMembers, 'm', 'm'}, {team.ManageTeam, 't', 't'},
	}
	for level, want := range map[team.Level]string{
		team.Administrator: "VEdSwLKmt",
		team.TeamCreate:    "VEdSwLk",
		team.TeamSend:      "VESLk",
		team.OwnCreate:     "vedslk",
		team.OwnSend:       "veslk",
		team.TeamRead:      "VELk",
		"":                 "",
		"stranger":         "",
	} {
		actor := team.Actor{ID: ann, Organisation: ours, Team: sales, Level: level}
		var got []byte
		for _, l := range letters {
			switch {
			case team.May(actor, l.verb, team.Thing{Organisation: ours, Team: sales, Owner: bob}) == team.Granted:
				got = append(got, l.whole)
			case team.May(actor, l.verb, team.Thing{Organisation: ours, Team: sales, Owner: ann}) == team.Granted:
				got = append(got, l.own)
			}
		}
		if string(got) != want {
			t.Errorf("%q may %s, want %s", level, got, want)
		}
	}
}

func TestWhoIsNotInATeamSeesNothingOfIt(t *testing.T) {
	all := []team.Verb{team.SeeTeam, team.ReadEnvelopes, team.BringDocuments, team.SendEnvelopes, team.ManageWebhooks, team.ReadLogs,
		team.ManageKeys, team.ManageMembers, team.ManageTeam, team.ManageOrganisation, team.Operate}
	for _, known := range team.Levels {
		actor := team.Actor{ID: ann, Organisation: ours, Team: sales, Level: known.Level, Children: []string{child}}
		for _, verb := range all {
			for _, thing := range []team.Thing{
				{Organisation: ours, Team: sibling, Owner: ann},
				{Organisation: "org_theirs", Team: "tm_theirs", Owner: ann},
				{Organisation: "org_theirs"},
			} {
				if got := team.May(actor, verb, thing); got != team.Unseen {
					t.Errorf("%s may %s of %+v: %d", known.Level, verb, thing, got)
				}
			}
		}
	}
}

func TestAParentSeesItsChildrenAndChangesNothing(t *testing.T) {
	thing := team.Thing{Organisation: ours, Team: child, Owner: bob}
	for level, want := range map[team.Level]string{
		team.Administrator: "2 1 1", team.TeamCreate: "2 1 1", team.TeamSend: "2 1 1", team.TeamRead: "2 1 1",
		team.OwnCreate: "0 0 0", team.OwnSend: "0 0 0", "": "0 0 0",
	} {
		actor := team.Actor{ID: ann, Organisation: ours, Team: sales, Level: level, Children: []string{child}}
		got := fmt.Sprint(team.May(actor, team.ReadEnvelopes, thing), team.May(actor, team.SendEnvelopes, thing), team.May(actor, team.ManageTeam, thing))
		if got != want {
			t.Errorf("%q: %s, want %s", level, got, want)
		}
	}
}

func TestTheOrganisationsAdministratorLooksAfterTeamsWithoutReadingThem(t *testing.T) {
	head := team.Actor{ID: ann, Organisation: ours, Head: true}
	thing := team.Thing{Organisation: ours, Team: sibling, Owner: bob}
	for verb, want := range map[team.Verb]team.Answer{
		team.ManageMembers: team.Granted, team.ManageTeam: team.Granted, team.ReadLogs: team.Granted,
		team.ReadEnvelopes: team.Refused, team.SendEnvelopes: team.Refused, team.ManageKeys: team.Refused,
	} {
		if got := team.May(head, verb, thing); got != want {
			t.Errorf("%s: %d, want %d", verb, got, want)
		}
	}
	if got := team.May(head, team.ManageOrganisation, team.Thing{Organisation: ours}); got != team.Granted {
		t.Errorf("their own organisation: %d", got)
	}
	if got := team.May(head, team.ManageMembers, team.Thing{Organisation: "org_theirs", Team: sibling}); got != team.Unseen {
		t.Errorf("another organisation: %d", got)
	}
	if got := team.May(team.Actor{ID: bob, Organisation: ours, Team: sales, Level: team.Administrator}, team.ManageOrganisation, team.Thing{Organisation: ours}); got != team.Refused {
		t.Errorf("a team's administrator: %d", got)
	}
}

func TestAKeyIsGoodForItsScopesAndForNoPeople(t *testing.T) {
	thing := team.Thing{Organisation: ours, Team: sales, Owner: ann}
	for name, tt := range map[string]struct {
		scopes []team.Scope
		verb   team.Verb
		want   team.Answer
	}{
		"without scopes it does what its owner does": {nil, team.SendEnvelopes, team.Granted},
		"any of them tells whose it is":              {[]team.Scope{team.ScopeSend}, team.SeeTeam, team.Granted},
		"one for reading reads":                      {[]team.Scope{team.ScopeRead}, team.ReadEnvelopes, team.Granted},
		"one for reading sends nothing":              {[]team.Scope{team.ScopeRead}, team.SendEnvelopes, team.Refused},
		"one for sending does not upload":            {[]team.Scope{team.ScopeSend}, team.BringDocuments, team.Refused},
		"none manages members":                       {nil, team.ManageMembers, team.Refused},
		"none manages keys":                          {nil, team.ManageKeys, team.Refused},
		"none runs the hub":                          {nil, team.Operate, team.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			actor := team.Actor{ID: ann, Organisation: ours, Team: sales, Level: team.Administrator, Key: true, Scopes: tt.scopes, Operator: true, Head: true}
			if got := team.May(actor, tt.verb, thing); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestOnlyWhoRunsTheHubOperatesIt(t *testing.T) {
	if team.May(team.Actor{ID: ann, Organisation: ours, Head: true}, team.Operate, team.Thing{}) == team.Granted {
		t.Error("an organisation's administrator operates the hub")
	}
	if team.May(team.Actor{ID: ann, Organisation: ours, Operator: true}, team.Operate, team.Thing{}) != team.Granted {
		t.Error("an operator does not operate the hub")
	}
}
