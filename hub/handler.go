package hub

import (
	"encoding/pem"
	"net/http"
	"strings"
	"time"

	"chancery/api"
	"chancery/pki"
	"chancery/postgres"
	"chancery/rate"
)

// Handler answers everything the hub serves: the API, the pages, the probes, the
// roots that its signatures lead to, and whoever checks its certificates.
func (h *Hub) Handler() (http.Handler, error) {
	calls, err := h.api()
	if err != nil {
		return nil, err
	}
	pages, err := h.pages()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/docs", "/docs/", "/openapi.yaml", "/events.schema.json"} {
		mux.Handle(path, calls)
	}
	for _, path := range []string{"GET /livez", "GET /readyz"} {
		mux.Handle(path, h.probes())
	}
	mux.Handle("GET /trust/sandbox.pem", roots(h.papers.Sandbox.Authority))
	mux.Handle("GET /trust/production.pem", roots(h.papers.Production.Authority))
	mux.Handle("/", pages)
	certificates := pki.Handler(h.config.Log, h.papers.Sandbox.Authority, h.papers.Production.Authority)
	return h.telemetry.count(guarded(checkedFirst(certificates, h.regional(mux)))), nil
}

// guarded keeps every request to the rows of those whom the records recognise it to come from.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(postgres.Guard(r.Context())))
	})
}

// checkedFirst leads whoever checks certificates past the mux, which would tidy the
// path, and with it the question: in base64, two slashes may follow each other.
func checkedFirst(certificates, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/pki/") {
			certificates.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

func (h *Hub) api() (http.Handler, error) {
	return api.New(api.Config{
		Records: h.Store,
		Desk:    h.desk,
		Papers:  h.papers,
		Links:   h.doors(),

		Integration: h.integration,
		Window:      h.calls,
		Production:  h.config.calls(),
		MaxUpload:   h.config.maxUpload(),
		Hooks:       h.config.Webhooks,
		Ledger:      h.ledger,
		Region:      h.config.region(),
		Regions:     h.config.Regions,
		Proxies:     h.config.TrustedProxies,
		Log:         h.config.Log,
		Tracer:      h.telemetry.traces.Tracer("chancery/api"),
	})
}

// window counts calls: over all processes when they share a Redis.
func (h *Hub) window() rate.Window {
	if h.redis == nil {
		return rate.NewMemoryWindow(nil)
	}
	return rate.NewShared(rate.NewRedisWindow(h.redis, "chancery/calls/"), h.watch("calls"))
}

func (c Config) calls() rate.Limit {
	if c.Calls == 0 {
		return rate.Limit{}
	}
	return rate.Limit{Name: "production", Calls: c.Calls, Per: time.Minute}
}

func (c Config) maxUpload() int64 {
	if c.MaxUpload > 0 {
		return c.MaxUpload
	}
	return DefaultMaxUpload
}

// roots are what a validator needs to trust to recognise the hub's signatures.
func roots(authority *pki.Authority) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		for _, root := range authority.Roots() {
			_ = pem.Encode(w, &pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}) // the reader may be gone
		}
	})
}
