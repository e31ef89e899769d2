package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
)

// maxKey is the longest Idempotency-Key in characters.
const maxKey = 255

// tidying is how long putting a reply away may take after the client has gone.
const tidying = 5 * time.Second

// once answers a repeated POST with the reply of the first one
// (draft-ietf-httpapi-idempotency-key-header). The body must be the same.
func (a *api) once(c *gin.Context) {
	if c.Request.Method != http.MethodPost || c.GetHeader("Idempotency-Key") == "" {
		return
	}
	body, err := io.ReadAll(c.Request.Body) // in memory since readBody
	if err != nil {
		refuse(c, a.refusal(c.Request.Context(), err))
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	a.answerOnce(c, body, c.Next)
}

// answerOnce lets do write the reply, unless this key has had one: for as long
// as the store keeps it, content decides whether it is the same request.
func (a *api) answerOnce(c *gin.Context, content []byte, do func()) {
	ctx, key := c.Request.Context(), c.GetHeader("Idempotency-Key")
	if key == "" {
		do()
		return
	}
	if err := checkKey(key); err != nil {
		refuse(c, a.refusal(ctx, err))
		return
	}
	who := callerOf(ctx)
	fingerprint := digest(c.Request.Method, c.Request.URL.Path, string(content))
	key = who.own(key)
	reply, claimed, err := a.Records.Claim(ctx, who.Team.ID, key, fingerprint)
	switch {
	case err != nil:
		refuse(c, a.refusal(ctx, err))
	case !claimed:
		replay(c, reply)
	default:
		remember(c, keySeed, string(digest(who.Team.ID, key, string(fingerprint))))
		a.keep(c, who.Team.ID, key, do)
	}
}

// own tells one person's keys from another's. Keys of API that belong to nobody share
// theirs, within the team.
func (c Caller) own(key string) string {
	if c.Key.User == "" {
		return key
	}
	return c.Key.User + "\x00" + key
}

// checkKey takes printable ASCII, which every log and proxy leaves alone.
func checkKey(key string) error {
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	if len(key) > maxKey || strings.ContainsFunc(key, odd) {
		return problem.Invalid("idempotency_key_invalid", "An Idempotency-Key has at most 255 printable ASCII characters.")
	}
	return nil
}

func replay(c *gin.Context, reply *postgres.StoredReply) {
	var told Problem
	if reply.Status >= http.StatusBadRequest && json.Unmarshal(reply.Body, &told) == nil {
		tell(c.Request.Context(), told.Code)
	}
	for name, value := range reply.Headers {
		c.Header(name, value)
	}
	c.Header("Idempotency-Replayed", "true")
	c.Status(reply.Status)
	_, _ = c.Writer.Write(reply.Body) // the client may have gone
	c.Abort()
}

// keep stores the reply before the client sees it. What failed by our fault is
// not kept: the same key may try again.
func (a *api) keep(c *gin.Context, team, key string, do func()) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), tidying)
	defer cancel()
	out := c.Writer
	held := &heldReply{ResponseWriter: out, status: http.StatusOK}
	answered := false
	defer func() {
		c.Writer = out
		if !answered {
			a.note(ctx, "release idempotency key", a.Records.Release(ctx, team, key))
		}
	}()
	c.Writer = held
	do()
	if held.status < http.StatusInternalServerError && held.status != http.StatusTooManyRequests { // those may be asked again
		answered = true
		a.note(ctx, "keep reply", a.Records.Answer(ctx, team, key, held.stored()))
	}
	out.WriteHeader(held.status)
	_, _ = out.Write(held.body.Bytes())
}

func (a *api) note(ctx context.Context, what string, err error) {
	if err != nil {
		a.Log.ErrorContext(ctx, what, "request", requestID(ctx), "cause", err)
	}
}

// heldReply keeps a reply back until it is stored.
type heldReply struct {
	gin.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *heldReply) WriteHeader(status int)              { h.status = status }
func (h *heldReply) WriteHeaderNow()                     {}
func (h *heldReply) Write(p []byte) (int, error)         { return h.body.Write(p) }
func (h *heldReply) WriteString(s string) (int, error)   { return h.body.WriteString(s) }
func (h *heldReply) Status() int                         { return h.status }
func (h *heldReply) Size() int                           { return h.body.Len() }
func (h *heldReply) Written() bool                       { return h.body.Len() > 0 }
func (h *heldReply) ReadFrom(r io.Reader) (int64, error) { return h.body.ReadFrom(r) }

func (h *heldReply) stored() postgres.StoredReply {
	headers := map[string]string{}
	for _, name := range []string{"Content-Type", "Location"} {
		if value := h.Header().Get(name); value != "" {
			headers[name] = value
		}
	}
	return postgres.StoredReply{Status: h.status, Headers: headers, Body: bytes.Clone(h.body.Bytes())}
}

// digest of parts that cannot run into each other: each is hashed first.
func digest(parts ...string) []byte {
	whole := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		whole.Write(sum[:])
	}
	return whole.Sum(nil)
}

// newID returns the id of what this request makes. Under an Idempotency-Key it
// comes from the key and the body, so that a second try after a failure of ours
// finds what the first one made, and does not send twice.
func newID(ctx context.Context, kind string) string {
	seed, ok := ctx.Value(keySeed).(string)
	if !ok {
		return id.New(kind)
	}
	lower := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	return kind + "_" + lower.EncodeToString(digest(seed, kind)[:16])
}
