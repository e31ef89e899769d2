package pades

import (
	"context"
	"fmt"
	"time"

	"chancery/pades/pdf"
	"chancery/pades/update"
	"chancery/problem"
)

var documentSealed = problem.Conflict("document_sealed", "This document is complete and takes no more signatures.")

// Seal closes the document with the organisation's signature and a lock on
// every field. The holder's certificate must be another than the certifier's.
func Seal(ctx context.Context, plan Plan, holder Holder, spec SealSpec, at time.Time) ([]byte, Plan, error) {
	if err := ctx.Err(); err != nil {
		return nil, plan, fmt.Errorf("seal document: %w", err)
	}
	increment, after, err := holder.sign(ctx, plan.Level, func(room int) (Pending, error) { return Next(plan, spec, room, at) })
	if err != nil {
		return nil, plan, fmt.Errorf("seal document: %w", err)
	}
	return increment, after, nil
}

func (s SealSpec) into(u *update.Update, plan Plan, room int, at time.Time) (Plan, error) {
	if plan.Closed {
		return plan, documentSealed
	}
	signature := u.Reserve()
	d := plan.Seal.dict()
	d["V"] = signature
	u.Put(plan.Seal.Ref, d)
	dict := signatureDict(at, s.Name, s.Reason, s.Location)
	dict["Reference"] = pdf.Array{fieldReference(plan.State.Root, pdf.Dict{"Action": pdf.Name("All")})}
	u.PutSignature(signature, dict, room)
	plan.Closed = true
	return plan, nil
}
