package hub

import (
	"context"
	"net/http"
	"strings"
	"time"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/csvfile"
	"chancery/connectors/described"
	"chancery/connectors/hubspot"
	"chancery/connectors/inbound"
	"chancery/connectors/salesforce"
	"chancery/envelope"
	"chancery/integration"
	"chancery/tags"
	"chancery/webhooks"
)

// systems are all that the hub can be connected to.
func systems(p webhooks.Policy) map[string]connectors.System {
	all := map[string]connectors.System{}
	for _, s := range []connectors.System{salesforce.System(p.Dial, p.Roots), hubspot.System(), described.System(), csvfile.System(), inbound.System()} {
		all[s.Name] = s
	}
	return all
}

// connect puts together what carries records to envelopes and back.
func (h *Hub) connect() {
	known := systems(h.config.Webhooks)
	client := connecting(h.config.Webhooks)
	drawing := &integration.Drawing{Records: h.Store, Papers: h.papers, Tags: tags.Finder{Pages: h.drawing}, Limit: h.config.maxUpload()}
	h.clerk = &activities.Clerk{
		Records: h.Store, Systems: known, HTTP: client, Papers: h.papers, Desk: h.desk, Journeys: h.desk, Now: time.Now,
		Drawing: drawing,
		Link: func(e envelope.Envelope) string {
			return strings.TrimSuffix(h.config.PublicURL, "/") + "/dashboard/envelopes/" + e.ID
		},
	}
	h.integration = &integration.Desk{Records: h.Store, Cupboard: h.papers, Drawing: drawing, Systems: known, HTTP: client, Clerk: h.clerk, Later: h.desk,
		Links: h.links, Calls: h.calls, Public: h.config.PublicURL, Now: time.Now}
}

// connectorTime bounds one call of another system, with a document in it.
const connectorTime = 2 * time.Minute

// connecting is a client that reaches no private addresses, by the rules of webhooks,
// but with time for documents.
func connecting(p webhooks.Policy) *http.Client {
	client := *webhooks.NewClient(p)
	client.Timeout = connectorTime
	return &client
}

// listen takes up what the hub should listen to, wherever it does not, and lets records
// be compared with their envelopes every day.
func (h *Hub) listen(ctx context.Context) error {
	watched, err := h.Store.Watched(ctx)
	if err != nil {
		return err
	}
	for connection, types := range watched {
		if err := h.desk.KeepWatching(ctx, connection, types); err != nil {
			return err
		}
	}
	scheduled, err := h.Store.Scheduled(ctx)
	if err != nil {
		return err
	}
	for _, m := range scheduled {
		if err := h.desk.Survey(ctx, m.Survey()); err != nil {
			return err
		}
	}
	return h.desk.KeepReconciling(ctx)
}
