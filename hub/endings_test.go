package hub

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/postgres/postgrestest"
)

func TestTheEndOfEveryCertificateIsMeasuredAndToldInGoodTime(t *testing.T) {
	h := process(t, postgrestest.Store(t), Config{})
	var err error
	if h.telemetry, err = newTelemetry(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := h.measureEndings(); err != nil {
		t.Fatal(err)
	}
	reply := httptest.NewRecorder()
	h.telemetry.metrics().ServeHTTP(reply, httptest.NewRequest("GET", "/metrics", nil))
	measured := regexp.MustCompile(`chancery_certificate_remaining_seconds{.*role="sealer",teams="production"} (\S+)`).FindStringSubmatch(reply.Body.String())
	if measured == nil || strings.Count(reply.Body.String(), "chancery_certificate_remaining_seconds{") != 12 {
		t.Fatalf("%s", reply.Body)
	}
	left, err := strconv.ParseFloat(measured[1], 64)
	if want := time.Until(h.seal("production").Certificate.NotAfter).Seconds(); err != nil || left < want-60 || left > want+60 {
		t.Errorf("%s, not %.0f seconds: %v", measured[1], want, err)
	}

	var log bytes.Buffer
	h.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	end := h.seal("production").Certificate.NotAfter
	h.warnOfEndings(time.Now())
	if log.Len() > 0 {
		t.Errorf("on the first day it warns: %s", &log)
	}
	h.warnOfEndings(end.Add(-59 * 24 * time.Hour))
	if said := log.String(); !strings.Contains(said, "role=sealer") || !strings.Contains(said, "days_left=59") || !strings.Contains(said, "role=certifier") || strings.Contains(said, "role=root") {
		t.Errorf("59 days before the end: %s", said)
	}
}
