package web

import (
	"net/http"

	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

type accessPage struct {
	apiPage
	Form    team.ApplicationForm
	Last    team.Application
	New     string // id of the application to be, so that sending it twice is one
	Asks    bool   // there is a form to fill in
	Wrong   string // field that lacks something
	Secured bool
	Allowed bool
}

// accessPage lets somebody apply for access to the API, and says what became of it.
func (s *site) accessPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.somebody(r)
	if err != nil {
		return err
	}
	view := accessPage{New: id.New(id.Application)}
	view.Form.Name = v.user.Name
	return s.showAccess(w, r, http.StatusOK, v, view, "")
}

func (s *site) showAccess(w http.ResponseWriter, r *http.Request, status int, v visitor, view accessPage, trouble string) (err error) {
	view.apiPage = s.apiPage(w, r, v, "Access", trouble)
	view.Last, err = s.Administration.LastApplication(r.Context(), v.user.ID)
	if err != nil && !problem.Has(err, "application_missing") {
		return err
	}
	view.Allowed, view.Secured = !v.user.ApprovedAt.IsZero(), !v.user.SecuredAt.IsZero()
	view.Asks = !view.Allowed && view.Last.Status != team.Pending
	return s.views.show(w, status, "access", view)
}

// MaxAnswer is how long an answer may be.
func (accessPage) MaxAnswer() int { return team.MaxAnswer }

// apply hands in an application, for an operator to decide.
func (s *site) apply(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.somebody(r)
	if err != nil {
		return err
	}
	a := team.Application{
		ID: r.PostFormValue("id"), Organisation: v.user.Organisation, User: v.user.ID, Status: team.Pending, CreatedAt: s.Clock(),
		Form: team.ApplicationForm{
			Company: word(r, "company"), Address: word(r, "address"), Name: word(r, "name"),
			Role: word(r, "role"), UseCases: word(r, "use_cases"), Experience: word(r, "experience"),
		},
	}
	if !id.Is(id.Application, a.ID) {
		return problem.Invalid("application_invalid", "Please load the page again.").At("id")
	}
	if err := s.Administration.Apply(r.Context(), a); err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showAccess(w, r, statuses[p.Kind], v, accessPage{New: a.ID, Form: a.Form, Wrong: p.Field}, p.Public)
	}
	s.noted(r, v, v.team.ID, "access.applied")
	http.Redirect(w, r, s.said(w, "/dashboard/api/access", "Your application is on its way. You will get a letter when it is decided."), http.StatusSeeOther)
	return nil
}
