package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/sdk/client"
	temporalotel "go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"

	"chancery/rate"
)

// telemetry is what the hub tells its operators: metrics for Prometheus, and
// traces when somebody collects them. Neither holds personal data.
type telemetry struct {
	registry *prometheus.Registry
	meters   *sdkmetric.MeterProvider
	traces   *sdktrace.TracerProvider
	traced   bool // somebody collects the traces
	requests metric.Float64Histogram
	alone    metric.Int64Counter // calls and hooks that this process counted by itself
	unlogged metric.Int64Counter // calls of the API that are not in the log
}

// newTelemetry sends traces to collector, an OTLP address over HTTP; empty sends none.
func newTelemetry(ctx context.Context, collector string) (*telemetry, error) {
	t := &telemetry{registry: prometheus.NewRegistry(), traced: collector != ""}
	t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := exporter.New(exporter.WithRegisterer(t.registry))
	if err != nil {
		return nil, fmt.Errorf("make metrics: %w", err)
	}
	t.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.requests, err = t.meters.Meter("chancery").Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
	if err != nil {
		return nil, fmt.Errorf("make metrics: %w", err)
	}
	t.alone, err = t.meters.Meter("chancery").Int64Counter("chancery.rate.fallbacks")
	if err != nil {
		return nil, fmt.Errorf("make metrics: %w", err)
	}
	t.unlogged, err = t.meters.Meter("chancery").Int64Counter("chancery.requests.unlogged")
	if err != nil {
		return nil, fmt.Errorf("make metrics: %w", err)
	}
	if !t.traced {
		t.traces = sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
		return t, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(collector))
	if err != nil {
		return nil, fmt.Errorf("send traces to %s: %w", collector, err)
	}
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	return t, nil
}

// flushing is how long the last traces may take to leave.
const flushing = 3 * time.Second

func (t *telemetry) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushing)
	defer cancel()
	return errors.Join(t.traces.Shutdown(ctx), t.meters.Shutdown(ctx))
}

// engine returns what watches the conversation with the engine.
func (t *telemetry) engine() (client.MetricsHandler, interceptor.Interceptor, error) {
	metrics := temporalotel.NewMetricsHandler(temporalotel.MetricsHandlerOptions{Meter: t.meters.Meter("temporal")})
	if !t.traced {
		return metrics, nil, nil
	}
	watch, err := temporalotel.NewTracingInterceptor(temporalotel.TracerOptions{Tracer: t.traces.Tracer("temporal")})
	if err != nil {
		return nil, nil, fmt.Errorf("trace the engine: %w", err)
	}
	return metrics, watch, nil
}

func (t *telemetry) metrics() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{})
}

// count measures every request. Paths hold ids and links, so only their first
// word is told.
func (t *telemetry) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := &statusSeen{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		t.requests.Record(r.Context(), time.Since(started).Seconds(), metric.WithAttributes(
			attribute.String("method", known(r.Method)),
			attribute.String("area", area(r.URL.Path)),
			attribute.Int("status", seen.status),
		))
	})
}

// watch tells when what several processes count together is counted by this one alone.
func (h *Hub) watch(what string) rate.Watch {
	counted := metric.WithAttributes(attribute.String("what", what))
	return rate.Watch{
		Log:      h.config.Log.With("what", what),
		Fallback: func() { h.telemetry.alone.Add(context.Background(), 1, counted) },
	}
}

func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

func area(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "v1", "s", "dashboard", "docs", "trust", "pki", "news":
		return first
	}
	return "other"
}

// statusSeen remembers the status of a reply.
type statusSeen struct {
	http.ResponseWriter
	status int
}

func (s *statusSeen) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusSeen) Unwrap() http.ResponseWriter { return s.ResponseWriter }
