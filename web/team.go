package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

var errTeamMissing = problem.Missing("team_missing", "There is no such team.")

func (s *site) teamRoutes(handle func(string, handler)) {
	handle("GET /dashboard/activity", s.activity)
	handle("GET /dashboard/usage", s.usage)
	handle("GET /dashboard/usage.csv", s.usageTable)

	handle("GET /dashboard/teams", s.teamsPage)
	handle("POST /dashboard/teams", s.addTeam)
	handle("GET /dashboard/teams/{team}", s.teamPage)
	for action, form := range map[string]teamForm{
		"description":   {team.ManageTeam, "The name and the sender are changed.", s.describe},
		"preset":        {team.ManageTeam, "The preset addresses are changed.", s.setPreset},
		"clock":         {team.ManageTeam, "The clock has been put forward. Reminders and expiries that were due happen now.", s.advance},
		"kind":          {team.ManageOrganisation, "The kind of the team is changed, and its API keys are revoked.", s.setKind},
		"parent":        {team.ManageOrganisation, "The team has moved.", s.moveTeam},
		"member":        {team.ManageMembers, "The level is changed.", s.setMember},
		"member/remove": {team.ManageMembers, "The member is removed, and their API keys of this team are revoked.", s.removeMember},
		"invite":        {team.ManageMembers, "The invitation is on its way.", s.inviteTo},
	} {
		handle("POST /dashboard/teams/{team}/"+action, s.changes(form))
	}
}

// sections are the parts of the dashboard that the visitor can use.
func (v visitor) sections() []choice {
	all := []choice{{Name: "Envelopes", Address: "/dashboard"}}
	if v.team.ID != "" {
		all = append(all, choice{Name: "Activity", Address: "/dashboard/activity"})
	}
	if v.team.ID != "" || v.actor.Head {
		all = append(all, choice{Name: "Teams", Address: "/dashboard/teams"})
	}
	if v.can(team.ManageConnectors, v.team) {
		all = append(all, choice{Name: "Connectors", Address: "/dashboard/connectors"})
	}
	if v.team.ID != "" {
		all = append(all, choice{Name: "API", Address: "/dashboard/api"}, choice{Name: "Usage", Address: "/dashboard/usage"})
	}
	if v.actor.Operator {
		all = append(all, choice{Name: "Hub", Address: "/operator"})
	}
	return all
}

// in says which part of the dashboard the page is in.
func (p page) in(section string) page {
	for i := range p.Sections {
		p.Sections[i].Chosen = p.Sections[i].Name == section
	}
	return p
}

// withChildren is how a list is asked for the teams below, too.
const withChildren = "children"

// within are the teams of which the visitor may know anything at all.
func (v visitor) within() []string { return append([]string{v.team.ID}, v.actor.Children...) }

// scope is what a list of envelopes shows the visitor: those of these teams, and of
// that owner unless it is "".
func (v visitor) scope(below bool) (teams []string, owner string) {
	switch v.actor.Reach(team.ReadEnvelopes) {
	case team.Own:
		return []string{v.team.ID}, v.actor.ID
	case team.Whole:
		if below {
			return v.within(), ""
		}
		return []string{v.team.ID}, ""
	}
	return nil, ""
}

// scopes are the links between the team alone and all below it; none when there is
// nothing below that they may see.
func (v visitor) scopes(address string, asked url.Values) []choice {
	if len(v.actor.Children) == 0 || v.actor.Reach(team.ReadEnvelopes) != team.Whole {
		return nil
	}
	return []choice{choiceOf("This team", address, asked, "of", ""), choiceOf("With the teams below", address, asked, "of", withChildren)}
}

// names of the teams below the one that the visitor looks at.
func (s *site) names(ctx context.Context, v visitor) (map[string]string, error) {
	if len(v.actor.Children) == 0 {
		return nil, nil
	}
	all, err := s.Administration.Tree(ctx, v.actor.Organisation)
	names := map[string]string{}
	for _, t := range all {
		names[t.ID] = t.Name
	}
	return names, err
}

// teamOf opens the team that the address names, for a visitor who may do that with it.
func (s *site) teamOf(r *http.Request, verb team.Verb) (visitor, team.Team, error) {
	v, of, err := s.knownTeam(r)
	if err != nil {
		return v, of, err
	}
	return v, of, v.may(verb, thingOf(of, verb), errTeamMissing)
}

// knownTeam opens it for a visitor who knows of it: as who they are in that very team,
// or as who oversees it.
func (s *site) knownTeam(r *http.Request) (visitor, team.Team, error) {
	v, err := s.visitor(r)
	if err != nil {
		return v, team.Team{}, err
	}
	wanted := r.PathValue("team")
	if v.user.ID != "" {
		there, err := s.Records.Actor(r.Context(), v.user, wanted)
		if err != nil {
			return v, team.Team{}, err
		}
		if there.Level != "" || !slices.Contains(v.actor.Children, wanted) {
			v.actor = there
		}
	}
	of, err := s.Records.Team(r.Context(), wanted)
	if err != nil {
		return v, of, err
	}
	if team.May(v.actor, team.SeeTeam, thingOf(of, team.SeeTeam)) == team.Unseen {
		return v, of, errTeamMissing
	}
	return v, of, nil
}

// thingOf is the team for the judge, or the organisation that it belongs to.
func thingOf(of team.Team, verb team.Verb) team.Thing {
	if verb == team.ManageOrganisation {
		return team.Thing{Organisation: of.Organisation}
	}
	return team.Thing{Organisation: of.Organisation, Team: of.ID}
}

func (v visitor) can(verb team.Verb, of team.Team) bool {
	return team.May(v.actor, verb, thingOf(of, verb)) == team.Granted
}

// teamForm is a form of a team's page: who may send it, what it does, and what is
// said when that is done.
type teamForm struct {
	verb team.Verb
	said string
	do   func(r *http.Request, v visitor, of team.Team) error
}

// changes does what a form wants, and shows the team's page again.
func (s *site) changes(f teamForm) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		v, of, err := s.teamOf(r, f.verb)
		if err != nil {
			return err
		}
		if err := f.do(r, v, of); err != nil {
			p, mendable := mend(err)
			if !mendable {
				return err
			}
			return s.showTeam(w, r, statuses[p.Kind], v, of, p.Public)
		}
		http.Redirect(w, r, s.said(w, "/dashboard/teams/"+of.ID, f.said), http.StatusSeeOther)
		return nil
	}
}

// mend tells whether a refusal is about the form, which is shown again with it.
func mend(err error) (*problem.Problem, bool) {
	p := problem.Of(err)
	return p, p.Kind != problem.KindInternal && p.Kind != problem.KindMissing && p.Kind != problem.KindAway
}

// noted adds to the team's evidence what the visitor has done. It has happened by
// then, so that a failure is ours to look into.
func (s *site) noted(r *http.Request, v visitor, teamID, kind string, detail ...string) {
	noted := envelope.Evidence{Kind: kind, By: v.witness(), Origin: s.origin(r), Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		noted.Detail[detail[i]] = detail[i+1]
	}
	if err := s.Administration.Note(r.Context(), teamID, noted); err != nil {
		s.Log.ErrorContext(r.Context(), "note "+kind, "team", teamID, "cause", err)
	}
}

// saidCookie carries a sentence from a form to the page that follows it.
const saidCookie = "chancery_said"

// said lets the page at the address say what has been done, once.
func (s *site) said(w http.ResponseWriter, address, sentence string) string {
	c := s.cookie(saidCookie, url.QueryEscape(sentence), saidFor)
	c.SameSite = http.SameSiteStrictMode
	http.SetCookie(w, c)
	return address
}

// saidFor is how long the page may take to come.
const saidFor = 30 * time.Second

// heard takes the sentence, for the page that says it.
func (s *site) heard(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(saidCookie)
	if err != nil {
		return ""
	}
	s.forget(w, saidCookie)
	sentence, _ := url.QueryUnescape(c.Value)
	return sentence
}

func word(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
