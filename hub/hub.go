package hub

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"go.temporal.io/sdk/client"

	"chancery/activities"
	"chancery/api"
	"chancery/integration"
	"chancery/links"
	"chancery/mail"
	"chancery/pages"
	"chancery/papers"
	"chancery/postgres"
	"chancery/rate"
	"chancery/vault"
	"chancery/webhooks"
	"chancery/workflows"
)

// Hub is the parts put together.
type Hub struct {
	Store *postgres.Store

	config Config
	links  *links.Keys
	papers *papers.Papers
	engine client.Client
	desk   *workflows.Client
	office *office
	hooks  *http.Client
	redis  *redis.Client // where processes count together; nil is nowhere
	calls  rate.Window

	drawing   *pages.Pages
	mailKeys  mail.Keys
	telemetry *telemetry
	ledger    *api.Ledger

	clerk       *activities.Clerk
	integration *integration.Desk

	lookedAfter atomic.Bool // somebody looks after the certificates
}

// Open connects to everything and makes the hub's keys at the first start. It
// fails when the database's schema is older than this program needs.
func Open(ctx context.Context, c Config) (*Hub, error) {
	if err := c.checkRegions(); err != nil {
		return nil, err
	}
	records, column, blobs, err := openRecords(ctx, c)
	if err != nil {
		return nil, err
	}
	h := &Hub{Store: records, config: c}
	if err := h.open(ctx, column, blobs); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *Hub) open(ctx context.Context, column *vault.Column, blobs *vault.Store) error {
	if err := h.Store.Ready(ctx); err != nil {
		return err
	}
	var err error
	if h.papers, err = openPapers(ctx, h.Store, blobs, h.config); err != nil {
		return err
	}
	if h.links, err = openLinks(ctx, h.Store, h.config); err != nil {
		return err
	}
	h.hooks = webhooks.NewClient(h.config.Webhooks)
	h.drawing = pages.New(pages.Config{Cache: h.config.CacheDir})
	if h.office, h.mailKeys, err = openOffice(ctx, h.Store, h.config, h.doors()); err != nil {
		return err
	}
	return h.dial(ctx, column)
}

func (h *Hub) dial(ctx context.Context, column *vault.Column) (err error) {
	if h.config.RedisURL != "" {
		if h.redis, err = rate.Connect(h.config.RedisURL); err != nil {
			return err
		}
	}
	if h.telemetry, err = newTelemetry(ctx, h.config.TraceCollector); err != nil {
		return err
	}
	h.calls = h.window()
	if err = h.measureEndings(); err != nil {
		return err
	}
	h.ledger = api.NewLedger(h.Store, h.config.Log, func() { h.telemetry.unlogged.Add(context.Background(), 1) })
	metrics, tracing, err := h.telemetry.engine()
	if err != nil {
		return err
	}
	h.engine, err = workflows.Dial(ctx, workflows.Engine{
		Address: h.config.Engine, Namespace: h.config.Namespace, Sealer: column,
		Log: h.config.Log, Metrics: metrics, Tracing: tracing,
	})
	if err != nil {
		return err
	}
	h.desk = workflows.NewClient(h.engine, h.Store)
	h.connect()
	return nil
}

// OpenRecords opens the database alone, for looking after it.
func OpenRecords(ctx context.Context, c Config) (*postgres.Store, error) {
	store, _, _, err := openRecords(ctx, c)
	return store, err
}

func openRecords(ctx context.Context, c Config) (*postgres.Store, *vault.Column, *vault.Store, error) {
	kek, err := vault.KeyFile(c.KeyFile)
	if err != nil {
		return nil, nil, nil, err
	}
	disk, err := vault.NewDisk(c.VaultDir)
	if err != nil {
		return nil, nil, nil, err
	}
	blobs := vault.NewStore(disk, kek)
	column, err := openColumns(ctx, kek, blobs)
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := postgres.Open(ctx, postgres.Config{URL: c.DatabaseURL, Sealer: column, Operators: c.Operators})
	if err != nil {
		return nil, nil, nil, err
	}
	return store, column, blobs, nil
}

// Close lets go of everything.
func (h *Hub) Close() {
	if h.engine != nil {
		h.engine.Close()
	}
	if h.drawing != nil {
		h.quietly("close pages", h.drawing.Close())
	}
	if h.office != nil {
		h.quietly("close mail", h.office.submitter.Close())
	}
	if h.redis != nil {
		h.quietly("close Redis", h.redis.Close())
	}
	if h.telemetry != nil {
		h.quietly("close telemetry", h.telemetry.close())
	}
	h.Store.Close()
}

// quietly notes what went wrong where nobody waits for an answer.
func (h *Hub) quietly(what string, err error) {
	if err != nil {
		h.config.Log.Warn(what, "error", err)
	}
}

// steps are what the workflows let be done.
func (h *Hub) steps() *activities.Desk {
	return &activities.Desk{
		Records: h.Store,
		Papers:  h.papers,
		Letters: h.office,
		Hooks:   &activities.HTTPHooks{Client: h.hooks},
		Later:   h.desk,
		Turns:   h.turns(),
		Now:     time.Now,
	}
}

func (h *Hub) doors() doors { return doors{keys: h.links, public: h.config.PublicURL} }

// Engine is the hub's client of the engine.
func (h *Hub) Engine() client.Client { return h.engine }
