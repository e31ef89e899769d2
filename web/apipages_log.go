package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chancery/postgres"
	"chancery/team"
)

type logPage struct {
	apiPage
	Calls    []call
	Asked    logQuery
	Statuses []choice
	Keys     []team.Key
	Next     string
}

// logQuery is what the log is asked for, as it was typed.
type logQuery struct {
	Status, Route, Key, Text, Since, Until string
}

// call is a request of the API for people.
type call struct {
	postgres.Request
	KeyName string
	Mark    string // done or stopped: the colour of the dot
}

// logPage lists the calls of the team's keys, or those of the visitor's own.
func (s *site) logPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inTeam(r)
	if err != nil {
		return err
	}
	asked := logQuery{r.FormValue("status"), r.FormValue("route"), r.FormValue("key"), r.FormValue("text"), r.FormValue("since"), r.FormValue("until")}
	filter := asked.filter(r.FormValue("after"))
	switch v.actor.Reach(team.ReadLogs) {
	case team.Nothing:
		return errNotAllowed
	case team.Own:
		filter.User = v.actor.ID
	}
	found, next, err := s.Administration.Requests(r.Context(), []string{v.team.ID}, filter)
	if err != nil {
		return err
	}
	view := logPage{apiPage: s.apiPage(w, r, v, "Log", ""), Asked: asked, Statuses: logStatuses(asked.Status)}
	if view.Keys, err = s.keysOf(r.Context(), v); err != nil {
		return err
	}
	for _, found := range found {
		view.Calls = append(view.Calls, callOf(found, view.Keys))
	}
	if next != "" {
		view.Next = "/dashboard/api/log?" + asked.values(next).Encode()
	}
	return s.views.show(w, http.StatusOK, "log", view)
}

// filter leaves out what cannot be read: the form shows what was typed.
func (q logQuery) filter(after string) postgres.RequestFilter {
	f := postgres.RequestFilter{Route: q.Route, Key: q.Key, Text: q.Text, After: after, Limit: logPerPage}
	f.Status, _ = strconv.Atoi(q.Status)
	f.Since, _ = time.Parse(minute, q.Since)
	f.Until, _ = time.Parse(minute, q.Until)
	return f
}

const (
	logPerPage = 50
	minute     = "2006-01-02T15:04" // as browsers send a time, here in UTC
)

func (q logQuery) values(after string) url.Values {
	all := url.Values{}
	for name, value := range map[string]string{"status": q.Status, "route": q.Route, "key": q.Key, "text": q.Text, "since": q.Since, "until": q.Until, "after": after} {
		if value != "" {
			all.Set(name, value)
		}
	}
	return all
}

// Narrowed tells whether some calls are left out.
func (q logQuery) Narrowed() bool { return q != logQuery{} }

// logStatuses are choices of a select; their address is the value.
func logStatuses(chosen string) []choice {
	all := []choice{{"Any", "", false}, {"Success (2xx)", "2", false}, {"Refused (4xx)", "4", false}, {"Failed (5xx)", "5", false},
		{"401 No valid key", "401", false}, {"403 Not allowed", "403", false}, {"404 Missing", "404", false},
		{"409 Conflict", "409", false}, {"422 Invalid", "422", false}, {"429 Too many calls", "429", false}}
	for i := range all {
		all[i].Chosen = all[i].Address == chosen
	}
	return all
}

func callOf(r postgres.Request, keys []team.Key) call {
	c := call{Request: r, KeyName: r.Key, Mark: "done"}
	for _, k := range keys {
		if k.ID == r.Key {
			c.KeyName = k.Name
		}
	}
	if r.Status >= 400 {
		c.Mark = "stopped"
	}
	return c
}

// Millis is how long the call took.
func (c call) Millis() int64 { return c.Took.Milliseconds() }
