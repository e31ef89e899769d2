package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"chancery/connectors"
	"chancery/problem"
)

var (
	errTooMuchTold = problem.TooLarge("news_too_large", "A call may have 1 MiB.")
	errToldTooFast = problem.Limited("news_too_fast", "There are too many calls at this address; please come again later.")
)

// news takes a call of a connection's system. It is a program that calls, so that
// each refusal is a problem and no page.
func (s *site) news(w http.ResponseWriter, r *http.Request) error {
	err := s.told(w, r)
	if err == nil || r.Context().Err() != nil {
		return nil
	}
	p := problem.Of(err)
	log := s.Log.WarnContext
	if p.Kind == problem.KindInternal {
		log = s.Log.ErrorContext
	}
	log(r.Context(), "a system's call is refused", "connection", r.PathValue("connection"), "code", p.Code, "from", s.address(r), "cause", err)
	later(w, err)
	refuse(w, statuses[p.Kind], p)
	return nil
}

func (s *site) told(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Integration.Listener(r.Context(), r.PathValue("connection"), r.PathValue("token"))
	if err != nil {
		return s.guessed(r, err)
	}
	if wait, allowed := s.Integration.MayTell(r.Context(), c); !allowed {
		retryAfter(w, wait)
		return errToldTooFast
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, connectors.MaxCall))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return errTooMuchTold
	}
	if err != nil {
		return fmt.Errorf("read what connection %s is told: %w", c.ID, err)
	}
	answer, mediaType, err := s.Integration.Tell(r.Context(), c, connectors.Call{Request: r, Body: body})
	if err != nil {
		return err
	}
	if mediaType != "" {
		w.Header().Set("Content-Type", mediaType)
	}
	_, _ = io.WriteString(w, answer) // the caller may be gone, and will come again
	return nil
}
