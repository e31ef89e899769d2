package jail

import (
	"encoding/json"
	"errors"
	"fmt"

	"chancery/pades"
	"chancery/problem"
)

// reply is what a child writes to its standard output.
type reply struct {
	Answer  json.RawMessage `json:"answer,omitempty"`
	Problem *refusal        `json:"problem,omitempty"`
	Mute    string          `json:"mute,omitempty"`  // pades.ErrNoOpinion, and why
	Error   string          `json:"error,omitempty"` // any other error
	Peak    int64           `json:"peak"`            // bytes of memory at most
	Without []string        `json:"without,omitempty"`
}

// refusal is a problem on its way through a pipe.
type refusal struct {
	Kind   problem.Kind `json:"kind"`
	Code   string       `json:"code"`
	Public string       `json:"public"`
	Field  string       `json:"field,omitempty"`
	Cause  string       `json:"cause,omitempty"`
}

// fail puts err into the reply.
func (r *reply) fail(err error) {
	var p *problem.Problem
	switch {
	case errors.As(err, &p):
		r.Problem = &refusal{Kind: p.Kind, Code: p.Code, Public: p.Public, Field: p.Field}
		if cause := p.Unwrap(); cause != nil {
			r.Problem.Cause = cause.Error()
		}
	case errors.Is(err, pades.ErrNoOpinion):
		r.Mute = err.Error()
	default:
		r.Error = err.Error()
	}
}

// err is the error that the child met, as the same kind of error.
func (r *reply) err() error {
	switch {
	case r.Problem != nil:
		p := problem.From(r.Problem.Kind, r.Problem.Code, r.Problem.Public).At("%s", r.Problem.Field)
		if r.Problem.Cause != "" {
			p = p.Because(errors.New(r.Problem.Cause))
		}
		return p
	case r.Mute != "":
		return fmt.Errorf("%w (%s)", pades.ErrNoOpinion, r.Mute)
	case r.Error != "":
		return errors.New(r.Error)
	}
	return nil
}

// tooMuch is the answer to a file whose reader did not survive it.
func tooMuch(cause error) error {
	return problem.Invalid("pdf_too_complex", "Reading this PDF takes more time or memory than any document should.").Because(cause)
}
