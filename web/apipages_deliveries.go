package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/webhooks"
)

// tried is what came of an endpoint's trial, for people.
type tried struct {
	webhooks.Outcome
	Event    string
	Body     string
	Arrived  bool
	Sentence string
}

// tryHook sends one event now and shows what came of it.
func (s *site) tryHook(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.hook(r)
	if err != nil {
		return err
	}
	if wait, err := webhooks.MayTry(r.Context(), s.Calls, v.team.ID); err != nil {
		p := problem.Of(err)
		retryAfter(w, wait)
		return s.showHook(w, r, statuses[p.Kind], v, one, hookPage{}, p.Public)
	}
	at := s.Clock()
	secrets, err := one.LiveSecrets(at)
	if err != nil {
		return err
	}
	about := webhooks.Trial{ID: id.New(id.Event), Endpoint: one.ID, Team: v.team.ID}
	sent, outcome, err := webhooks.Try(r.Context(), s.Hooks, about, one.URL, at, secrets...)
	if err != nil {
		return err
	}
	s.noted(r, v, v.team.ID, "endpoint.tried", "endpoint", one.ID, "verdict", string(outcome.Verdict))
	shown := tried{Outcome: outcome, Event: sent.EventID, Body: indented(sent.Body), Arrived: outcome.Verdict == webhooks.Delivered}
	shown.Sentence = outcome.Error
	if shown.Arrived {
		shown.Sentence = fmt.Sprintf("It has arrived: the endpoint answered %d in %d ms.", outcome.Status, outcome.Took.Milliseconds())
	}
	return s.showHook(w, r, http.StatusOK, v, one, hookPage{Tried: &shown}, "")
}

type deliveryPage struct {
	apiPage
	One      endpoint
	Delivery delivery
	Stamps   []string // webhook-timestamp of each attempt
	Body     string
}

// deliveryPage shows one event on its way: what is sent, what was answered, what comes next.
func (s *site) deliveryPage(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.hook(r)
	if err != nil {
		return err
	}
	found, body, err := s.Administration.Logged(r.Context(), v.team.ID, one.ID, r.PathValue("delivery"))
	if err != nil {
		return err
	}
	view := deliveryPage{apiPage: s.apiPage(w, r, v, "Webhooks", ""), One: endpointOf(one), Delivery: deliveryOf(found), Body: indented(body)}
	for _, a := range found.Attempts {
		view.Stamps = append(view.Stamps, strconv.FormatInt(a.At.Unix(), 10))
	}
	return s.views.show(w, http.StatusOK, "delivery", view)
}

// indented is JSON as people read it. What goes out is one line.
func indented(body []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		return string(body)
	}
	return out.String()
}

func deliveryOf(d postgres.Delivery) delivery {
	shown := delivery{Delivery: d, State: "Delivered", Mark: "done", When: d.NextAt}
	switch d.Status {
	case postgres.DeliveryPending:
		shown.State, shown.Mark = "Under way", "open"
	case postgres.DeliveryFailed:
		shown.State, shown.Mark, shown.When = "Given up", "stopped", time.Time{}
	}
	return shown
}
