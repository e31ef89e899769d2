package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"chancery/problem"
)

// Refusal turns a Problem into the error that the engine carries whole and never
// retries: a Problem is an answer, anything else is an accident worth another try.
func Refusal(err error) error {
	var p *problem.Problem
	if !errors.As(err, &p) || p.Kind == problem.KindInternal {
		return err
	}
	return temporal.NewApplicationErrorWithOptions(p.Public, p.Code, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{p.Kind, p.Field},
		Category:     temporal.ApplicationErrorCategoryBenign,
	})
}

// Refused tells whether the error is an answer, and no accident.
func Refused(err error) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) && refused.NonRetryable()
}

// Problem turns what came back from the engine into the Problem it was.
func Problem(err error) error {
	var refused *temporal.ApplicationError
	if !errors.As(err, &refused) || !refused.NonRetryable() || !refused.HasDetails() {
		return err
	}
	var kind problem.Kind
	var field string
	if refused.Details(&kind, &field) != nil {
		return err
	}
	return problem.From(kind, refused.Type(), refused.Message()).At("%s", field)
}
