package web

import (
	"net/http"
	"unicode/utf8"

	"chancery/envelope"
	"chancery/problem"
)

// written shows a typed name in a handwriting, as it will stand in the document.
func (s *site) written(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.guest(r); err != nil {
		return err
	}
	name := r.FormValue("name")
	if utf8.RuneCountInString(name) > envelope.MaxName {
		return problem.Invalid("text_too_long", "The name is too long.").At("name")
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(s.Papers.Written(r.FormValue("face"), name, r.FormValue("initials") != "")) // the reader may be gone
	return nil
}
