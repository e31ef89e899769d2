package api

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

// Caller is who speaks: a key of a team.
type Caller struct {
	team.Bearer
	Origin envelope.Origin
}

// Witness is the caller as the evidence names it.
func (c Caller) Witness() envelope.Actor {
	return envelope.Actor{Kind: "key", ID: c.Key.ID, Person: envelope.Person{Name: c.Key.Name}}
}

// callerOf returns the caller; authenticate has put it there before any handler runs.
func callerOf(ctx context.Context) Caller {
	return ctx.Value(keyCaller).(Caller)
}

// authenticate finds the team of the request's key. A key we do not know and one
// that is revoked get the same answer (RFC 6750 §3).
func (a *api) authenticate(c *gin.Context) {
	ctx := c.Request.Context()
	shown, ok := bearer(c.GetHeader("Authorization"))
	if !ok {
		unauthorized(c)
		return
	}
	bearer, err := a.Records.TeamByKey(ctx, team.HashKey(shown))
	if err != nil {
		if problem.Of(err).Kind == problem.KindInternal {
			refuse(c, a.refusal(ctx, err))
			return
		}
		unauthorized(c)
		return
	}
	remember(c, keyCaller, Caller{Bearer: bearer, Origin: originOf(c)})
}

// bearer takes the key out of the header; the scheme's letter case does not count (RFC 9110 §11.1).
func bearer(header string) (string, bool) {
	scheme, key, found := strings.Cut(header, " ")
	return key, found && strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(key, "ck_")
}

func unauthorized(c *gin.Context) {
	c.Header("WWW-Authenticate", `Bearer realm="chancery"`)
	refuse(c, problemOf(http.StatusUnauthorized, codeUnauthorized,
		"The request needs a valid API key in its Authorization header.", requestID(c.Request.Context())))
}

// maxDevice bounds the user agent that is kept as evidence, in bytes.
const maxDevice = 300

func originOf(c *gin.Context) envelope.Origin {
	device := c.Request.UserAgent()
	if len(device) > maxDevice {
		device = device[:maxDevice]
	}
	return envelope.Origin{Address: addressOf(c), Device: strings.ToValidUTF8(device, "")}
}

// addressOf trusts forwarding headers only from the proxies that were configured.
func addressOf(c *gin.Context) string {
	if address := c.ClientIP(); address != "" {
		return address
	}
	host, _, _ := net.SplitHostPort(c.Request.RemoteAddr)
	return host
}
