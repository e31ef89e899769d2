package hub

import (
	"context"
	"net/http"
	"strings"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/postgres"
	"chancery/web"
)

func (h *Hub) pages() (http.Handler, error) {
	accounts, err := h.Accounts()
	if err != nil {
		return nil, err
	}
	return web.New(web.Config{
		Records:        h.Store,
		Administration: h.Store,
		Decide:         h.Decide,
		Limit:          h.config.callsOf,
		Hooks:          h.config.Webhooks,
		Calls:          h.calls,
		Envelopes:      h.listed,
		Desk:           h.desk,
		Integration:    h.integration,
		Papers:         h.papers,
		Pages:          h.drawing,
		Links:          h.links,
		Checker:        h.papers,
		Accounts:       accounts,
		Region:         h.config.region(),
		Regions:        h.config.Regions,
		MaxUpload:      h.config.maxUpload(),
		Clock:          time.Now,
		Log:            h.config.Log,
		PublicURL:      h.config.PublicURL,
		Proxies:        h.config.TrustedProxies,
	})
}

// Accounts are what people do with their accounts.
func (h *Hub) Accounts() (*account.Accounts, error) {
	passkeys, err := account.NewPasskeys(h.config.Organisation, h.config.PublicURL)
	if err != nil {
		return nil, err
	}
	return &account.Accounts{
		Records:    h.Store,
		Hasher:     account.NewHasher(account.DefaultCost),
		Post:       h.post,
		House:      h.config.Organisation,
		Public:     h.config.PublicURL,
		Region:     h.config.region(),
		Clock:      time.Now,
		Passkeys:   passkeys,
		Challenges: h.Store,
		SignOns:    h.Store,
		HTTP:       h.hooks,
	}, nil
}

// listed finds the envelopes of a team's dashboard.
func (h *Hub) listed(ctx context.Context, teams []string, f web.Filter) ([]envelope.Envelope, string, error) {
	return h.Store.Envelopes(ctx, teams, postgres.Filter{Status: f.Status, Owner: f.Owner, Tag: f.Tag, After: f.After, Limit: f.Limit})
}

// visit is how long a printed address of the dashboard is good for.
const visit = 12 * time.Hour

// DashboardURL opens a team's dashboard without a key, for whoever runs the hub.
func (h *Hub) DashboardURL(teamID string) string {
	token := h.links.Mint(web.DashboardLink(teamID, time.Now().Add(visit)))
	return strings.TrimSuffix(h.config.PublicURL, "/") + "/dashboard/open/" + token
}
