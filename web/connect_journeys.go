package web

import (
	"context"
	"net/http"
	"net/url"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/id"
	"chancery/integration"
	"chancery/problem"
)

const journeysAt = "/dashboard/connectors/journeys"

type journeysPage struct {
	connectPage
	Statuses []choice
	Journeys []journey
	Next     string
	Mappings []mapping.Kept
	Mapping  string // that is chosen
	Record   string // as it was typed
	New      string // id of the request to be, so that sending it twice is one
}

// journey is a record on its way, for people.
type journey struct {
	connectors.Journey
	Name  string // of the mapping
	State string
	Mark  string
	Due   []connectors.WriteBack // what the record is still to learn of
}

// Stuck tells whether somebody must look at it.
func (j journey) Stuck() bool { return j.Status == connectors.Attention }

// states are the statuses of journeys in the order of the filter.
var states = []struct {
	Status connectors.Status
	Words  string
	Mark   string
}{
	{connectors.Attention, "Needs attention", "stopped"}, {connectors.Begun, "Being read", "open"}, {connectors.Sent, "Sent", "open"},
	{connectors.Finished, "Finished", "done"}, {connectors.Passed, "Passed over", ""},
}

// everything is how the list is asked for all journeys.
const everything = "all"

// journeysPage lists journeys: those that need attention, or all when none does.
func (s *site) journeysPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	return s.showJourneys(w, r, http.StatusOK, v, journeysPage{New: id.New(id.Request)}, nil)
}

func (s *site) showJourneys(w http.ResponseWriter, r *http.Request, status int, v visitor, view journeysPage, trouble *problem.Problem) (err error) {
	view.connectPage = s.connectPage(w, r, v, "Journeys")
	if trouble != nil {
		view.Trouble, view.Wrong = trouble.Public, trouble.Field
	}
	if view.Mappings, err = s.Administration.Mappings(r.Context(), v.team.ID); err != nil {
		return err
	}
	asked := r.URL.Query()
	found, next, err := s.askedJourneys(r.Context(), v.team.ID, asked)
	if err != nil {
		return err
	}
	view.Statuses = journeyChoices(asked)
	if view.Journeys, err = s.journeysOf(r.Context(), found, view.Mappings); err != nil {
		return err
	}
	if next != "" {
		view.Next = journeysAt + "?" + url.Values{"status": asked["status"], "after": {next}}.Encode()
	}
	return s.views.show(w, status, "journeys", view)
}

// askedJourneys finds those of the status that is asked for. Where none is, it says
// in asked which it is.
func (s *site) askedJourneys(ctx context.Context, teamID string, asked url.Values) ([]connectors.Journey, string, error) {
	list := func(status connectors.Status) ([]connectors.Journey, string, error) {
		return s.Administration.Journeys(ctx, teamID, status, asked.Get("after"), perPage)
	}
	switch wanted := asked.Get("status"); wanted {
	case everything:
		return list("")
	case "":
		asked.Set("status", string(connectors.Attention))
		if found, next, err := list(connectors.Attention); err != nil || len(found) > 0 {
			return found, next, err
		}
		asked.Set("status", everything)
		return list("")
	default:
		return list(connectors.Status(wanted))
	}
}

func journeyChoices(asked url.Values) []choice {
	var all []choice
	for _, one := range states {
		all = append(all, choiceOf(one.Words, journeysAt, asked, "status", string(one.Status)))
	}
	return append(all, choiceOf("All", journeysAt, asked, "status", everything))
}

func (s *site) journeysOf(ctx context.Context, found []connectors.Journey, mappings []mapping.Kept) ([]journey, error) {
	names := map[string]string{}
	for _, m := range mappings {
		names[m.ID] = m.Mapping.Name
	}
	var all []journey
	for _, j := range found {
		shown := journey{Journey: j, Name: names[j.Mapping]}
		for _, one := range states {
			if one.Status == j.Status {
				shown.State, shown.Mark = one.Words, one.Mark
			}
		}
		if shown.Stuck() {
			var err error
			if shown.Due, err = s.Administration.Due(ctx, j.ID, ""); err != nil {
				return nil, err
			}
		}
		all = append(all, shown)
	}
	return all, nil
}

// press makes an envelope of a record that somebody names, and sends it.
func (s *site) press(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	view := journeysPage{New: r.PostFormValue("id"), Mapping: r.PostFormValue("mapping"), Record: word(r, "record")}
	begun, err := s.begin(r.Context(), v, view)
	if err != nil {
		p, mendable := tell(err)
		if !mendable {
			return err
		}
		return s.showJourneys(w, r, statuses[p.Kind], v, view, p)
	}
	s.noted(r, v, v.team.ID, "journey.begun", "journey", begun.ID)
	http.Redirect(w, r, s.said(w, journeysAt+"?status="+everything, "The record is being read, and its envelope goes out by itself. Load the page again to see how far it is."), http.StatusSeeOther)
	return nil
}

// maxRecord is how long the id of a record may be.
const maxRecord = 200

var errNoRecord = problem.Invalid("record_or_data", "Please name a record by its id in the system.").At("record")

func (s *site) begin(ctx context.Context, v visitor, wish journeysPage) (connectors.Journey, error) {
	switch {
	case !id.Is(id.Request, wish.New):
		return connectors.Journey{}, problem.Invalid("request_invalid", "Please load the page again.").At("id")
	case wish.Record == "" || len(wish.Record) > maxRecord:
		return connectors.Journey{}, errNoRecord
	}
	m, err := s.Administration.TeamMapping(ctx, v.team.ID, wish.Mapping)
	if err != nil {
		return connectors.Journey{}, err
	}
	return s.Integration.Press(ctx, m, wish.Record, wish.New)
}

// retryJourney goes on with a journey that needed attention.
func (s *site) retryJourney(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, j, err := s.wantedJourney(r)
	if err != nil {
		return err
	}
	if err := s.Integration.Retry(r.Context(), j, integration.Decision(r.PostFormValue("decide"))); err != nil {
		p, mendable := tell(err)
		if !mendable {
			return err
		}
		return s.showJourneys(w, r, statuses[p.Kind], v, journeysPage{New: id.New(id.Request)}, p)
	}
	s.noted(r, v, v.team.ID, "journey.retried", "journey", j.ID)
	http.Redirect(w, r, s.said(w, journeysAt, "The journey goes on."), http.StatusSeeOther)
	return nil
}
