package web

import (
	"bytes"
	"fmt"
	"net/http"

	"chancery/connectors/mapping"
	"chancery/connectors/rest"
	"chancery/id"
	"chancery/problem"
)

// bringTable makes an envelope of each row of a table that somebody uploads, and sends it.
func (s *site) bringTable(w http.ResponseWriter, r *http.Request) error {
	v, view, err := s.keptMapping(r)
	if err != nil {
		return err
	}
	rows, err := s.rowsOf(w, r, view.One)
	if err != nil {
		return s.troubledEditor(w, r, v, view, err)
	}
	s.noted(r, v, v.team.ID, "journey.begun", "mapping", view.One.ID)
	sentence := fmt.Sprintf("The table has %d rows, and their envelopes go out by themselves. Load the page again to see how far they are.", rows)
	http.Redirect(w, r, s.said(w, journeysAt+"?status="+everything, sentence), http.StatusSeeOther)
	return nil
}

// rowsOf begins a journey for each row, and tells how many there are.
func (s *site) rowsOf(w http.ResponseWriter, r *http.Request, m mapping.Kept) (int, error) {
	request := r.URL.Query().Get("request")
	if !id.Is(id.Request, request) {
		return 0, problem.Invalid("request_invalid", "Please load the page again.").At("id")
	}
	_, table, err := s.brought(w, r, rest.MaxReply)
	if problem.Has(err, errNothingChosen.Code) {
		err = problem.Invalid(errNothingChosen.Code, "Please choose a table in CSV first.")
	}
	if err != nil {
		return 0, problem.Of(err).At("file")
	}
	return s.Integration.BringTable(r.Context(), m, bytes.NewReader(table), request)
}
