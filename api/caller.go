package api

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery/envelope"
	"chancery/problem"
	"chancery/rate"
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

// authenticate finds who speaks by the request's key. Keys that we do not know, that
// have ended, or that are not that user's get the same answer (RFC 6750 §3). Who
// tries many is not even looked up.
func (a *api) authenticate(c *gin.Context) {
	ctx, from := c.Request.Context(), addressOf(c)
	said, ok := credentialOf(c.Request.Header)
	switch {
	case !ok:
		unauthorized(c)
		return
	case a.elsewhere(c, team.RegionOf(said.key)):
		return
	case a.guesses.tooMany(from, said):
		a.slowed(c, from)
		return
	}
	bearer, err := a.bearer(ctx, said)
	switch {
	case err == nil:
		a.guesses.right(from, said)
		remember(c, keyCaller, Caller{Bearer: bearer, Origin: originOf(c)})
	case problem.Of(err).Kind == problem.KindInternal:
		refuse(c, a.refusal(ctx, err))
	default:
		a.guesses.wrong(ctx, from)
		unauthorized(c)
	}
}

// credential is what an Authorization header says: a key, and whose it is said to be.
type credential struct{ user, key string }

// credentialOf takes "Bearer <key>" and "ApiKey <user>:<key>"; the scheme's letter case
// does not count (RFC 9110 §11.1). Two headers contradict each other and say nothing.
func credentialOf(h http.Header) (said credential, ok bool) {
	all := h.Values("Authorization")
	if len(all) != 1 {
		return said, false
	}
	scheme, rest, _ := strings.Cut(all[0], " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		said.key = rest
	case strings.EqualFold(scheme, "ApiKey"):
		colon := strings.LastIndexByte(rest, ':')
		if colon <= 0 {
			return said, false
		}
		said = credential{rest[:colon], rest[colon+1:]}
	}
	return said, strings.HasPrefix(said.key, "ck_")
}

var errNotTheirs = problem.Denied("key_unknown", "This API key is not valid.")

// bearer finds who has the key, who must be the user if one is named. A key that
// belongs to nobody is nobody's by name.
func (a *api) bearer(ctx context.Context, said credential) (team.Bearer, error) {
	found, err := a.Records.TeamByKey(ctx, team.HashKey(said.key))
	if err != nil || said.user == "" {
		return found, err
	}
	theirs, err := a.Records.GoesBy(ctx, found.Key.User, said.user)
	if err == nil && (!theirs || found.Key.User == "") {
		err = errNotTheirs
	}
	return found, err
}

// elsewhere sends a key of another region where it belongs, and tells nothing else:
// here nothing is known of it (RFC 9110 §15.5.20).
func (a *api) elsewhere(c *gin.Context, region string) bool {
	there, known := a.Regions[region]
	if region == a.Region || !known {
		return false
	}
	reply := problemOf(http.StatusMisdirectedRequest, codeElsewhere,
		"This key belongs to another region. Please send the request to the address in location.", requestID(c.Request.Context()))
	reply.Location = there
	refuse(c, reply)
	return true
}

func (a *api) slowed(c *gin.Context, from string) {
	c.Header("Retry-After", strconv.Itoa(rate.Seconds(a.guesses.wait(from))))
	refuse(c, problemOf(http.StatusTooManyRequests, codeGuessing,
		"Too many requests with a wrong API key came from this address. Please wait and try again.", requestID(c.Request.Context())))
}

func unauthorized(c *gin.Context) {
	c.Header("WWW-Authenticate", `Bearer realm="chancery", ApiKey realm="chancery"`)
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
