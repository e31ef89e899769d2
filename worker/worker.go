// Package worker registers the workflows and activities on their queues and runs
// until it is told to stop.
package worker

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/workflows"
)

// Limits of one worker process, for two cores: enough to keep them busy while
// some wait for the disk, few enough to keep memory small.
const (
	stepsAtOnce       = 64  // local activities
	announcingAtOnce  = 64  // first attempts of letters and hooks
	deliveringAtOnce  = 32  // later attempts
	envelopesInMemory = 600 // workflows that need not be replayed
)

// Run works on both queues until ctx ends; then it finishes what it has begun.
func Run(ctx context.Context, engine client.Client, desk *activities.Desk) error {
	sdk.SetStickyWorkflowCacheSize(envelopesInMemory)
	envelopes := sdk.New(engine, workflows.EnvelopeQueue, sdk.Options{
		MaxConcurrentLocalActivityExecutionSize: stepsAtOnce,
		MaxConcurrentActivityExecutionSize:      announcingAtOnce,
	})
	register(envelopes, desk)
	outside := sdk.New(engine, workflows.OutsideQueue, sdk.Options{
		MaxConcurrentActivityExecutionSize: deliveringAtOnce,
		DisableWorkflowWorker:              true,
	})
	register(outside, desk)
	for _, w := range []sdk.Worker{envelopes, outside} {
		if err := w.Start(); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
		defer w.Stop()
	}
	<-ctx.Done()
	return nil
}

func register(w sdk.Worker, desk *activities.Desk) {
	w.RegisterWorkflowWithOptions(workflows.Envelope, workflow.RegisterOptions{Name: workflows.EnvelopeName})
	w.RegisterActivityWithOptions(desk, activity.RegisterOptions{})
}
