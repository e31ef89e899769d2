package hub

import (
	"context"
	"time"

	"chancery/activities"
	"chancery/rate"
	"chancery/team"
)

// turns holds webhooks to a rate: those of a sandbox to that of its calls, those of
// production to what the hub is set to.
type turns struct {
	queue      rate.Queue
	production rate.Limit // no calls: no limit
}

func (h *Hub) turns() turns {
	t := turns{queue: rate.NewMemoryQueue(nil), production: rate.Limit{Name: "production", Calls: h.config.Hooks, Per: time.Minute}}
	if h.redis != nil {
		t.queue = rate.NewSharedQueue(rate.NewRedisQueue(h.redis, "chancery/hooks/"), h.watch("hooks"))
	}
	return t
}

// Turn says when the team may be called.
func (t turns) Turn(ctx context.Context, d activities.Delivery, name string) time.Duration {
	limit := t.production
	if d.Sandbox {
		allowed := team.SandboxRate()
		limit = rate.Limit{Name: "sandbox", Calls: allowed.Calls, Per: allowed.Per}
	}
	if limit.Calls == 0 {
		return 0
	}
	return t.queue.Turn(ctx, d.Team, name, limit)
}
