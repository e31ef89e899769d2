package hub

import (
	"cmp"
	"context"
	"strings"
	"time"

	"chancery/account"
	"chancery/api"
	"chancery/id"
	"chancery/team"
)

// Decide answers an application for access to the API; the applicant is told by letter.
func (h *Hub) Decide(ctx context.Context, applicationID string, status team.ApplicationStatus, reason string) (team.Application, error) {
	at := time.Now()
	letter := account.Notice{ID: id.New(id.Notice), At: at, Kind: account.AccessApproved, Link: h.page("/dashboard/api/config")}
	if status == team.Rejected {
		letter.Kind, letter.Link = account.AccessRejected, h.page("/dashboard/api/access")
	}
	decided, err := h.Store.Decide(ctx, applicationID, status, reason, at, func(a team.Application, u account.User) account.Notice {
		letter.User, letter.To, letter.Reason = u.ID, u.Address(), a.Reason
		return letter
	})
	if err != nil || letter.User == "" { // it was decided before, and told
		return decided, err
	}
	h.post(ctx, letter.ID)
	return decided, nil
}

// page is the address of a page of the dashboard.
func (h *Hub) page(path string) string { return strings.TrimSuffix(h.config.PublicURL, "/") + path }

// callsOf is how many calls a team may make, as the API counts them.
func (c Config) callsOf(t team.Team) team.RateLimit {
	if t.Test() {
		return team.SandboxRate()
	}
	return team.RateLimit{Calls: cmp.Or(c.Calls, api.DefaultCalls), Per: time.Minute}
}
