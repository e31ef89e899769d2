package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"chancery/account"
	"chancery/problem"
)

// handler answers a request or says why not.
type handler func(http.ResponseWriter, *http.Request) error

// statuses of problems, as in the API (RFC 9110 §15).
var statuses = map[problem.Kind]int{
	problem.KindInvalid:  http.StatusUnprocessableEntity,
	problem.KindDenied:   http.StatusForbidden,
	problem.KindMissing:  http.StatusNotFound,
	problem.KindConflict: http.StatusConflict,
	problem.KindTooLarge: http.StatusRequestEntityTooLarge,
	problem.KindLimited:  http.StatusTooManyRequests,
	problem.KindAway:     http.StatusServiceUnavailable,
	problem.KindInternal: http.StatusInternalServerError,
}

// answer turns what a handler returns into a calm page, or into a problem for a
// script. Whoever must sign in first is led there, and back afterwards.
func (s *site) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		p := problem.Of(err)
		if p.Code == account.ErrSignedOut.Code && r.Method == http.MethodGet && !speaksJSON(r) {
			http.Redirect(w, r, "/sign-in?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		if p.Kind == problem.KindInternal {
			s.Log.ErrorContext(r.Context(), "page failed", "route", r.Pattern, "cause", err)
		}
		later(w, err)
		status := statuses[p.Kind]
		if speaksJSON(r) {
			refuse(w, status, p)
			return
		}
		if err := s.views.show(w, status, "refusal", refusal{page: page{Title: heading(p)}, Sentence: p.Public}); err != nil {
			s.Log.ErrorContext(r.Context(), "page failed", "route", r.Pattern, "cause", err)
		}
	})
}

type refusal struct {
	page
	Sentence string
}

func heading(p *problem.Problem) string {
	switch {
	case p.Code == "link_invalid":
		return "This link does not open anything"
	case p.Kind == problem.KindMissing:
		return "There is nothing here"
	case p.Kind == problem.KindInternal:
		return "Something went wrong"
	}
	return "That is not possible"
}

func speaksJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json") || strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
}

// refuse writes a problem as the API does (RFC 9457).
func refuse(w http.ResponseWriter, status int, p *problem.Problem) {
	body := map[string]any{
		"type": "urn:chancery:problem:" + p.Code, "title": http.StatusText(status), "status": status, "code": p.Code, "detail": p.Public,
	}
	if p.Field != "" {
		body["errors"] = []map[string]string{{"location": "body." + p.Field, "message": p.Public}}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the reader may be gone
}

func reply(w http.ResponseWriter, value any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(value)
}

var errNowhere = problem.Missing("page_missing", "Nothing is kept at this address.")

func (s *site) nowhere(http.ResponseWriter, *http.Request) error {
	return errNowhere
}
