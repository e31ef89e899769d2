package hub

import (
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"

	"chancery/activities"
)

func TestWebhooksOfASandboxWaitAndThoseOfProductionAsTheHubIsSet(t *testing.T) {
	for name, tt := range map[string]struct {
		set     int // webhooks a minute in production
		sandbox bool
		want    int // of 150 that go at once
	}{
		"a sandbox":                     {0, true, 100},
		"a sandbox of a generous hub":   {1000, true, 100},
		"production":                    {0, false, 150},
		"production of a set hub":       {20, false, 20},
		"production of a generous hub":  {1000, false, 150},
		"a sandbox of a hub that saves": {20, true, 100},
	} {
		t.Run(name, func(t *testing.T) {
			turns := (&Hub{config: Config{Hooks: tt.set}}).turns()
			at := 0
			for i := range 150 {
				if turns.Turn(t.Context(), activities.Delivery{Team: "tm_1", Sandbox: tt.sandbox}, strconv.Itoa(i)) == 0 {
					at++
				}
			}
			if at != tt.want {
				t.Errorf("%d went at once, want %d", at, tt.want)
			}
			if wait := turns.Turn(t.Context(), activities.Delivery{Team: "tm_2", Sandbox: tt.sandbox}, "other"); wait != 0 {
				t.Errorf("another team waits for %s", wait)
			}
		})
	}
}

func TestWhatIsCountedWithoutRedisIsToldToTheOperator(t *testing.T) {
	told, err := newTelemetry(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	h := &Hub{config: Config{Log: slog.New(slog.DiscardHandler)}, telemetry: told}
	h.watch("calls").Fallback()
	h.watch("hooks").Fallback()
	h.watch("hooks").Fallback()
	page := httptest.NewRecorder()
	told.metrics().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for what, times := range map[string]string{"calls": "1", "hooks": "2"} {
		line := regexp.MustCompile(`(?m)^chancery_rate_fallbacks_total{.*what="` + what + `".*} ` + times + `$`)
		if !line.MatchString(page.Body.String()) {
			t.Errorf("%s are not told: %s", what, page.Body.String())
		}
	}
}
