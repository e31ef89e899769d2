// Package problem is the one error type with two faces: a sentence that anyone
// may read, and a cause that only our logs see.
//
// A Problem is an answer ("it is not your turn yet"); every other error is an
// accident worth another try. Workflows carry Problems whole and never retry
// them, and package api alone turns their Kind into an HTTP status.
package problem

import (
	"errors"
	"fmt"
)

// Kind sorts problems by what the caller can do about them.
type Kind string

const (
	KindInvalid  Kind = "invalid"   // mend the request and send it again
	KindDenied   Kind = "denied"    // this caller may not do that
	KindMissing  Kind = "missing"   // there is no such thing, or not for this caller
	KindConflict Kind = "conflict"  // the thing is in a state that does not allow it
	KindTooLarge Kind = "too_large" // over a named limit of size
	KindLimited  Kind = "limited"   // over a named rate; later it works
	KindAway     Kind = "away"      // something that we need cannot be reached; later it works
	KindInternal Kind = "internal"  // our fault; the cause is in the log
)

// Problem is an error people can act on. Code is stable: programs may compare it.
type Problem struct {
	Kind   Kind
	Code   string
	Public string
	Field  string // the member of the request it is about, as a JSON path; may be empty
	cause  error
}

func Invalid(code, sentence string) *Problem  { return of(KindInvalid, code, sentence) }
func Denied(code, sentence string) *Problem   { return of(KindDenied, code, sentence) }
func Missing(code, sentence string) *Problem  { return of(KindMissing, code, sentence) }
func Conflict(code, sentence string) *Problem { return of(KindConflict, code, sentence) }
func TooLarge(code, sentence string) *Problem { return of(KindTooLarge, code, sentence) }
func Limited(code, sentence string) *Problem  { return of(KindLimited, code, sentence) }
func Away(code, sentence string) *Problem     { return of(KindAway, code, sentence) }

// Internal hides cause behind a sentence that says nothing about our insides.
func Internal(cause error) *Problem {
	return of(KindInternal, "internal", "Something went wrong on our side. Please try again.").Because(cause)
}

// From rebuilds a problem that has travelled as plain text.
func From(kind Kind, code, sentence string) *Problem { return of(kind, code, sentence) }

func of(kind Kind, code, sentence string) *Problem {
	return &Problem{Kind: kind, Code: code, Public: sentence}
}

// At says which member of the request the problem is about.
func (p *Problem) At(format string, args ...any) *Problem {
	q := *p
	q.Field = fmt.Sprintf(format, args...)
	return &q
}

// Because keeps the cause for our logs.
func (p *Problem) Because(cause error) *Problem {
	q := *p
	q.cause = cause
	return &q
}

func (p *Problem) Error() string {
	if p.cause == nil {
		return p.Code + ": " + p.Public
	}
	return fmt.Sprintf("%s: %s: %v", p.Code, p.Public, p.cause)
}

// Said is the sentence for people, with the place that it is about.
func (p *Problem) Said() string {
	if p.Field == "" {
		return p.Public
	}
	return fmt.Sprintf("%s (%s)", p.Public, p.Field)
}

func (p *Problem) Unwrap() error { return p.cause }

// Is lets errors.Is compare problems by their code.
func (p *Problem) Is(other error) bool {
	q, ok := other.(*Problem)
	return ok && q.Code == p.Code
}

// Of finds the problem in err; anything else becomes an internal one.
func Of(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return Internal(err)
}

// Has tells whether err is a problem with this code.
func Has(err error, code string) bool {
	var p *Problem
	return errors.As(err, &p) && p.Code == code
}
