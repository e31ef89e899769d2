package hub

import (
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
