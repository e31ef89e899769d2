package web

import (
	"net/http"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/links"
	"chancery/problem"
	"chancery/team"
)

const (
	cookieName = "chancery_dashboard"
	sessionFor = 12 * time.Hour
)

// visitor is who looks at a team's dashboard.
type visitor struct {
	team team.Team
	key  string // id of the API key they signed in with; "" with a link
}

// actor is the visitor as the evidence names them.
func (v visitor) actor() envelope.Actor {
	if v.key == "" {
		return envelope.Actor{Kind: "user", ID: "dashboard"}
	}
	return envelope.Actor{Kind: "key", ID: v.key}
}

var errSignedOut = problem.Denied("signed_out", "Please sign in to the dashboard again.")

// visitor opens the cookie. A session ends with the key that began it.
func (s *site) visitor(r *http.Request) (visitor, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return visitor{}, errSignedOut
	}
	link, err := s.Links.Open(Dashboard, cookie.Value, s.Clock())
	if err != nil {
		return visitor{}, errSignedOut.Because(err)
	}
	teamID, key, _ := strings.Cut(link.Subject, ".")
	if err := s.stillGood(r, teamID, key); err != nil {
		return visitor{}, err
	}
	owner, err := s.Records.Team(r.Context(), teamID)
	return visitor{team: owner, key: key}, err
}

func (s *site) stillGood(r *http.Request, teamID, key string) error {
	if key == "" {
		return nil
	}
	keys, err := s.Records.Keys(r.Context(), teamID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.ID == key && k.Revoked.IsZero() {
			return nil
		}
	}
	return errSignedOut
}

type door struct {
	page
	Wrong string // what was wrong with the key
}

func (s *site) door(w http.ResponseWriter, status int, wrong string) error {
	return s.views.show(w, status, "door", door{page: page{Title: "Dashboard"}, Wrong: wrong})
}

// signIn takes an API key.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	shown := strings.TrimSpace(r.PostFormValue("key"))
	bearer, err := s.Records.TeamByKey(r.Context(), team.HashKey(shown))
	if err != nil {
		if problem.Of(err).Kind == problem.KindInternal {
			return err
		}
		return s.door(w, http.StatusForbidden, "This key is not known, or has been revoked.")
	}
	s.enter(w, bearer.Team.ID+"."+bearer.Key.ID)
	http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
	return nil
}

// openDashboard lets in whoever has a link to the team's dashboard.
func (s *site) openDashboard(w http.ResponseWriter, r *http.Request) error {
	link, err := s.Links.Open(Dashboard, r.PathValue("token"), s.Clock())
	if err != nil {
		return err
	}
	s.enter(w, link.Subject)
	http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
	return nil
}

func (s *site) enter(w http.ResponseWriter, subject string) {
	value := s.Links.Mint(links.Link{Purpose: Dashboard, Subject: subject, Expires: s.Clock().Add(sessionFor)})
	http.SetCookie(w, s.cookie(value, int(sessionFor/time.Second)))
}

func (s *site) signOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie("", -1))
	http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
	return nil
}

// cookie is Strict, so that a link from elsewhere never acts in the team's name.
func (s *site) cookie(value string, seconds int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/dashboard", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.secure,
	}
}
