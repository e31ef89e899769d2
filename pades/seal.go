package pades

import (
	"context"
	"fmt"
	"time"

	"chancery/pades/pdf"
	"chancery/pades/update"
	"chancery/problem"
)

// Seal closes the document with the organisation's signature and a lock on
// every field. The holder's certificate must be another than the certifier's.
func Seal(ctx context.Context, plan Plan, holder Holder, spec SealSpec, at time.Time) ([]byte, Plan, error) {
	if err := ctx.Err(); err != nil {
		return nil, plan, fmt.Errorf("seal document: %w", err)
	}
	if plan.Closed {
		return nil, plan, problem.Conflict("document_sealed", "This document is complete and takes no more signatures.")
	}
	u := update.New(plan.State)
	signature := u.Reserve()
	d := plan.Seal.dict()
	d["V"] = signature
	u.Put(plan.Seal.Ref, d)
	s := signatureDict(at, spec.Name, spec.Reason, spec.Location)
	s["Reference"] = pdf.Array{fieldReference(plan.State.Root, pdf.Dict{"Action": pdf.Name("All")})}
	if err := putSignature(u, signature, s, holder); err != nil {
		return nil, plan, fmt.Errorf("seal document: %w", err)
	}
	increment, state, err := finish(u, holder)
	if err != nil {
		return nil, plan, fmt.Errorf("seal document: %w", err)
	}
	plan.State, plan.Closed = state, true
	return increment, plan, nil
}
