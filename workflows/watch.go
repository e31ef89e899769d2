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
)

// WatchName is what the workflow is called in the engine.
const WatchName = "Watch"

// Watching names a connection and the types of records that start mappings.
type Watching struct {
	Connection string    `json:"connection"`
	Types      []string  `json:"types"`
	Sought     time.Time `json:"sought"` // since when changed records have been looked for
}

const (
	// listenFor is how long one activity listens before it makes room for another.
	listenFor = time.Hour
	// seekEvery is how often changed records are looked for, besides what is told:
	// whatever a system has failed to tell is found then.
	seekEvery = 5 * time.Minute
	// overlap is how far a look reaches back behind the last one, for clocks that differ.
	overlap = 2 * time.Minute
)

// Watch listens to a connection for as long as a mapping wants it, and looks for
// itself now and then.
func Watch(ctx workflow.Context, w Watching) error {
	listening := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: OutsideQueue, StartToCloseTimeout: listenFor, HeartbeatTimeout: 2 * activities.Pulse,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for ctx.Err() == nil {
			if err := workflow.ExecuteActivity(listening, clerk.Listen, w.Connection, w.Types).Get(ctx, nil); err != nil && ctx.Err() == nil {
				workflow.GetLogger(ctx).Warn("listen", "connection", w.Connection, "error", err)
			}
			_ = workflow.Sleep(ctx, time.Minute) // a cancelled sleep ends the loop
		}
	})
	seeking := workflow.WithActivityOptions(ctx, abroad)
	for !workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
		began := workflow.Now(ctx)
		for _, recordType := range w.Types {
			if err := workflow.ExecuteActivity(seeking, clerk.Seek, w.Connection, recordType, w.Sought).Get(ctx, nil); err != nil {
				if temporal.IsCanceledError(err) {
					return err
				}
				workflow.GetLogger(ctx).Warn("seek", "connection", w.Connection, "type", recordType, "error", err)
			}
		}
		w.Sought = began.Add(-overlap)
		if err := workflow.Sleep(ctx, seekEvery); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, Watch, w)
}

func watchID(connectionID string) string { return "watch/" + connectionID }

// KeepWatching lets the hub listen to a connection unless it does already.
func (c *Client) KeepWatching(ctx context.Context, connectionID string, recordTypes []string) error {
	return c.watch(ctx, connectionID, recordTypes, enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
}

// Watch lets the hub listen to a connection; one that it listens to already begins
// anew with these types. No types end it.
func (c *Client) Watch(ctx context.Context, connectionID string, recordTypes []string) error {
	if len(recordTypes) == 0 {
		err := c.engine.CancelWorkflow(ctx, watchID(connectionID), "")
		var gone *serviceerror.NotFound
		if errors.As(err, &gone) {
			return nil
		}
		return err
	}
	return c.watch(ctx, connectionID, recordTypes, enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING)
}

func (c *Client) watch(ctx context.Context, connectionID string, recordTypes []string, other enumspb.WorkflowIdConflictPolicy) error {
	_, err := c.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       watchID(connectionID),
		TaskQueue:                EnvelopeQueue,
		WorkflowIDConflictPolicy: other,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, WatchName, Watching{Connection: connectionID, Types: recordTypes})
	if err != nil {
		return fmt.Errorf("watch connection %s: %w", connectionID, err)
	}
	return nil
}
