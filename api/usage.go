package api

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chancery/problem"
	"chancery/team"
)

// Usage is what was sent in a month. Each envelope is counted once, when it is sent,
// in the month of that moment (UTC); it stays counted whatever becomes of it.
type Usage struct {
	Month string      `json:"month" example:"2026-03"`
	Plan  *Plan       `json:"plan,omitempty" doc:"Left out for organisations without one."`
	Teams []TeamUsage `json:"teams" nullable:"false"`
}

// Plan is what the organisation has paid for.
type Plan struct {
	Name             string `json:"name"`
	MonthlyDocuments int    `json:"monthly_documents,omitempty" doc:"Of all production teams together; left out when it is fair use."`
}

// TeamUsage is what one team has sent. Tests are free.
type TeamUsage struct {
	Team          string `json:"team"`
	Name          string `json:"name"`
	Envelopes     int    `json:"envelopes"`
	Documents     int    `json:"documents" doc:"In these envelopes; a plan's limit counts documents."`
	TestEnvelopes int    `json:"test_envelopes"`
	TestDocuments int    `json:"test_documents"`
}

func (a *api) usageRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/usage", ID: "get-usage", Tag: "Team", Verb: team.ReadLogs,
		Summary: "See what was sent in a month", Doc: "By the key's team, and by those below it."}, a.usage)
	serveFile(a, route{Method: http.MethodGet, Path: "/v1/usage.csv", ID: "get-usage-csv", Tag: "Team", Verb: team.ReadLogs,
		Summary: "See what was sent in a month, for a spreadsheet", Doc: "The same figures as CSV (RFC 4180)."},
		"text/csv", &huma.Schema{Type: huma.TypeString, Format: "binary"}, a.usageCSV)
}

type usageInput struct {
	Month string `query:"month" maxLength:"7" example:"2026-03" doc:"This one, unless said."`
}

type usageReply struct{ Body Usage }

const yearAndMonth = "2006-01"

var errMonth = problem.Invalid("month_invalid", "A month is written as year and month, such as 2026-03.").At("month")

func (a *api) usage(ctx context.Context, in *usageInput) (*usageReply, error) {
	month, teams, err := a.sent(ctx, in)
	if err != nil {
		return nil, err
	}
	paid, err := a.Records.Subscription(ctx, callerOf(ctx).Team.Organisation)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	reply := Usage{Month: month.Format(yearAndMonth), Teams: each(teams, func(u team.Usage) TeamUsage { return TeamUsage(u) })}
	if paid.Active(a.Now()) {
		reply.Plan = &Plan{Name: paid.Plan, MonthlyDocuments: paid.MonthlyDocuments}
	}
	return &usageReply{reply}, nil
}

func (a *api) usageCSV(ctx context.Context, in *usageInput) (*fileReply, error) {
	month, teams, err := a.sent(ctx, in)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := team.WriteUsage(&text, month, teams); err != nil {
		return nil, fmt.Errorf("write usage: %w", err)
	}
	return &fileReply{
		ContentType: "text/csv",
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": "usage-" + month.Format(yearAndMonth) + ".csv"}),
		Body:        text.Bytes(),
	}, nil
}

// sent is what the caller's team and those below it have sent in the month. The figures
// are those of whole teams: whoever sees only what is their own does not see them.
func (a *api) sent(ctx context.Context, in *usageInput) (time.Time, []team.Usage, error) {
	who, month := callerOf(ctx), team.Month(a.Now())
	if err := allow(ctx, who.Team.ID, "", errNotAllowed); err != nil {
		return month, nil, err
	}
	if in.Month != "" {
		var err error
		if month, err = time.Parse(yearAndMonth, in.Month); err != nil {
			return month, nil, errMonth
		}
	}
	all, err := a.Records.Usage(ctx, who.Team.Organisation, month)
	if err != nil {
		return month, nil, fmt.Errorf("read usage: %w", err)
	}
	return month, slices.DeleteFunc(all, func(u team.Usage) bool { return !slices.Contains(who.within(), u.Team) }), nil
}
