// Package api answers /v1: what a program may ask of the hub.
//
// A handler reads, asks and answers. Reading comes from Records; a draft is a
// row that the API writes itself; from the moment an envelope is sent the Desk
// is asked and nothing is written here. Handlers return errors, and refusal.go
// is the one place that turns them into replies (RFC 9457).
//
// Read it in this order: New (what a request passes through), ports.go (what is
// needed), wire.go and reading.go (what goes in and comes out), then a file per
// thing. The contract is openapi.yaml, made from the types; a test compares.
package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"chancery/rate"
	"chancery/team"
	"chancery/webhooks"
)

// Config is what the API works with. Records, Desk, Papers and Links are needed.
type Config struct {
	Records Records
	Desk    Desk
	Papers  Papers
	Links   Links

	Integration Integration

	Window     rate.Window       // nil: one process on its own
	Production rate.Limit        // of a production team; zero is 3000 calls in any 60 s
	MaxUpload  int64             // bytes of a document; zero is 25 MiB
	Hooks      webhooks.Policy   // where events may be sent
	Ledger     *Ledger           // nil: calls are not written down
	Region     string            // that this deployment is; "" is none
	Regions    map[string]string // where the deployments of other regions are
	Proxies    []string          // addresses or networks whose forwarding headers are believed

	Log    *slog.Logger // nil: nothing is logged
	Tracer trace.Tracer // nil: nothing is traced
	Now    func() time.Time
}

// DefaultMaxUpload is the largest document in bytes: scans of a long contract fit.
const DefaultMaxUpload = 25 << 20

// DefaultCalls are what a production team may make in any minute: more than a busy
// office does, less than a loop that has gone wrong.
const DefaultCalls = 3000

type api struct {
	Config
	verbs   map[string]team.Verb // of each route, by its pattern
	guesses *guesses
	huma    huma.API
}

// New returns the handler of /v1, /docs, /openapi.yaml and /events.schema.json.
func New(c Config) (http.Handler, error) {
	_, engine, err := assemble(c)
	return engine, err
}

func assemble(c Config) (*api, *gin.Engine, error) {
	if c.Records == nil || c.Desk == nil || c.Papers == nil || c.Links == nil || c.Integration == nil {
		return nil, nil, errors.New("make the api: records, desk, papers, links and integration are needed")
	}
	a := &api{Config: c.withDefaults(), verbs: map[string]team.Verb{}}
	a.guesses = newGuesses(a.Now)
	gin.SetMode(gin.ReleaseMode) // else gin prints every route
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false // a missing route is a problem, not a page
	if err := engine.SetTrustedProxies(c.Proxies); err != nil {
		return nil, nil, fmt.Errorf("trust proxies %v: %w", c.Proxies, err)
	}
	engine.Use(name, harden, a.trace, a.record, a.recover)
	engine.NoRoute(noRoute)
	engine.NoMethod(noMethod)
	return a, engine, a.mount(engine)
}

func (c Config) withDefaults() Config {
	if c.Window == nil {
		c.Window = rate.NewMemoryWindow(c.Now)
	}
	if c.Production == (rate.Limit{}) {
		c.Production = rate.Limit{Name: "production", Calls: DefaultCalls, Per: time.Minute}
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = DefaultMaxUpload
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Tracer == nil {
		c.Tracer = noop.Tracer{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// mount puts the routes behind what every call passes through.
func (a *api) mount(engine *gin.Engine) error {
	known := engine.Group("", a.authenticate, a.limitCalls, a.judge)
	typed := known.Group("", a.readBody, a.once)
	a.huma = humagin.NewWithGroup(engine, typed, a.contract())
	a.teamRoutes()
	a.logRoutes()
	a.clockRoutes()
	a.usageRoutes()
	a.documentRoutes()
	a.envelopeRoutes()
	a.recipientRoutes()
	a.fieldRoutes()
	a.paperRoutes()
	a.eventRoutes()
	a.endpointRoutes()
	a.connectionRoutes()
	a.templateRoutes()
	a.mappingRoutes()
	a.journeyRoutes()
	known.POST("/v1/documents", a.upload)
	known.POST("/v1/verify", a.verify)
	known.POST("/v1/templates", a.uploadTemplate)
	if err := a.publish(engine); err != nil {
		return err
	}
	return a.allJudged(engine.Routes())
}

func (a *api) limitOf(t team.Team) rate.Limit {
	if t.Kind == team.Production {
		return a.Production
	}
	allowed := team.SandboxRate()
	return rate.Limit{Name: "sandbox", Calls: allowed.Calls, Per: allowed.Per}
}
