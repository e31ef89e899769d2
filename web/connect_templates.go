package web

import (
	"net/http"
	"path"
	"strings"

	"chancery/postgres"
	"chancery/problem"
	"chancery/templates"
)

const templatesAt = "/dashboard/connectors/templates"

type templatesPage struct {
	connectPage
	Templates []postgres.Template
	Largest   int64 // megabytes
}

// templatesPage lists the documents that are filled with records.
func (s *site) templatesPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	return s.showTemplates(w, r, http.StatusOK, v, nil)
}

func (s *site) showTemplates(w http.ResponseWriter, r *http.Request, status int, v visitor, trouble *problem.Problem) (err error) {
	view := templatesPage{connectPage: s.connectPage(w, r, v, "Templates"), Largest: s.largestTemplate() >> 20}
	if trouble != nil {
		view.Trouble, view.Wrong = trouble.Public, trouble.Field
	}
	if view.Templates, err = s.Administration.Templates(r.Context(), v.team.ID); err != nil {
		return err
	}
	return s.views.show(w, status, "templates", view)
}

func (s *site) largestTemplate() int64 { return min(s.MaxUpload, templates.MaxTemplate) }

var errNoTemplateChosen = problem.Invalid("file_missing", "Please choose a DOCX, HTML or PDF first.").At("file")

// addTemplate takes a template; one of the same name is retired.
func (s *site) addTemplate(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	kept, err := s.keepTemplate(w, r, v)
	if err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showTemplates(w, r, statuses[p.Kind], v, p)
	}
	s.noted(r, v, v.team.ID, "template.saved", "template", kept.ID)
	http.Redirect(w, r, s.said(w, templatesAt+"/"+kept.ID, "The template is kept. Mappings that name it fill it from now on."), http.StatusSeeOther)
	return nil
}

func (s *site) keepTemplate(w http.ResponseWriter, r *http.Request, v visitor) (postgres.Template, error) {
	name, content, err := s.brought(w, r, s.largestTemplate())
	if problem.Has(err, errNothingChosen.Code) {
		err = errNoTemplateChosen
	}
	if err != nil {
		return postgres.Template{}, err
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return s.Integration.SaveTemplate(r.Context(), v.team.ID, strings.TrimSuffix(name, path.Ext(name)), content)
}

type templatePage struct {
	connectPage
	One    postgres.Template
	Tokens []templates.Token
}

// wantedTemplate opens the template that the address names.
func (s *site) wantedTemplate(r *http.Request) (visitor, postgres.Template, error) {
	v, err := s.connector(r)
	if err != nil {
		return v, postgres.Template{}, err
	}
	one, err := s.Administration.Template(r.Context(), v.team.ID, r.PathValue("template"))
	return v, one, err
}

// templatePage shows what a template asks for.
func (s *site) templatePage(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.wantedTemplate(r)
	if err != nil {
		return err
	}
	view := templatePage{connectPage: s.connectPage(w, r, v, "Templates"), One: one}
	if view.Tokens, err = s.Integration.Asked(r.Context(), v.team.ID, one.ID); err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "template", view)
}

// retireTemplate takes a template out of use.
func (s *site) retireTemplate(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.wantedTemplate(r)
	if err != nil {
		return err
	}
	if err := s.Administration.RetireTemplate(r.Context(), v.team.ID, one.ID); err != nil {
		return err
	}
	s.noted(r, v, v.team.ID, "template.retired", "template", one.ID)
	http.Redirect(w, r, s.said(w, templatesAt, "The template is out of use."), http.StatusSeeOther)
	return nil
}
