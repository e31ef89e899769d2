package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"chancery/envelope"
)

// perPage is the number of envelopes on one page of the list.
const perPage = 20

type list struct {
	page
	Envelopes []row
	Statuses  []choice
	Scopes    []choice // the team alone, or with those below it
	Tag       choice   // that the list is narrowed to, and the way out of it
	Next      string   // address of the next page
}

type choice struct {
	Name, Address string
	Chosen        bool
}

// row is one envelope in the list.
type row struct {
	envelope.Envelope
	Address  string
	Of       string // name of the team, when it is one below
	Progress string
	When     time.Time
	People   []person
}

// person is a recipient as the dashboard shows them.
type person struct {
	envelope.Recipient
	State string // in words
	Mark  string // done, open, waiting, stopped: the colour of the dot
	When  time.Time
}

// dashboard lists the envelopes of the visitor's team, as far as they see them.
func (s *site) dashboard(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visitor(r)
	if err != nil {
		return err
	}
	asked := url.Values{"status": {r.FormValue("status")}, "of": {r.FormValue("of")}, "tag": {envelope.TidyTag(r.FormValue("tag"))}}
	view := list{page: v.page("Envelopes").in("Envelopes"), Statuses: statusChoices(asked), Scopes: v.scopes("/dashboard", asked)}
	if tag := asked.Get("tag"); tag != "" {
		view.Tag = choiceOf(tag, "/dashboard", asked, "tag", "")
	}
	teams, owner := v.scope(asked.Get("of") == withChildren)
	if len(teams) == 0 {
		return s.views.show(w, http.StatusOK, "list", view)
	}
	names, err := s.names(r.Context(), v)
	if err != nil {
		return err
	}
	filter := Filter{Status: envelope.Status(asked.Get("status")), Owner: owner, Tag: asked.Get("tag"), After: r.FormValue("after"), Limit: perPage}
	found, next, err := s.Envelopes(r.Context(), teams, filter)
	if err != nil {
		return err
	}
	for _, e := range found {
		one := rowOf(e)
		if e.Team != v.team.ID {
			one.Of = names[e.Team]
		}
		view.Envelopes = append(view.Envelopes, one)
	}
	if next != "" {
		asked.Set("after", next)
		view.Next = "/dashboard?" + asked.Encode()
	}
	return s.views.show(w, http.StatusOK, "list", view)
}

func (v visitor) page(title string) page {
	return page{Title: title, Test: v.team.Test(), Team: v.team, Teams: v.teams, User: v.user, Sections: v.sections()}
}

// statusChoices are the links by which the list is narrowed.
func statusChoices(asked url.Values) []choice {
	all := []choice{choiceOf("All", "/dashboard", asked, "status", "")}
	for _, status := range []envelope.Status{envelope.Draft, envelope.Sent, envelope.Completed, envelope.Declined, envelope.Voided, envelope.Expired} {
		all = append(all, choiceOf(statusWords[status], "/dashboard", asked, "status", string(status)))
	}
	return all
}

// choiceOf is a link that changes one thing of what was asked for.
func choiceOf(name, address string, asked url.Values, key, value string) choice {
	next := url.Values{}
	for k, v := range asked {
		if k != "after" && len(v) > 0 && v[0] != "" {
			next[k] = v
		}
	}
	next.Set(key, value)
	if value == "" {
		next.Del(key)
	}
	if len(next) > 0 {
		address += "?" + next.Encode()
	}
	return choice{Name: name, Address: address, Chosen: asked.Get(key) == value}
}

var statusWords = map[envelope.Status]string{
	envelope.Draft: "Draft", envelope.Sent: "In progress", envelope.Completed: "Completed",
	envelope.Declined: "Declined", envelope.Voided: "Voided", envelope.Expired: "Expired",
}

// StatusWord is the status for people.
func (r row) StatusWord() string { return statusWords[r.Status] }

func rowOf(e envelope.Envelope) row {
	r := row{Envelope: e, Address: "/dashboard/envelopes/" + e.ID, Progress: progress(e), When: latest(e), People: people(e)}
	return r
}

// progress says how far the people who act have come.
func progress(e envelope.Envelope) string {
	done, all := 0, 0
	for _, r := range e.Recipients {
		if r.Role.Acts() && r.Status != envelope.Delegated {
			all++
			if r.Status.Agreed() {
				done++
			}
		}
	}
	if slices.ContainsFunc(e.Recipients, func(r envelope.Recipient) bool { return r.Role.Acts() && r.Role != envelope.Signer }) {
		return fmt.Sprintf("%d of %d done", done, all)
	}
	return fmt.Sprintf("%d of %d signed", done, all)
}

func latest(e envelope.Envelope) time.Time {
	at := e.CreatedAt
	for _, t := range []time.Time{e.SentAt, e.EndedAt} {
		if t.After(at) {
			at = t
		}
	}
	for _, r := range e.Recipients {
		for _, t := range []time.Time{r.AskedAt, r.ViewedAt, r.ActedAt} {
			if t.After(at) {
				at = t
			}
		}
	}
	return at.UTC()
}

func people(e envelope.Envelope) []person {
	all := make([]person, len(e.Recipients))
	for i, r := range e.Recipients {
		all[i] = personOf(r)
	}
	slices.SortStableFunc(all, func(a, b person) int { return a.Step - b.Step })
	return all
}

func personOf(r envelope.Recipient) person {
	p := person{Recipient: r, State: string(r.Status), Mark: "waiting", When: r.ActedAt.UTC()}
	switch {
	case r.Unreached():
		p.State, p.Mark, p.When = "letters come back", "stopped", r.BouncedAt.UTC()
	case r.Status.Agreed():
		p.Mark = "done"
	case r.Status == envelope.Released && r.ViewedAt.IsZero():
		p.State, p.Mark, p.When = "asked", "open", r.AskedAt.UTC()
	case r.Status == envelope.Released:
		p.State, p.Mark, p.When = "has looked", "open", r.ViewedAt.UTC()
	case r.Status == envelope.Signing:
		p.State, p.Mark = "has signed, waits for a timestamp", "open"
	case r.Status == envelope.HasDeclined:
		p.Mark = "stopped"
	case r.Status == envelope.Delegated:
		p.State = "handed over"
	case r.Status == envelope.Excused:
		p.State = "not needed"
	case r.Status == envelope.Copied:
		p.State, p.Mark, p.When = "has a copy", "done", r.AskedAt.UTC()
	}
	return p
}
