package web

import (
	"net/http"
	"time"

	"chancery/account"
	"chancery/id"
	"chancery/team"
)

type teamPage struct {
	page
	Of           branch
	Parent       *branch
	Parents      []branch // that may oversee it
	Subscribed   bool
	Other        team.Kind // that it could become
	Describes    bool      // the visitor may change name, sender, addresses and clock
	Organises    bool      // and the kind and the place in the tree
	ManagesThem  bool      // and who is in it
	Chosen       bool      // it is the team that they look at
	Oversees     bool      // it is below the team that they look at
	Members      []member
	Levels       []levelChoice
	Addresses    [team.MaxPreset]string
	AddressesNew int
	Keys         int // that end with a change of kind
	Now          time.Time
	Wish         string // of the clock, so that sending it twice is one advance
	Steps        []clockStep
}

type member struct {
	team.Member
	account.User
	Levels []levelChoice
	Self   bool
}

type levelChoice struct {
	team.Level
	Words  string
	Chosen bool
}

// clockStep is how far the test clock is put forward at once.
type clockStep struct {
	Hours int
	Words string
}

var clockSteps = []clockStep{{1, "an hour"}, {24, "a day"}, {5 * 24, "five days"}, {30 * 24, "thirty days"}}

// teamPage shows a team with its people and its settings.
func (s *site) teamPage(w http.ResponseWriter, r *http.Request) error {
	v, of, err := s.knownTeam(r)
	if err != nil {
		return err
	}
	return s.showTeam(w, r, http.StatusOK, v, of, "")
}

func (s *site) showTeam(w http.ResponseWriter, r *http.Request, status int, v visitor, of team.Team, trouble string) error {
	view := teamPage{
		page: v.page(of.Name).in("Teams"), Of: branch{Team: of, Address: "/dashboard/teams/" + of.ID},
		Describes: v.can(team.ManageTeam, of), Organises: v.can(team.ManageOrganisation, of), ManagesThem: v.can(team.ManageMembers, of),
		Other: otherKind(of.Kind), Now: s.Clock().Add(of.Ahead).UTC(), Wish: id.New(id.Advance), Steps: clockSteps, Levels: levels(team.TeamRead),
	}
	view.Said, view.Trouble, view.Test = s.heard(w, r), trouble, of.Test()
	view.Chosen = of.ID == v.team.ID
	view.Oversees = !v.isIn(of.ID) && !v.actor.Head
	copy(view.Addresses[:], of.Preset)
	for _, fill := range []func(*http.Request, visitor, *teamPage) error{s.fillTree, s.fillMembers, s.fillCounts} {
		if err := fill(r, v, &view); err != nil {
			return err
		}
	}
	return s.views.show(w, status, "team", view)
}

func otherKind(k team.Kind) team.Kind {
	if k == team.Sandbox {
		return team.Production
	}
	return team.Sandbox
}

// OtherWord is the kind that the team could become, for people.
func (p teamPage) OtherWord() string { return kindWords[p.Other] }

func (s *site) fillTree(r *http.Request, v visitor, view *teamPage) error {
	known, err := s.known(r.Context(), v)
	if err != nil {
		return err
	}
	tree := grow(known, "", 0)
	below := map[string]bool{view.Of.ID: true}
	for _, b := range flat(tree) {
		switch {
		case b.ID == view.Of.ID:
			view.Of.Below = b.Below
			for _, child := range flat(b.Below) {
				below[child.ID] = true
			}
		case b.ID == view.Of.Team.Parent:
			view.Parent = &b
		}
	}
	for _, b := range flat(tree) {
		if !below[b.ID] {
			view.Parents = append(view.Parents, b)
		}
	}
	sub, err := s.Administration.Subscription(r.Context(), view.Of.Organisation)
	view.Subscribed = sub.Active(s.Clock())
	return err
}

func (s *site) fillMembers(r *http.Request, v visitor, view *teamPage) error {
	if !view.ManagesThem {
		return nil
	}
	members, err := s.Administration.Members(r.Context(), view.Of.ID)
	if err != nil {
		return err
	}
	people, err := s.Administration.Users(r.Context(), view.Of.Organisation)
	if err != nil {
		return err
	}
	byID := map[string]account.User{}
	for _, u := range people {
		byID[u.ID] = u
	}
	for _, m := range members {
		view.Members = append(view.Members, member{Member: m, User: byID[m.User], Levels: levels(m.Level), Self: m.User == v.user.ID})
	}
	return nil
}

func levels(chosen team.Level) []levelChoice {
	var all []levelChoice
	for _, l := range team.Levels {
		all = append(all, levelChoice{l.Level, l.Words, l.Level == chosen})
	}
	return all
}

func (s *site) fillCounts(r *http.Request, _ visitor, view *teamPage) (err error) {
	if view.Describes && view.Of.Test() {
		if view.AddressesNew, err = s.Administration.PresetLeft(r.Context(), view.Of.ID); err != nil {
			return err
		}
	}
	if !view.Organises {
		return nil
	}
	keys, err := s.Administration.Keys(r.Context(), view.Of.ID)
	for _, k := range keys {
		if k.Good(s.Clock()) {
			view.Keys++
		}
	}
	return err
}
