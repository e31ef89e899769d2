package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"chancery/jail"
	"chancery/papers"
	"chancery/worker"
)

// Limits of a connection: a slow sender may take its time for 25 MB, nobody may
// hold a connection for ever.
const (
	headerTime  = 10 * time.Second
	requestTime = 2 * time.Minute
	idleTime    = 2 * time.Minute
	maxHeader   = 32 << 10 // bytes
	farewell    = 10 * time.Second
)

// Serve answers the API and the pages at listen, and the probes and metrics at
// metricsListen, until ctx ends; requests under way are finished first.
func (h *Hub) Serve(ctx context.Context, listen, metricsListen string) error {
	handler, err := h.Handler()
	if err != nil {
		return err
	}
	defer h.keepLedger(ctx)() // after the last request
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(ctx, h.config.Log, listen, handler) })
	group.Go(func() error { return h.lookAfterCertificates(ctx) })
	if h.office.returns != nil {
		group.Go(func() error { return h.takeReturns(ctx) })
	}
	if metricsListen != "" {
		group.Go(func() error { return serve(ctx, h.config.Log, metricsListen, h.probes()) })
	}
	return group.Wait()
}

// keepLedger writes calls down until the function that it returns is called, which
// waits for what is left.
func (h *Hub) keepLedger(ctx context.Context) (finish func()) {
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		h.ledger.Run(ctx)
	}()
	return func() {
		end()
		<-finished
	}
}

// Work does the work of the workflows until ctx ends.
func (h *Hub) Work(ctx context.Context, metricsListen string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx, h.engine, h.steps(), h.clerk) })
	group.Go(func() error { h.quietly("listen to connections", h.listen(ctx)); return nil })
	group.Go(func() error { return h.rescue(ctx) })
	group.Go(func() error { return h.lookAfterAccounts(ctx) })
	group.Go(func() error { h.lookForFonts(); h.lookForRenderers(); return nil })
	group.Go(func() error { return h.lookAfterCertificates(ctx) })
	if metricsListen != "" {
		group.Go(func() error { return serve(ctx, h.config.Log, metricsListen, h.probes()) })
	}
	return group.Wait()
}

// lookForRenderers says once which templates cannot be used here.
func (h *Hub) lookForRenderers() {
	for kind, there := range map[string]bool{"DOCX": jail.CanWrite(), "HTML": jail.CanBrowse()} {
		if !there {
			h.config.Log.Warn("no program that makes PDFs of some templates: install libreoffice-writer-nogui for DOCX, chromium for HTML", "kind", kind)
		}
	}
}

// lookForFonts says once what cannot be drawn here. It also finds the fonts before
// the first signer waits for it.
func (h *Hub) lookForFonts() {
	if scripts := papers.Undrawable(); len(scripts) > 0 {
		h.config.Log.Warn("no fonts for some scripts: names in them are shown as addresses", "scripts", scripts)
	}
}

// Live serves and works in one process.
func (h *Hub) Live(ctx context.Context, listen, metricsListen string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.Serve(ctx, listen, metricsListen) })
	group.Go(func() error { return h.Work(ctx, "") })
	group.Go(func() error { h.quietly("warm pages", h.drawing.Warm()); return nil }) // or the first reader waits for it
	return group.Wait()
}

func serve(ctx context.Context, log *slog.Logger, listen string, handler http.Handler) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen at %s: %w", listen, err)
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      requestTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		stopped <- server.Shutdown(last)
	}()
	log.Info("serving", "address", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve at %s: %w", listen, err)
	}
	return <-stopped
}

// probes answer whether the process lives, whether it can do its work, and how it
// does. The public address answers the first two only.
func (h *Hub) probes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.ready(r.Context()); err != nil {
			h.config.Log.Warn("not ready", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	mux.Handle("GET /metrics", h.telemetry.metrics())
	return mux
}

// ready asks the database and the engine.
func (h *Hub) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := h.Store.Ready(ctx); err != nil {
		return err
	}
	_, err := h.engine.CheckHealth(ctx, nil)
	return err
}
