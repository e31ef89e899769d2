package api

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"chancery/rate"
)

// limitCalls holds a team to its limit and tells it where it stands
// (draft-ietf-httpapi-ratelimit-headers-10). Every key of a team counts alike.
func (a *api) limitCalls(c *gin.Context) {
	who := callerOf(c.Request.Context())
	limit := a.limitOf(who.Team)
	standing := a.Window.Take(c.Request.Context(), who.Team.ID, limit)
	c.Header("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", limit.Name, limit.Calls, rate.Seconds(limit.Per)))
	c.Header("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", limit.Name, standing.Left, rate.Seconds(standing.Reset)))
	if standing.Allowed {
		return
	}
	c.Header("Retry-After", strconv.Itoa(rate.Seconds(standing.Reset)))
	detail := fmt.Sprintf("This team may make %d calls in any %d seconds. Please wait and try again.", limit.Calls, rate.Seconds(limit.Per))
	refuse(c, problemOf(http.StatusTooManyRequests, codeLimited, detail, requestID(c.Request.Context())))
}
