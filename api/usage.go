package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"chancery/problem"
	"chancery/team"
)

// Usage is what was sent in a month. Each envelope is counted once, when it is sent,
// in the month of that moment (UTC); it stays counted whatever becomes of it.
type Usage struct {
	Month string      `json:"month" example:"2026-03"`
	Teams []TeamUsage `json:"teams" nullable:"false"`
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
}

type usageInput struct {
	Month string `query:"month" maxLength:"7" example:"2026-03" doc:"This one, unless said."`
}

type usageReply struct{ Body Usage }

const yearAndMonth = "2006-01"

var errMonth = problem.Invalid("month_invalid", "A month is written as year and month, such as 2026-03.").At("month")

func (a *api) usage(ctx context.Context, in *usageInput) (*usageReply, error) {
	who := callerOf(ctx)
	if who.Actor.Reach(team.ReadLogs) != team.Whole {
		return nil, errNotAllowed
	}
	month := team.Month(a.Now())
	if in.Month != "" {
		var err error
		if month, err = time.Parse(yearAndMonth, in.Month); err != nil {
			return nil, errMonth
		}
	}
	all, err := a.Records.Usage(ctx, who.Team.Organisation, month)
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	mine := slices.DeleteFunc(all, func(u team.Usage) bool { return !slices.Contains(who.within(), u.Team) })
	return &usageReply{Usage{Month: month.Format(yearAndMonth), Teams: each(mine, func(u team.Usage) TeamUsage { return TeamUsage(u) })}}, nil
}
