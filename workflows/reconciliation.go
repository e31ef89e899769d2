package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
)

// ReconciliationName is what the workflow is called in the engine, and its schedule.
const ReconciliationName = "Reconciliation"

const (
	// reconcileEvery is how often records are compared with their envelopes.
	reconcileEvery = 24 * time.Hour
	// reconcileWithin is how long a system that is away is waited for: the next day
	// compares everything again.
	reconcileWithin = 20 * time.Hour
	// comparing is how long one attempt may take.
	comparing = 2 * time.Hour
)

// Reconciliation compares, for every connection, what envelopes have come to with what
// the records say, all connections side by side: one that is away holds up no other.
func Reconciliation(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: OutsideQueue, StartToCloseTimeout: comparing, ScheduleToCloseTimeout: reconcileWithin,
		HeartbeatTimeout: 2 * activities.Pulse, RetryPolicy: AbroadPace,
	})
	var connections []string
	if err := workflow.ExecuteActivity(ctx, clerk.Reconcilable).Get(ctx, &connections); err != nil {
		return err
	}
	compared := make([]workflow.Future, len(connections))
	for i, connection := range connections {
		compared[i] = workflow.ExecuteActivity(ctx, clerk.Reconcile, connection)
	}
	for i, connection := range connections {
		if err := compared[i].Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("reconcile", "connection", connection, "error", err)
		}
	}
	return nil
}

// Reconcile compares one connection's records now. Asked for again while it is under
// way it is the same comparison.
func (c *Client) Reconcile(ctx context.Context, connectionID string) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "reconcile/" + connectionID, StartToCloseTimeout: comparing, ScheduleToCloseTimeout: comparing,
		HeartbeatTimeout: 2 * activities.Pulse, RetryPolicy: AbroadPace,
	}, clerk.Reconcile, connectionID)
}

// KeepReconciling has a reconciliation made every day, unless it is already. What the
// hub has missed while it was away is made up for once.
func (c *Client) KeepReconciling(ctx context.Context) error {
	_, err := c.engine.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:            ReconciliationName,
		Spec:          client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: reconcileEvery}}},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: reconcileEvery,
		Action:        &client.ScheduleWorkflowAction{ID: ReconciliationName, Workflow: ReconciliationName, TaskQueue: EnvelopeQueue},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("schedule the reconciliation: %w", err)
	}
	return nil
}
