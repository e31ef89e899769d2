package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
)

// clerk names the activities of connectors; the worker holds the one that does the work.
var clerk *activities.Clerk

// JourneyName is what the workflow is called in the engine.
const JourneyName = "Journey"

// AbroadPace is how what asks another system is tried again, without an end of its own: it
// may be away for days.
var AbroadPace = &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute}

// writingBack is how long one attempt may take, with documents to hand over.
const writingBack = 5 * time.Minute

var abroad = workflow.ActivityOptions{
	TaskQueue:              OutsideQueue,
	StartToCloseTimeout:    writingBack,
	ScheduleToCloseTimeout: envelope.MaxLifetime,
	RetryPolicy:            AbroadPace,
}

// Journey brings a record to an envelope that is sent: read, map, draw up, send.
// What a person must mend ends it; it is begun again under the same id when they
// have. What the envelope's events write back are branches of the envelope's own
// announcements.
func Journey(ctx workflow.Context, journeyID string) error {
	ctx = workflow.WithActivityOptions(ctx, abroad)
	var drawn string
	if err := workflow.ExecuteActivity(ctx, clerk.Draw, journeyID).Get(ctx, &drawn); err != nil {
		return err
	}
	if drawn == "" { // the record has moved on
		return nil
	}
	return workflow.ExecuteActivity(ctx, clerk.Dispatch, journeyID).Get(ctx, nil)
}

// Go starts a journey's workflow, unless it is under way.
func (c *Client) Go(ctx context.Context, journeyID string) error {
	_, err := c.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       "journey/" + journeyID,
		TaskQueue:                EnvelopeQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
	}, JourneyName, journeyID)
	var arrived *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &arrived) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("start journey %s: %w", journeyID, err)
	}
	return nil
}

// hearing is for how long what a system has told is read again and again while the
// system is away: as long as Salesforce itself repeats an Outbound Message.
const hearing = 24 * time.Hour

// Hear takes up what a system has told by itself. The same told twice is one branch.
func (c *Client) Hear(ctx context.Context, told activities.Told) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "news/" + told.ID(), StartToCloseTimeout: writingBack, ScheduleToCloseTimeout: hearing, RetryPolicy: AbroadPace,
	}, clerk.HearAll, told)
}
