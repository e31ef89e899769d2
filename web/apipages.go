package web

import (
	"net/http"
	"time"

	"chancery/account"
	"chancery/problem"
	"chancery/team"
)

func (s *site) apiRoutes(handle func(string, handler)) {
	handle("GET /dashboard/api", s.overview)
	handle("GET /dashboard/api/access", s.accessPage)
	handle("POST /dashboard/api/access", s.apply)
	handle("GET /dashboard/api/keys", s.keysPage)
	handle("POST /dashboard/api/keys/{key}/revoke", s.revokeKey)
	handle("GET /dashboard/api/config", s.configPage)
	handle("POST /dashboard/api/config", s.makeKey)
	handle("GET /dashboard/api/log", s.logPage)
	handle("GET /dashboard/api/webhooks", s.hooksPage)
	handle("POST /dashboard/api/webhooks", s.addHook)
	handle("GET /dashboard/api/webhooks/{endpoint}", s.hookPage)
	handle("POST /dashboard/api/webhooks/{endpoint}/delete", s.deleteHook)
	handle("POST /dashboard/api/webhooks/{endpoint}/enable", s.enableHook)
	handle("POST /dashboard/api/webhooks/{endpoint}/rotate", s.rotateHook)
	handle("POST /dashboard/api/webhooks/{endpoint}/replay", s.replay)
	handle("POST /dashboard/api/webhooks/{endpoint}/test", s.tryHook)
	handle("GET /dashboard/api/webhooks/{endpoint}/deliveries/{delivery}", s.deliveryPage)
}

// apiPage is what the pages about the API share.
type apiPage struct {
	page
	Parts []choice // the pages about the API
}

// apiPage begins a page about the API of the visitor's team. Which of them there are
// depends on what the visitor may do.
func (s *site) apiPage(w http.ResponseWriter, r *http.Request, v visitor, part, trouble string) apiPage {
	p := apiPage{page: v.page(part + " · API").in("API")}
	p.Said, p.Trouble = s.heard(w, r), trouble
	parts := []choice{{Name: "Overview", Address: "/dashboard/api"}}
	if v.user.ID != "" {
		parts = append(parts, choice{Name: "Access", Address: "/dashboard/api/access"})
	}
	parts = append(parts, choice{Name: "Keys", Address: "/dashboard/api/keys"})
	if v.user.ID != "" {
		parts = append(parts, choice{Name: "Config", Address: "/dashboard/api/config"})
	}
	parts = append(parts, choice{Name: "Log", Address: "/dashboard/api/log"})
	if v.can(team.ManageWebhooks, v.team) {
		parts = append(parts, choice{Name: "Webhooks", Address: "/dashboard/api/webhooks"})
	}
	for i := range parts {
		parts[i].Chosen = parts[i].Name == part
	}
	p.Parts = parts
	return p
}

// member is a visitor who is in a team.
func (s *site) inTeam(r *http.Request) (visitor, error) {
	v, err := s.visitor(r)
	if err == nil && v.team.ID == "" {
		err = errTeamMissing
	}
	return v, err
}

// somebody is a visitor who has signed in with a name of their own.
func (s *site) somebody(r *http.Request) (visitor, error) {
	v, err := s.inTeam(r)
	if err == nil && v.user.ID == "" {
		err = account.ErrSignedOut
	}
	return v, err
}

type overview struct {
	apiPage
	Approved   bool
	Secured    bool
	Applied    team.Application // the newest, if any
	Kind       string
	Limit      team.RateLimit
	Used       int // calls in the last span
	Envelopes  int // sent this month by the team, tests and others
	Documents  int
	GoodKeys   int
	Endpoints  int
	Failing    int
	Since      time.Time // of the month
	ShowsUsage bool
}

// overview says where the visitor and their team stand with the API.
func (s *site) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inTeam(r)
	if err != nil {
		return err
	}
	view := overview{
		apiPage: s.apiPage(w, r, v, "Overview", ""), Kind: kindWords[v.team.Kind], Limit: s.Limit(v.team),
		Approved: !v.user.ApprovedAt.IsZero(), Secured: !v.user.SecuredAt.IsZero(), ShowsUsage: v.can(team.ReadLogs, v.team),
	}
	for _, fill := range []func(*http.Request, visitor, *overview) error{s.fillAccess, s.fillUse, s.fillEndpoints} {
		if err := fill(r, v, &view); err != nil {
			return err
		}
	}
	return s.views.show(w, http.StatusOK, "overview", view)
}

func (s *site) fillAccess(r *http.Request, v visitor, view *overview) (err error) {
	if v.user.ID == "" {
		return nil
	}
	if view.Applied, err = s.Administration.LastApplication(r.Context(), v.user.ID); problem.Has(err, "application_missing") {
		return nil
	}
	return err
}

func (s *site) fillUse(r *http.Request, v visitor, view *overview) error {
	keys, err := s.keysOf(r.Context(), v)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Good(s.Clock()) {
			view.GoodKeys++
		}
	}
	if !view.ShowsUsage {
		return nil
	}
	if view.Used, err = s.Administration.CallsSince(r.Context(), v.team.ID, s.Clock().Add(-view.Limit.Per)); err != nil {
		return err
	}
	view.Since = team.Month(s.Clock())
	used, err := s.Administration.Usage(r.Context(), v.team.Organisation, s.Clock())
	for _, u := range used {
		if u.Team == v.team.ID {
			view.Envelopes, view.Documents = u.Envelopes+u.TestEnvelopes, u.Documents+u.TestDocuments
		}
	}
	return err
}

func (s *site) fillEndpoints(r *http.Request, v visitor, view *overview) error {
	if !v.can(team.ManageWebhooks, v.team) {
		return nil
	}
	all, err := s.Administration.Endpoints(r.Context(), v.team.ID)
	for _, e := range all {
		view.Endpoints++
		if !e.FailingSince.IsZero() || !e.DisabledAt.IsZero() {
			view.Failing++
		}
	}
	return err
}

// Left is how many calls the team could make at once.
func (o overview) Left() int { return max(0, o.Limit.Calls-o.Used) }

// Seconds is the span of the limit.
func (o overview) Seconds() int { return int(o.Limit.Per / time.Second) }
