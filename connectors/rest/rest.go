// Package rest asks JSON APIs: one call with its limits, its token and a failure
// that says what can be done about it.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"chancery/connectors"
)

// MaxReply is how much of a reply is read, in bytes: a page of records fits many times.
const MaxReply = 16 << 20

// Client of one system. It is safe for concurrent use.
type Client struct {
	HTTP   *http.Client
	Base   string      // what paths begin with
	Tokens *Tokens     // nil asks without one
	Header http.Header // of every request
	// Explain reads a refusal in the system's own shape. What it leaves empty is
	// filled by the status.
	Explain func(Reply) connectors.Failure
}

// Request is one call.
type Request struct {
	Method string
	Path   string
	Header http.Header
	Body   any    // JSON; nil is none
	Raw    []byte // in place of Body
	Type   string // of Raw
}

// Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON makes a call and reads its reply into out, with numbers as they were
// written where out has room for any. A nil out drops it.
func (c *Client) JSON(ctx context.Context, r Request, out any) (Reply, error) {
	reply, err := c.Do(ctx, r)
	if err != nil || out == nil || len(reply.Body) == 0 {
		return reply, err
	}
	decoder := json.NewDecoder(bytes.NewReader(reply.Body))
	decoder.UseNumber()
	if err := decoder.Decode(out); err != nil {
		return reply, unreadable(err)
	}
	return reply, nil
}

// unreadable tells JSON of another shape, which will come again, from a text that is
// no JSON or only half of it, which something in between has made.
func unreadable(err error) error {
	f := connectors.Failure{Trouble: connectors.Busy, Code: "reply_unreadable", Words: "The system's reply is not the JSON that was expected."}
	var shape *json.UnmarshalTypeError
	if errors.As(err, &shape) {
		f.Trouble = connectors.Refused
	}
	return f.Because(err)
}

// Do makes a call. One that the system does not take the token of is made again
// with a new one, once.
func (c *Client) Do(ctx context.Context, r Request) (Reply, error) {
	token, err := c.token(ctx)
	if err != nil {
		return Reply{}, err
	}
	reply, err := c.once(ctx, r, token)
	if err == nil && reply.Status == http.StatusUnauthorized && token != nil {
		c.Tokens.Spent(token)
		if token, err = c.token(ctx); err != nil {
			return reply, err
		}
		reply, err = c.once(ctx, r, token)
	}
	if err != nil {
		return reply, err
	}
	return reply, c.judge(reply)
}

func (c *Client) token(ctx context.Context) (*oauth2.Token, error) {
	if c.Tokens == nil {
		return nil, nil
	}
	token, err := c.Tokens.Get(context.WithValue(ctx, oauth2.HTTPClient, c.HTTP))
	if err != nil {
		return nil, signIn(err)
	}
	return token, nil
}

func (c *Client) once(ctx context.Context, r Request, token *oauth2.Token) (Reply, error) {
	request, err := c.request(ctx, r)
	if err != nil {
		return Reply{}, err
	}
	if token != nil {
		token.SetAuthHeader(request)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return Reply{}, away(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxReply+1))
	switch {
	case err != nil:
		return Reply{}, away(err)
	case len(body) > MaxReply:
		return Reply{}, &connectors.Failure{Trouble: connectors.Refused, Code: "reply_too_large", Words: "The system's reply is larger than 16 MiB."}
	}
	return Reply{response.StatusCode, response.Header, body}, nil
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	content, kind := r.Raw, r.Type
	if r.Body != nil {
		encoded, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("encode a request: %w", err)
		}
		content, kind = encoded, "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, c.Base+r.Path, bytes.NewReader(content))
	if err != nil {
		return nil, (&connectors.Failure{Trouble: connectors.Refused, Code: "address_invalid", Words: "The address of the system is not valid."}).Because(err)
	}
	for _, header := range []http.Header{c.Header, r.Header} {
		for name, values := range header {
			request.Header[name] = values
		}
	}
	request.Header.Set("Accept", "application/json")
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	return request, nil
}

// signIn tells credentials that are not taken from a system that is away.
func signIn(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return away(err)
	}
	switch trouble := troubleOf(refused.Response.StatusCode); trouble {
	case connectors.Throttled:
		return &connectors.Failure{Trouble: trouble, Words: "The system gives out no more tokens for now.",
			Wait: retryAfter(refused.Response.Header.Get("Retry-After"), time.Now())}
	case connectors.Refused, connectors.Expired:
		words := connectors.Clean(refused.ErrorDescription)
		if words == "" {
			words = "The system does not take these credentials."
		}
		return &connectors.Failure{Trouble: connectors.Expired, Code: connectors.Clean(refused.ErrorCode), Words: words}
	}
	return away(err)
}

// away hides the error: it may hold addresses with secrets in them.
func away(err error) error {
	return (&connectors.Failure{Trouble: connectors.Busy, Words: "The system could not be reached."}).Because(err)
}

// judge turns a refusal into a failure.
func (c *Client) judge(r Reply) error {
	if r.Status < http.StatusMultipleChoices {
		return page(r)
	}
	f := connectors.Failure{}
	if c.Explain != nil {
		f = c.Explain(r)
	}
	f.Code, f.Words = connectors.Clean(f.Code), connectors.Clean(f.Words)
	if f.Trouble == "" {
		f.Trouble = troubleOf(r.Status)
	}
	if f.Words == "" {
		f.Words = fmt.Sprintf("The system answers %d %s.", r.Status, http.StatusText(r.Status))
	}
	if f.Wait == 0 {
		f.Wait = retryAfter(r.Header.Get("Retry-After"), time.Now())
	}
	return &f
}

// page tells a page for people, such as one about maintenance, from an answer. What
// was asked for has not been done then, whatever the status says.
func page(r Reply) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "text/html" {
		return nil
	}
	return &connectors.Failure{Trouble: connectors.Busy, Code: "reply_unreadable", Words: "The system answers with a page for people."}
}

func troubleOf(status int) connectors.Trouble {
	switch status {
	case http.StatusUnauthorized:
		return connectors.Expired
	case http.StatusNotFound, http.StatusGone:
		return connectors.Gone
	case http.StatusConflict, http.StatusPreconditionFailed:
		return connectors.Changed
	case http.StatusTooManyRequests:
		return connectors.Throttled
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooEarly:
		return connectors.Busy
	}
	if status >= http.StatusInternalServerError {
		return connectors.Busy
	}
	return connectors.Refused
}

// longestWait is how long we wait at a system's word.
const longestWait = time.Hour

// retryAfter reads RFC 9110, 10.2.3: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(0, seconds), int(longestWait/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), longestWait)
	}
	return 0
}
