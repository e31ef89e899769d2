package web

import (
	"net/http"
	"time"

	"chancery/team"
)

type usagePage struct {
	page
	Month        time.Time
	Before       string // address of the month before
	After        string // and of the one after; "" is the one we are in
	Rows         []team.Usage
	Sum          team.Usage
	Whole        bool // all teams of the organisation
	Subscription team.Subscription
	Subscribed   bool
	Table        string // address of the table for programs
}

// yearAndMonth is how a month is written in an address.
const yearAndMonth = "2006-01"

// used reads what the teams that the visitor may know of have sent in the month asked for.
func (s *site) used(r *http.Request) (visitor, []team.Usage, time.Time, error) {
	v, err := s.inTeam(r)
	if err != nil {
		return v, nil, time.Time{}, err
	}
	month := team.Month(s.Clock())
	if asked, err := time.Parse(yearAndMonth, r.FormValue("month")); err == nil && !asked.After(month) {
		month = asked
	}
	if v.actor.Reach(team.ReadLogs) != team.Whole && !v.actor.Head {
		return v, nil, month, errNotAllowed
	}
	all, err := s.Administration.Usage(r.Context(), v.team.Organisation, month)
	var rows []team.Usage
	for _, u := range all {
		if team.May(v.actor, team.ReadLogs, team.Thing{Organisation: v.team.Organisation, Team: u.Team}) == team.Granted {
			rows = append(rows, u)
		}
	}
	return v, rows, month, err
}

// usage shows what was sent in a month, by team, tests apart, and what the plan has room for.
func (s *site) usage(w http.ResponseWriter, r *http.Request) error {
	v, rows, month, err := s.used(r)
	if err != nil {
		return err
	}
	view := usagePage{page: v.page("Usage").in("Usage"), Month: month, Rows: rows, Whole: v.actor.Head,
		Before: "/dashboard/usage?month=" + month.AddDate(0, -1, 0).Format(yearAndMonth),
		Table:  "/dashboard/usage.csv?month=" + month.Format(yearAndMonth)}
	if next := month.AddDate(0, 1, 0); !next.After(s.Clock()) {
		view.After = "/dashboard/usage?month=" + next.Format(yearAndMonth)
	}
	for _, u := range rows {
		view.Sum.Envelopes += u.Envelopes
		view.Sum.Documents += u.Documents
		view.Sum.TestEnvelopes += u.TestEnvelopes
		view.Sum.TestDocuments += u.TestDocuments
	}
	if view.Subscription, err = s.Administration.Subscription(r.Context(), v.team.Organisation); err != nil {
		return err
	}
	view.Subscribed = view.Subscription.Active(s.Clock())
	return s.views.show(w, http.StatusOK, "usage", view)
}

// MonthWord is the month for people.
func (p usagePage) MonthWord() string { return p.Month.Format("January 2006") }

// Left is how many documents the plan has room for.
func (p usagePage) Left() int { return max(0, p.Subscription.MonthlyDocuments-p.Sum.Documents) }

// Near tells that the plan's documents will not last for long.
func (p usagePage) Near() bool { return p.Left()*10 <= p.Subscription.MonthlyDocuments }

// Limited tells whether the plan has a limit of which all is known here.
func (p usagePage) Limited() bool {
	return p.Subscribed && p.Whole && p.Subscription.MonthlyDocuments > 0
}

// Current tells whether it is the month we are in.
func (p usagePage) Current() bool { return p.After == "" }

// usageTable is the same for programs (RFC 4180).
func (s *site) usageTable(w http.ResponseWriter, r *http.Request) error {
	_, rows, month, err := s.used(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="usage-`+month.Format(yearAndMonth)+`.csv"`)
	_ = team.WriteUsage(w, month, rows) // the reader may be gone
	return nil
}
