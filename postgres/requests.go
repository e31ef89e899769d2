package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
)

// Request is a call of the API as the log has it: the route and not the path, the
// problem's code and not the body.
type Request struct {
	ID      string
	Team    string
	Key     string
	User    string // whose key it was; "" is nobody's
	At      time.Time
	Method  string
	Route   string
	Status  int
	Took    time.Duration // to the millisecond
	Problem string        // its code; "" when all went well
}

// requestLine travels inside JSON, as recipientRow does.
type requestLine struct {
	ID      string    `json:"id"`
	Team    string    `json:"team_id"`
	Key     string    `json:"key_id"`
	User    *string   `json:"user_id"`
	At      time.Time `json:"at"`
	Method  string    `json:"method"`
	Route   string    `json:"route"`
	Status  int       `json:"status"`
	TookMS  int64     `json:"took_ms"`
	Problem string    `json:"problem"`
}

func lineOf(r Request) requestLine {
	line := requestLine{ID: r.ID, Team: r.Team, Key: r.Key, At: r.At, Method: r.Method, Route: r.Route,
		Status: r.Status, TookMS: r.Took.Milliseconds(), Problem: r.Problem}
	if r.User != "" {
		line.User = &r.User
	}
	return line
}

// KeepRequests adds calls to the log. Those that are in it already change nothing.
func (s *Store) KeepRequests(ctx context.Context, calls []Request) error {
	lines := make([]requestLine, len(calls))
	for i, call := range calls {
		lines[i] = lineOf(call)
	}
	_, err := s.pool.Exec(ctx, `
		insert into requests (id, team_id, key_id, user_id, at, method, route, status, took_ms, problem)
		select id, team_id, key_id, user_id, at, method, route, status, took_ms, problem
		  from json_populate_recordset(null::requests, @lines)
		    on conflict (id) do nothing`, pgx.StrictNamedArgs{"lines": lines})
	if err != nil {
		return fmt.Errorf("keep %d requests: %w", len(calls), err)
	}
	return nil
}

// CallsSince counts the calls of a team that were let in since then.
func (s *Store) CallsSince(ctx context.Context, teamID string, since time.Time) (int, error) {
	var calls int
	err := s.pool.QueryRow(ctx, `select count(*) from requests where team_id = @team and at >= @since and status <> 429`,
		pgx.StrictNamedArgs{"team": teamID, "since": since}).Scan(&calls)
	if err != nil {
		return 0, fmt.Errorf("count calls of team %s: %w", teamID, err)
	}
	return calls, nil
}

// forgetAtOnce bounds how long a statement that throws away holds its rows.
const forgetAtOnce = 5000

// ForgetRequests throws away what is older. Of several processes each takes a part.
func (s *Store) ForgetRequests(ctx context.Context, before time.Time) error {
	for {
		tag, err := s.pool.Exec(ctx, `
			with old as (
				select id from requests where at < @before order by at limit @limit for update skip locked
			)
			delete from requests r using old where r.id = old.id`,
			pgx.StrictNamedArgs{"before": before, "limit": forgetAtOnce})
		if err != nil {
			return fmt.Errorf("forget requests before %s: %w", before.Format(time.RFC3339), err)
		}
		if tag.RowsAffected() < forgetAtOnce {
			return nil
		}
	}
}

// RequestFilter chooses calls. What is zero chooses all. After is the cursor that the
// page before gave out.
type RequestFilter struct {
	Status  int // exactly this one; below ten all that begin with it, such as 4
	Key     string
	User    string
	Route   string
	Problem string
	Text    string // stands in the route, the problem's code or the call's id
	Since   time.Time
	Until   time.Time
	After   string
	Limit   int // DefaultPage when 0, at most MaxPage
}

// condition is that of the requests n which are chosen.
func (f RequestFilter) condition() (string, pgx.StrictNamedArgs) {
	chosen, args := "", pgx.StrictNamedArgs{}
	for _, asked := range []struct {
		of        bool
		condition string
		name      string
		value     any
	}{
		{f.Status >= 10, `n.status = @status`, "status", f.Status},
		{f.Status > 0 && f.Status < 10, `n.status / 100 = @status`, "status", f.Status},
		{f.Key != "", `n.key_id = @key`, "key", f.Key},
		{f.User != "", `n.user_id = @user`, "user", f.User},
		{f.Route != "", `n.route = @route`, "route", f.Route},
		{f.Problem != "", `n.problem = @problem`, "problem", f.Problem},
		{f.Text != "", `position(lower(@text) in lower(concat_ws(' ', n.method, n.route, n.problem, n.id))) > 0`, "text", f.Text},
		{!f.Since.IsZero(), `n.at >= @since`, "since", f.Since},
		{!f.Until.IsZero(), `n.at < @until`, "until", f.Until},
	} {
		if asked.of {
			chosen, args[asked.name] = chosen+` and `+asked.condition, asked.value
		}
	}
	return chosen, args
}

type requestRow struct {
	ID      string
	TeamID  string
	KeyID   string
	UserID  zeronull.Text
	At      time.Time
	Method  string
	Route   string
	Status  int
	TookMS  int64
	Problem string
}

// afterAll sorts behind every id.
const afterAll = "~"

// Requests returns a page of the teams' calls, newest first, and the cursor of the
// next page, which is empty on the last one.
func (s *Store) Requests(ctx context.Context, teams []string, f RequestFilter) ([]Request, string, error) {
	_, before, err := readCursor("requests", f.After, "0")
	if err != nil {
		return nil, "", err
	}
	if before == "" {
		before = afterAll
	}
	chosen, args := f.condition()
	args["teams"], args["before"], args["limit"] = teams, before, page(f.Limit)+1
	rows, _ := s.pool.Query(ctx, `
		select r.id, r.team_id, r.key_id, r.user_id, r.at, r.method, r.route, r.status, r.took_ms, r.problem
		  from unnest(@teams::text[]) of_team,
		       lateral (select n.id, n.team_id, n.key_id, n.user_id, n.at, n.method, n.route, n.status, n.took_ms, n.problem
		                  from requests n
		                 where n.team_id = of_team and n.id < @before `+chosen+`
		                 order by n.id desc
		                 limit @limit) r
		 order by r.id desc
		 limit @limit`, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[requestRow])
	if err != nil {
		return nil, "", fmt.Errorf("list requests of teams %v: %w", teams, err)
	}
	found, more := cut(found, page(f.Limit))
	calls := make([]Request, len(found))
	for i, r := range found {
		calls[i] = Request{ID: r.ID, Team: r.TeamID, Key: r.KeyID, User: string(r.UserID), At: r.At, Method: r.Method, Route: r.Route,
			Status: r.Status, Took: time.Duration(r.TookMS) * time.Millisecond, Problem: r.Problem}
	}
	if !more {
		return calls, "", nil
	}
	return calls, cursor("requests", "0", calls[len(calls)-1].ID), nil
}
