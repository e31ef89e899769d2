package hub

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"chancery/papers"
	"chancery/pki"
	"chancery/problem"
)

const (
	// lookAfter is how often the hub reads its authorities anew: what was revoked,
	// what another process has renewed, what lies newly in the folder.
	lookAfter = 10 * time.Minute
	// warnEvery is how often an ending certificate is complained about.
	warnEvery = 24 * time.Hour
)

// houses by the kind of team.
func (h *Hub) houses() map[string]*papers.House {
	return map[string]*papers.House{"sandbox": h.papers.Sandbox, "production": h.papers.Production}
}

// lookAfterCertificates keeps the authorities up to date until ctx ends. A process
// that serves and works does it once.
func (h *Hub) lookAfterCertificates(ctx context.Context) error {
	if !h.lookedAfter.CompareAndSwap(false, true) {
		return nil
	}
	var warned time.Time
	for {
		if time.Since(warned) >= warnEvery {
			warned = time.Now()
			h.warnOfEndings(warned)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAfter):
		}
		h.quietly("look after certificates", h.refreshAuthorities(ctx))
	}
}

func (h *Hub) refreshAuthorities(ctx context.Context) error {
	for kind, house := range h.houses() {
		later, err := h.config.openAuthority(ctx, h.Store, kind == "sandbox")
		if err != nil {
			return fmt.Errorf("open authority of %s: %w", kind, err)
		}
		house.Authority.Adopt(later)
	}
	return nil
}

func (h *Hub) warnOfEndings(now time.Time) {
	for kind, house := range h.houses() {
		for _, e := range house.Authority.Endings() {
			if e.Left(now) < pki.WarnBefore {
				h.config.Log.Warn("a certificate ends soon", "teams", kind, "role", e.Role, "name", e.Certificate.Subject.CommonName,
					"until", e.Until, "days_left", int(e.Left(now).Hours()/24), "signs_no_more_at_days", int(pki.RefuseBefore.Hours()/24))
			}
		}
	}
}

// measureEndings tells how long each certificate goes on.
func (h *Hub) measureEndings() error {
	_, err := h.telemetry.meters.Meter("chancery").Float64ObservableGauge("chancery.certificate.remaining", metric.WithUnit("s"),
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
			now := time.Now()
			for kind, house := range h.houses() {
				for _, e := range house.Authority.Endings() {
					o.Observe(e.Left(now).Seconds(), metric.WithAttributes(attribute.String("teams", kind), attribute.String("role", string(e.Role))))
				}
			}
			return nil
		}))
	return err
}

// Certificates lists what the teams of one kind sign with.
func (h *Hub) Certificates(kind string) []pki.Ending { return h.houses()[kind].Authority.Endings() }

// RevokeCertificate revokes the certificate that now has a role, and makes its
// successor. A root cannot be revoked.
func (h *Hub) RevokeCertificate(ctx context.Context, kind string, role pki.Role, reason pki.Reason) error {
	for _, e := range h.Certificates(kind) {
		if e.Role != role || role == pki.RootList {
			continue
		}
		if err := h.houses()[kind].Authority.Revoke(ctx, e.Certificate, reason, time.Now()); err != nil {
			return err
		}
		return h.refreshAuthorities(ctx)
	}
	return problem.Missing("certificate_missing", "There is no certificate of that role.")
}
