package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// limitCalls holds a team to its limit and tells it where it stands
// (draft-ietf-httpapi-ratelimit-headers-10). Every key of a team counts alike.
func (a *api) limitCalls(c *gin.Context) {
	who := callerOf(c.Request.Context())
	limit := a.limitOf(who.Team)
	standing := a.take(c.Request.Context(), who.Team.ID, limit)
	c.Header("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", limit.Name, limit.Calls, seconds(limit.Per)))
	c.Header("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", limit.Name, standing.Left, seconds(standing.Reset)))
	if standing.Allowed {
		return
	}
	c.Header("Retry-After", strconv.Itoa(seconds(standing.Reset)))
	detail := fmt.Sprintf("This team may make %d calls in any %d seconds. Please wait and try again.", limit.Calls, seconds(limit.Per))
	refuse(c, problemOf(http.StatusTooManyRequests, codeLimited, detail, requestID(c.Request.Context())))
}

// take falls back on this process's own window when the shared one cannot be
// asked: the limit then holds per process, and the API stays open.
func (a *api) take(ctx context.Context, team string, limit Limit) Standing {
	standing, err := a.Window.Take(ctx, team, limit)
	if err != nil {
		a.Log.WarnContext(ctx, "shared rate limit is out of reach", "cause", err)
		standing, _ = a.own.Take(ctx, team, limit) // a MemoryWindow never fails
	}
	return standing
}

// seconds rounds up: whoever waits that long is let in.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
