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
		var found activities.Reconciled
		if err := compared[i].Get(ctx, &found); err != nil {
			workflow.GetLogger(ctx).Warn("reconcile", "connection", connection, "error", err)
			continue
		}
		workflow.GetLogger(ctx).Info("reconciled", "connection", connection, "repaired", found.Repaired, "stuck", found.Stuck,
			"same", found.Same, "drifted", found.Drifted, "unread", found.Unread)
	}
	return nil
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
