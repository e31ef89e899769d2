package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Problem is a refusal (RFC 9457). Code is stable: compare it, and show Detail to people.
type Problem struct {
	Status     int            `json:"status"`
	Code       string         `json:"code"`
	Detail     string         `json:"detail"`
	Instance   string         `json:"instance"` // the request's id, for whoever runs the hub
	Location   string         `json:"location"` // of a 421: the deployment that knows the key
	Errors     []MemberFailed `json:"errors"`
	RetryAfter time.Duration  `json:"-"` // zero when the hub did not say
}

// MemberFailed is one member of a request that was refused.
type MemberFailed struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

func (p *Problem) Error() string {
	if p.Code == "" {
		return fmt.Sprintf("the hub answered with status %d", p.Status)
	}
	return p.Code + ": " + p.Detail
}

// Is tells whether an error is the hub's refusal with this code.
func Is(err error, code string) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code == code
}

// problemOf reads a refusal. One that something between us and the hub has made has a status and nothing else.
func problemOf(response *http.Response, reply []byte) *Problem {
	p := &Problem{}
	if json.Unmarshal(reply, p) != nil {
		p = &Problem{}
	}
	p.Status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}

// unreachable is a call without an answer. Nobody knows whether it has taken effect;
// the Idempotency-Key makes another try harmless.
type unreachable struct {
	wanted call
	cause  error
}

func (u *unreachable) Error() string {
	return fmt.Sprintf("ask %s %s: %v", u.wanted.method, u.wanted.path, u.cause)
}
func (u *unreachable) Unwrap() error { return u.cause }

// worthAnotherTry tells whether the next try may fare better, and how long to wait for
// it. A refusal stays one; too many calls, a first try that still runs, and what is
// wrong on the hub's side do not.
func worthAnotherTry(err error, wait time.Duration) (time.Duration, bool) {
	var (
		p    *Problem
		lost *unreachable
	)
	switch {
	case errors.As(err, &lost):
		return wait, lost.wanted.repeatable()
	case !errors.As(err, &p):
		return 0, false
	case p.RetryAfter > MaxWait:
		return 0, false
	case p.Status == http.StatusTooManyRequests, p.Status >= http.StatusInternalServerError, p.Code == "idempotency_in_progress":
		return max(wait, p.RetryAfter), true
	}
	return 0, false
}

// repeatable tells whether a call may be sent twice: it says what shall be, or has a key.
// A PATCH says what shall be, too: every member it names replaces what was there.
func (c call) repeatable() bool { return c.method != http.MethodPost || c.once != "" }
