package web

import (
	"net/http"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/links"
	"chancery/problem"
	"chancery/team"
)

const (
	linkCookie = "chancery_dashboard"
	linkFor    = 12 * time.Hour
)

// visitor is who looks at the dashboard: somebody who has signed in, or somebody
// who has the link that whoever runs the hub can make.
type visitor struct {
	user    account.User    // without an id they came by a link
	session account.Session // of the user
	teams   []team.Team     // that the user is in
	team    team.Team       // that they look at; without an id they are in none
	actor   team.Actor      // what they may do there
}

// witness is the visitor as the evidence names them.
func (v visitor) witness() envelope.Actor {
	return envelope.Actor{Kind: "user", ID: v.actor.ID, Person: envelope.Person{Name: v.user.Name, Email: v.user.Email}}
}

// errNotAllowed is the answer to a wish that is above the visitor's level.
var errNotAllowed = problem.Denied("not_allowed", "You may not do that in this team. Its administrator can change what you may do.")

// may asks the judge. What the visitor does not see is answered with missing.
func (v visitor) may(verb team.Verb, thing team.Thing, missing error) error {
	switch team.May(v.actor, verb, thing) {
	case team.Granted:
		return nil
	case team.Refused:
		return errNotAllowed
	}
	return missing
}

// visitor opens the request's cookie.
func (s *site) visitor(r *http.Request) (visitor, error) {
	v, err := s.person(r)
	if problem.Has(err, account.ErrSignedOut.Code) {
		return s.linked(r)
	}
	if err != nil {
		return v, err
	}
	return v, s.choose(r, &v)
}

// person is the visitor who has signed in, whichever team they look at.
func (s *site) person(r *http.Request) (v visitor, err error) {
	cookie, err := r.Cookie(s.sessionCookie())
	if err != nil {
		return v, account.ErrSignedOut
	}
	v.session, v.user, err = s.Records.Session(r.Context(), account.HashToken(cookie.Value), account.Open, s.Clock())
	v.actor = team.Actor{ID: v.user.ID, Organisation: v.user.Organisation, Head: v.user.Head, Operator: v.user.Operator}
	return v, err
}

// choose finds the team that they look at: the one they chose, as long as they are
// in it, or their first.
func (s *site) choose(r *http.Request, v *visitor) (err error) {
	if v.teams, err = s.Records.TeamsOf(r.Context(), v.user.ID); err != nil || len(v.teams) == 0 {
		return err
	}
	v.team = v.teams[0]
	for _, t := range v.teams {
		if t.ID == v.session.Team {
			v.team = t
		}
	}
	v.actor, err = s.Records.Actor(r.Context(), v.user, v.team.ID)
	return err
}

// linked is the visitor who came by a link: an administrator of that team, and nobody by name.
func (s *site) linked(r *http.Request) (visitor, error) {
	cookie, err := r.Cookie(linkCookie)
	if err != nil {
		return visitor{}, account.ErrSignedOut
	}
	link, err := s.Links.Open(Dashboard, cookie.Value, s.Clock())
	if err != nil {
		return visitor{}, account.ErrSignedOut.Because(err)
	}
	of, err := s.Records.TeamByLink(r.Context(), link.Subject)
	actor := team.Actor{ID: "dashboard", Organisation: of.Organisation, Team: of.ID, Level: team.Administrator}
	return visitor{teams: []team.Team{of}, team: of, actor: actor}, err
}

// openDashboard lets in whoever has a link to the team's dashboard.
func (s *site) openDashboard(w http.ResponseWriter, r *http.Request) error {
	link, err := s.opened(r, Dashboard)
	if err != nil {
		return err
	}
	value := s.Links.Mint(links.Link{Purpose: Dashboard, Subject: link.Subject, Expires: s.Clock().Add(linkFor)})
	s.forget(w, s.sessionCookie())
	http.SetCookie(w, s.cookie(linkCookie, value, linkFor))
	http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
	return nil
}

// chooseTeam lets the visitor look at another of their teams.
func (s *site) chooseTeam(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.person(r)
	if err != nil {
		return err
	}
	chosen := r.PostFormValue("team")
	teams, err := s.Records.TeamsOf(r.Context(), v.user.ID)
	if err != nil {
		return err
	}
	for _, t := range teams {
		if t.ID == chosen {
			if err := s.Records.ChooseTeam(r.Context(), v.session.ID, t.ID); err != nil {
				return err
			}
			http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
			return nil
		}
	}
	return problem.Missing("team_missing", "There is no such team.")
}

// signOut ends the session and lets the browser forget both cookies.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	v, err := s.person(r)
	if err == nil {
		err = s.Records.EndSession(r.Context(), v.user.ID, v.session.ID)
	}
	if err != nil && !problem.Has(err, account.ErrSignedOut.Code) {
		return err
	}
	s.forget(w, s.sessionCookie())
	s.forget(w, linkCookie)
	http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
	return nil
}

// deviceFor is how long a browser is known after somebody has signed in with it.
const deviceFor = 365 * 24 * time.Hour

// remember gives the browser the token of its session, and one by which it is known
// when the session is over.
func (s *site) remember(w http.ResponseWriter, e account.Entered) {
	good := account.LongestFor
	if e.Stage == account.Pending {
		good = account.PendingFor
	}
	http.SetCookie(w, s.cookie(s.sessionCookie(), e.Token, good))
	if e.Stage == account.Open {
		http.SetCookie(w, s.cookie(s.deviceCookie(), e.Device, deviceFor))
	}
	s.forget(w, linkCookie)
}

func (s *site) deviceCookie() string { return s.sessionCookie() + "-device" }

// sessionCookie is bound to this very host where that can be: a neighbour under the
// same domain can neither read nor plant it (RFC 6265bis, __Host-).
func (s *site) sessionCookie() string {
	if s.secure {
		return "__Host-chancery"
	}
	return "chancery"
}

// cookie is Lax: it comes along when somebody follows a link from a letter, which
// changes nothing, and never with a form of another site.
func (s *site) cookie(name, value string, good time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(good / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure,
	}
}

func (s *site) forget(w http.ResponseWriter, name string) {
	gone := s.cookie(name, "", 0)
	gone.MaxAge = -1
	http.SetCookie(w, gone)
}
