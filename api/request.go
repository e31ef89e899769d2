package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"chancery/id"
	"chancery/problem"
)

type contextKey int

const (
	keyRequest contextKey = iota
	keyCaller
	keyVerb
	keyTold
	keySeed
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(keyRequest).(string)
	return id
}

// remember puts a value into the request's context; humagin hands on that one, not gin's.
func remember(c *gin.Context, key contextKey, value any) {
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), key, value))
}

// name gives the request an id of ours: one from outside could be anything.
func name(c *gin.Context) {
	request := id.New(id.Request)
	remember(c, keyRequest, request)
	remember(c, keyTold, new(string))
	c.Header("X-Request-Id", request)
}

// tell notes the code of the problem that the request is answered with.
func tell(ctx context.Context, code string) {
	if told, ok := ctx.Value(keyTold).(*string); ok {
		*told = code
	}
}

func problemTold(ctx context.Context) string {
	told, ok := ctx.Value(keyTold).(*string)
	if !ok {
		return ""
	}
	return *told
}

// harden sets what every reply carries. Pages that need more say so themselves.
func harden(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Cache-Control", "no-store")
	c.Header("Cross-Origin-Resource-Policy", "same-origin")
}

// trace opens a span named by the route's pattern, never by the path.
func (a *api) trace(c *gin.Context) {
	ctx, span := a.Tracer.Start(c.Request.Context(), routeOf(c), trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	status := c.Writer.Status()
	span.SetAttributes(
		attribute.String("http.request.method", c.Request.Method),
		attribute.String("http.route", c.FullPath()),
		attribute.Int("http.response.status_code", status),
		attribute.String("chancery.request", requestID(ctx)),
	)
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(status))
	}
}

func routeOf(c *gin.Context) string {
	if c.FullPath() == "" {
		return "unmatched"
	}
	return c.Request.Method + " " + c.FullPath()
}

// record writes the access log, and the team's own log of its calls: ids and numbers,
// no person, address or path.
func (a *api) record(c *gin.Context) {
	began := time.Now()
	c.Next()
	ctx := c.Request.Context()
	line := []slog.Attr{
		slog.String("request", requestID(ctx)),
		slog.String("route", routeOf(c)),
		slog.Int("status", c.Writer.Status()),
		slog.Int("bytes", max(0, c.Writer.Size())),
		slog.Duration("took", time.Since(began)),
	}
	if who, ok := ctx.Value(keyCaller).(Caller); ok {
		line = append(line, slog.String("team", who.Team.ID), slog.String("key", who.Key.ID))
		a.noted(c, who, began)
	}
	a.Log.LogAttrs(ctx, slog.LevelInfo, "request", line...)
}

// recover turns a panic into a problem, unless the reply has already begun.
func (a *api) recover(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(cause) // net/http's own way to cut a connection
		}
		reply := a.refusal(c.Request.Context(), problem.Internal(fmt.Errorf("panic: %v", cause)))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		refuse(c, reply)
	}()
	c.Next()
}

func noRoute(c *gin.Context) {
	refuse(c, problemOf(http.StatusNotFound, codeNoRoute, "There is no such address here.", requestID(c.Request.Context())))
}

func noMethod(c *gin.Context) {
	refuse(c, problemOf(http.StatusMethodNotAllowed, codeNoMethod, "This address does not answer that method.", requestID(c.Request.Context())))
}
