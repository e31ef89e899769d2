package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"chancery/postgres"
	"chancery/team"
)

// Request is a call of the API, without its path, headers and body.
type Request struct {
	ID      string    `json:"id" doc:"As in X-Request-Id."`
	Team    string    `json:"team"`
	Key     string    `json:"key"`
	User    string    `json:"user,omitempty" doc:"Whose key it was."`
	At      time.Time `json:"at"`
	Method  string    `json:"method" example:"POST"`
	Route   string    `json:"route" example:"/v1/envelopes/{id}/send"`
	Status  int       `json:"status" example:"201"`
	TookMS  int64     `json:"took_ms"`
	Problem string    `json:"problem,omitempty" doc:"The code of the problem that it was answered with."`
}

// RequestPage is a part of the log, newest first.
type RequestPage struct {
	Requests []Request `json:"requests" nullable:"false"`
	Next     string    `json:"next,omitempty" doc:"The cursor of the next page; left out on the last one."`
}

type requestsInput struct {
	Oversight
	Status  string    `query:"status" pattern:"^[1-5](xx|[0-9]{2})$" example:"4xx" doc:"Only these: a number such as 429, or 4xx."`
	Key     string    `query:"key" maxLength:"40" doc:"Only those with this key, by its id."`
	Route   string    `query:"route" maxLength:"200" example:"/v1/envelopes/{id}/send" doc:"Only those of this route, as it is written here."`
	Problem string    `query:"problem" maxLength:"60" doc:"Only those that were answered with this problem."`
	Since   time.Time `query:"since" doc:"Only those from then on."`
	Until   time.Time `query:"until" doc:"Only those before."`
	Cursor  string    `query:"cursor" maxLength:"500" doc:"next of the page before."`
	Limit   int       `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *api) logRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/requests", ID: "list-requests", Tag: "Team", Verb: team.ReadLogs,
		Summary: "See what was asked of the API, newest first",
		Doc:     "Every call of thirty days, a second or two after it was answered; refused ones, too."}, a.listRequests)
}

func (a *api) listRequests(ctx context.Context, in *requestsInput) (*struct{ Body RequestPage }, error) {
	of, err := in.scope(ctx)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Records.Requests(ctx, of.teams, postgres.RequestFilter{
		Status: statusMeant(in.Status), Key: in.Key, User: of.owner, Route: in.Route, Problem: in.Problem,
		Since: in.Since, Until: in.Until, After: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return &struct{ Body RequestPage }{RequestPage{Requests: each(found, requestShown), Next: next}}, nil
}

// statusMeant is a number, or the first digit of many.
func statusMeant(said string) int {
	if n, err := strconv.Atoi(said); err == nil {
		return n
	}
	if said == "" {
		return 0
	}
	return int(said[0] - '0')
}

func requestShown(r postgres.Request) Request {
	return Request{
		ID: r.ID, Team: r.Team, Key: r.Key, User: r.User, At: utc(r.At), Method: r.Method, Route: r.Route,
		Status: r.Status, TookMS: r.Took.Milliseconds(), Problem: r.Problem,
	}
}
