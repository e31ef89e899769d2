package web

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
	"chancery/team"
	"chancery/webhooks"
)

var errEndpointMissing = problem.Missing("endpoint_missing", "There is no such webhook endpoint.")

type hooksPage struct {
	apiPage
	Endpoints []endpoint
	New       string // id of the endpoint to be
	URL       string
	Types     []typeChoice
	Tags      string // as they were typed
	Below     bool   // there are teams below whose events can come along
	Children  bool
}

// endpoint is where events go, for people.
type endpoint struct {
	postgres.Endpoint
	Address string
	State   string
	Mark    string
}

type typeChoice struct {
	Type    envelope.EventType
	Meaning string
	Chosen  bool
}

// hooksPage lists where the team's events go.
func (s *site) hooksPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.listener(r)
	if err != nil {
		return err
	}
	return s.showHooks(w, r, http.StatusOK, v, hooksPage{New: id.New(id.Endpoint), Types: typeChoices(nil)}, "")
}

// listener is a visitor who looks after the team's webhooks.
func (s *site) listener(r *http.Request) (visitor, error) {
	v, err := s.inTeam(r)
	if err != nil {
		return v, err
	}
	return v, v.may(team.ManageWebhooks, thingOf(v.team, team.ManageWebhooks), errTeamMissing)
}

func (s *site) showHooks(w http.ResponseWriter, r *http.Request, status int, v visitor, view hooksPage, trouble string) error {
	view.apiPage = s.apiPage(w, r, v, "Webhooks", trouble)
	view.Below = len(v.actor.Children) > 0
	all, err := s.Administration.Endpoints(r.Context(), v.team.ID)
	if err != nil {
		return err
	}
	for _, e := range all {
		view.Endpoints = append(view.Endpoints, endpointOf(e))
	}
	return s.views.show(w, status, "hooks", view)
}

func typeChoices(chosen []string) []typeChoice {
	var all []typeChoice
	for _, known := range envelope.EventTypes {
		all = append(all, typeChoice{known.Type, known.Meaning, slices.Contains(chosen, string(known.Type))})
	}
	return all
}

var disabledWords = map[postgres.DisabledWhy]string{
	postgres.WhyGone:    "Switched off: it answered that it is gone (410)",
	postgres.WhyFailing: "Switched off: nothing reached it for five days",
	postgres.WhyOwner:   "Switched off",
}

func endpointOf(e postgres.Endpoint) endpoint {
	shown := endpoint{Endpoint: e, Address: "/dashboard/api/webhooks/" + e.ID, State: "In use", Mark: "done"}
	switch {
	case !e.DisabledAt.IsZero():
		shown.State, shown.Mark = disabledWords[e.DisabledWhy], "stopped"
	case !e.FailingSince.IsZero():
		shown.State, shown.Mark = "Fails since "+moment(e.FailingSince), "open"
	}
	return shown
}

// addHook begins to tell an address about events, and shows its secret this once.
func (s *site) addHook(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.listener(r)
	if err != nil {
		return err
	}
	next := postgres.Endpoint{ID: r.PostFormValue("id"), URL: word(r, "url"), Types: r.PostForm["type"], Tags: listed(word(r, "tags")), Children: r.PostFormValue("children") != "", CreatedAt: s.Clock()}
	secret, err := s.storeHook(r, v, &next)
	if err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		view := hooksPage{New: next.ID, URL: next.URL, Types: typeChoices(next.Types), Tags: strings.Join(next.Tags, ", "), Children: next.Children}
		return s.showHooks(w, r, statuses[p.Kind], v, view, p.Public)
	}
	s.noted(r, v, v.team.ID, "endpoint.created", "endpoint", next.ID)
	return s.showHook(w, r, http.StatusOK, v, next, hookPage{Secret: secret}, "")
}

// listed are the words between commas.
func listed(typed string) (words []string) {
	for part := range strings.SplitSeq(typed, ",") {
		if part = strings.TrimSpace(part); part != "" {
			words = append(words, part)
		}
	}
	return words
}

// storeHook checks and stores the endpoint, and leaves its tags as they are kept.
func (s *site) storeHook(r *http.Request, v visitor, next *postgres.Endpoint) (string, error) {
	if !id.Is(id.Endpoint, next.ID) {
		return "", problem.Invalid("endpoint_invalid", "Please load the page again.").At("id")
	}
	if err := webhooks.CheckURL(next.URL, s.Hooks); err != nil {
		return "", err
	}
	if slices.ContainsFunc(next.Types, func(t string) bool { return !envelope.KnownEventType(envelope.EventType(t)) }) {
		return "", problem.Invalid("event_type_unknown", "There is no such event type.").At("type")
	}
	tags, err := envelope.ReadTags(next.Tags)
	if err != nil {
		return "", err
	}
	others, err := s.Administration.Endpoints(r.Context(), v.team.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(others, func(e postgres.Endpoint) bool { return e.ID == next.ID }) {
		return "", problem.Conflict("endpoint_made", "This endpoint has been added already. Its secret is shown once; you can get a new one below.")
	}
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		return "", err
	}
	next.Tags, next.Secrets = tags, []postgres.Secret{{Value: secret.Reveal()}}
	return secret.Reveal(), s.Administration.CreateEndpoint(r.Context(), v.team.ID, *next)
}

type hookPage struct {
	apiPage
	One        endpoint
	Secret     string // this once
	Until      time.Time
	Tried      *tried // what came of a trial just now
	Deliveries []delivery
	Next       string
	Since      string // as it was typed
	Till       string
	Missed     bool
}

// delivery is one event on its way, for people.
type delivery struct {
	postgres.Delivery
	State string
	Mark  string
	When  time.Time // of the next attempt
}

// hookPage shows an endpoint and what went to it.
func (s *site) hookPage(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.hook(r)
	if err != nil {
		return err
	}
	return s.showHook(w, r, http.StatusOK, v, one, hookPage{}, "")
}

// hook opens the endpoint that the address names.
func (s *site) hook(r *http.Request) (visitor, postgres.Endpoint, error) {
	v, err := s.listener(r)
	if err != nil {
		return v, postgres.Endpoint{}, err
	}
	all, err := s.Administration.Endpoints(r.Context(), v.team.ID)
	if err != nil {
		return v, postgres.Endpoint{}, err
	}
	wanted := slices.IndexFunc(all, func(e postgres.Endpoint) bool { return e.ID == r.PathValue("endpoint") })
	if wanted < 0 {
		return v, postgres.Endpoint{}, errEndpointMissing
	}
	return v, all[wanted], nil
}

func (s *site) showHook(w http.ResponseWriter, r *http.Request, status int, v visitor, one postgres.Endpoint, view hookPage, trouble string) error {
	view.apiPage = s.apiPage(w, r, v, "Webhooks", trouble)
	view.One = endpointOf(one)
	if view.Secret != "" {
		view.Script = "copy.ts"
	}
	found, next, err := s.Administration.Deliveries(r.Context(), v.team.ID, one.ID, r.FormValue("after"), perPage)
	if err != nil {
		return err
	}
	for _, d := range found {
		view.Deliveries = append(view.Deliveries, deliveryOf(d))
	}
	if next != "" {
		view.Next = view.One.Address + "?after=" + next
	}
	return s.views.show(w, status, "hook", view)
}

// changesHook does what a form of an endpoint's page wants, and shows the page again.
func (s *site) changesHook(w http.ResponseWriter, r *http.Request, do func(visitor, postgres.Endpoint) (address, sentence string, err error)) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, one, err := s.hook(r)
	if err != nil {
		return err
	}
	address, sentence, err := do(v, one)
	if err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showHook(w, r, statuses[p.Kind], v, one, hookPage{Since: word(r, "since"), Till: word(r, "until"), Missed: r.PostFormValue("missed") != ""}, p.Public)
	}
	http.Redirect(w, r, s.said(w, address, sentence), http.StatusSeeOther)
	return nil
}

func (s *site) deleteHook(w http.ResponseWriter, r *http.Request) error {
	return s.changesHook(w, r, func(v visitor, one postgres.Endpoint) (string, string, error) {
		err := s.Administration.DeleteEndpoint(r.Context(), v.team.ID, one.ID)
		if err == nil {
			s.noted(r, v, v.team.ID, "endpoint.deleted", "endpoint", one.ID)
		}
		return "/dashboard/api/webhooks", "The endpoint is gone, and is told nothing more.", err
	})
}

func (s *site) enableHook(w http.ResponseWriter, r *http.Request) error {
	return s.changesHook(w, r, func(v visitor, one postgres.Endpoint) (string, string, error) {
		err := s.Administration.EnableEndpoint(r.Context(), v.team.ID, one.ID)
		if err == nil {
			s.noted(r, v, v.team.ID, "endpoint.enabled", "endpoint", one.ID)
		}
		return endpointOf(one).Address, "The endpoint is in use again. What it missed can be sent again below.", err
	})
}

// rotateHook shows a new secret this once. The old one goes on to sign beside it.
func (s *site) rotateHook(w http.ResponseWriter, r *http.Request) error {
	v, one, err := s.hook(r)
	if err != nil {
		return err
	}
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	until := s.Clock().Add(webhooks.Rolling)
	if err := s.Administration.RotateSecret(r.Context(), v.team.ID, one.ID, secret.Reveal(), until); err != nil {
		return err
	}
	s.noted(r, v, v.team.ID, "endpoint.secret_rotated", "endpoint", one.ID)
	return s.showHook(w, r, http.StatusOK, v, one, hookPage{Secret: secret.Reveal(), Until: until}, "")
}

// replay sends one event again, or all of a span.
func (s *site) replay(w http.ResponseWriter, r *http.Request) error {
	return s.changesHook(w, r, func(v visitor, one postgres.Endpoint) (string, string, error) {
		which, err := s.replayOf(r)
		if err != nil {
			return "", "", err
		}
		ids, err := s.Administration.Redeliver(r.Context(), v.team.ID, one.ID, which)
		if err != nil {
			return "", "", err
		}
		if err := s.Desk.Redeliver(r.Context(), ids); err != nil {
			return "", "", err
		}
		return endpointOf(one).Address, replayed(len(ids)), nil
	})
}

var errReplay = problem.Invalid("replay_invalid", "Please say from when on events are sent again, and until when.").At("since")

func (s *site) replayOf(r *http.Request) (postgres.Replay, error) {
	if event := r.PostFormValue("event"); event != "" {
		return postgres.Replay{Events: []string{event}}, nil
	}
	since, err := time.Parse(minute, word(r, "since"))
	if err != nil {
		return postgres.Replay{}, errReplay
	}
	until := s.Clock()
	if typed := word(r, "until"); typed != "" {
		if until, err = time.Parse(minute, typed); err != nil || !until.After(since) {
			return postgres.Replay{}, errReplay
		}
	}
	return postgres.Replay{Since: since, Until: until, Missed: r.PostFormValue("missed") != ""}, nil
}

func replayed(n int) string {
	switch n {
	case 0:
		return "There was nothing to send again: it is under way already, or nothing happened then."
	case 1:
		return "One event is on its way again."
	}
	return strconv.Itoa(n) + " events are on their way again."
}
