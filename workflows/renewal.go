package workflows

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/envelope"
)

// RenewalName is what the workflow is called in the engine.
const RenewalName = "Renewal"

// Keeping names the finished document whose proofs a workflow keeps up.
type Keeping struct {
	Envelope string `json:"envelope"`
	Document string `json:"document"`
}

func (k Keeping) workflowID() string { return "renewal/" + k.Envelope + "/" + k.Document }

// patience of a renewal: it begins months before the proofs age.
var patience = workflow.ActivityOptions{
	StartToCloseTimeout:    5 * time.Minute,
	ScheduleToCloseTimeout: 20 * envelope.MaxLifetime,
	RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Minute, BackoffCoefficient: 2, MaximumInterval: 12 * time.Hour},
}

// soonest keeps a mistaken date from wearing out a document with renewals.
const soonest = time.Hour

// Renewal keeps a finished document provable for as long as the hub runs: before
// the certificate of its last timestamp or an algorithm ages, a new timestamp
// covers the file with everything that proves the older ones (EN 319 142-1, B-LTA).
func Renewal(ctx workflow.Context, k Keeping) error {
	var due time.Time
	first := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, patient), desk.RenewalDue, k.Envelope, k.Document)
	if err := first.Get(ctx, &due); err != nil {
		return fmt.Errorf("see when document %s is due: %w", k.Document, err)
	}
	for !due.IsZero() {
		if err := workflow.Sleep(ctx, max(soonest, due.Sub(workflow.Now(ctx)))); err != nil {
			return err
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return workflow.NewContinueAsNewError(ctx, Renewal, k)
		}
		renewing := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, patience), desk.Renew, k.Envelope, k.Document)
		if err := renewing.Get(ctx, &due); temporal.IsCanceledError(err) {
			return err
		} else if err != nil { // it stays due
			workflow.GetLogger(ctx).Error("renew proofs", "envelope", k.Envelope, "document", k.Document, "error", err)
		}
	}
	return nil
}

// last leaves the finished documents to workflows of their own, which outlive the envelope's.
func (t *Trip) last(ctx workflow.Context) error {
	for _, document := range t.Standing.Lasting {
		k := Keeping{Envelope: t.Envelope, Document: document}
		child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID:            k.workflowID(),
			ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		}), RenewalName, k)
		err := child.GetChildWorkflowExecution().Get(ctx, nil)
		if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return fmt.Errorf("keep up document %s: %w", document, err)
		}
	}
	return nil
}
