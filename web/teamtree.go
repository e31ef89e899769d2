package web

import (
	"context"
	"net/http"

	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

// branch is a team with those below it.
type branch struct {
	team.Team
	Address string
	Depth   int
	Below   []branch
}

type teamsPage struct {
	page
	Organisation team.Organisation
	Subscription team.Subscription
	Subscribed   bool
	Tree         []branch
	Parents      []branch // in one row, for a choice
	Head         bool
	New          string // id of the team to be, so that sending the form twice makes one
	Name         string // as it was filled in
	Kind         team.Kind
	Parent       string
}

// teamsPage shows the organisation's teams that the visitor knows of, as a tree.
func (s *site) teamsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visitor(r)
	if err != nil {
		return err
	}
	return s.showTeams(w, r, http.StatusOK, v, teamsPage{New: id.New(id.Team), Kind: team.Sandbox}, "")
}

func (s *site) showTeams(w http.ResponseWriter, r *http.Request, status int, v visitor, view teamsPage, trouble string) error {
	view.page = v.page("Teams").in("Teams")
	view.Said, view.Trouble = s.heard(w, r), trouble
	view.Head = team.May(v.actor, team.ManageOrganisation, team.Thing{Organisation: v.actor.Organisation}) == team.Granted
	known, err := s.known(r.Context(), v)
	if err != nil {
		return err
	}
	view.Tree = grow(known, "", 0)
	view.Parents = flat(view.Tree)
	if view.Organisation, err = s.Administration.Organisation(r.Context(), v.actor.Organisation); err != nil {
		return err
	}
	view.Subscription, err = s.Administration.Subscription(r.Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	view.Subscribed = view.Subscription.Active(s.Clock())
	return s.views.show(w, status, "teams", view)
}

// known are the teams that the visitor is in, oversees or administers.
func (s *site) known(ctx context.Context, v visitor) ([]team.Team, error) {
	all, err := s.Administration.Tree(ctx, v.actor.Organisation)
	var known []team.Team
	for _, t := range all {
		if v.isIn(t.ID) || team.May(v.actor, team.SeeTeam, thingOf(t, team.SeeTeam)) != team.Unseen {
			known = append(known, t)
		}
	}
	return known, err
}

func (v visitor) isIn(teamID string) bool {
	for _, t := range v.teams {
		if t.ID == teamID {
			return true
		}
	}
	return false
}

// grow returns the teams directly below the parent with all below them. Teams whose
// parent is not known stand at the top.
func grow(all []team.Team, parent string, depth int) []branch {
	known := map[string]bool{}
	for _, t := range all {
		known[t.ID] = true
	}
	var grown []branch
	for _, t := range all {
		if t.Parent == parent || parent == "" && !known[t.Parent] {
			grown = append(grown, branch{Team: t, Address: "/dashboard/teams/" + t.ID, Depth: depth, Below: grow(all, t.ID, depth+1)})
		}
	}
	return grown
}

func flat(tree []branch) []branch {
	var all []branch
	for _, b := range tree {
		all = append(append(all, b), flat(b.Below)...)
	}
	return all
}

// Indent sets a team off from those above it, in a choice.
func (b branch) Indent() string {
	indent := ""
	for range b.Depth {
		indent += "– "
	}
	return indent
}

// KindWord is the kind for people.
func (b branch) KindWord() string { return kindWords[b.Kind] }

var kindWords = map[team.Kind]string{team.Sandbox: "API Development", team.Production: "Production"}

// addTeam makes a team, in which the one who makes it is the administrator.
func (s *site) addTeam(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.visitor(r)
	if err != nil {
		return err
	}
	if err := v.may(team.ManageOrganisation, team.Thing{Organisation: v.actor.Organisation}, errTeamMissing); err != nil {
		return err
	}
	made := team.Team{ID: r.PostFormValue("id"), Organisation: v.actor.Organisation, Name: word(r, "name"), Kind: team.Kind(r.PostFormValue("kind")), Parent: r.PostFormValue("parent")}
	made.Sender.Name, made.Sender.Email = made.Name, v.user.Email
	if !id.Is(id.Team, made.ID) {
		return problem.Invalid("team_invalid", "Please load the page again.").At("id")
	}
	if err := s.Administration.AddTeam(r.Context(), made, s.Clock()); err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showTeams(w, r, statuses[p.Kind], v, teamsPage{New: made.ID, Name: made.Name, Kind: made.Kind, Parent: made.Parent}, p.Public)
	}
	if err := s.settleIn(r, v, made); err != nil {
		return err
	}
	http.Redirect(w, r, s.said(w, "/dashboard/teams/"+made.ID, "The team is there, and you are its administrator."), http.StatusSeeOther)
	return nil
}

// settleIn makes the founder the team's administrator.
func (s *site) settleIn(r *http.Request, v visitor, made team.Team) error {
	if err := s.Administration.SetMember(r.Context(), team.Member{Team: made.ID, User: v.user.ID, Level: team.Administrator}); err != nil {
		return err
	}
	s.noted(r, v, made.ID, "team.created", "kind", string(made.Kind))
	return nil
}
