// Package worker registers the workflows and activities on their queues and runs
// until it is told to stop.
package worker

import (
	"context"
	"fmt"
	"time"

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
	pollers           = 8   // requests that wait for work, of each kind; two let a new envelope wait behind the running ones
	deliveringAtOnce  = 32  // later attempts
	envelopesInMemory = 600 // workflows that need not be replayed

	// finishing is how long a worker that is told to stop lets its activities finish:
	// an announcement broken off is begun again elsewhere and may send a letter twice.
	finishing = 20 * time.Second
)

// Run works on both queues until ctx ends; then it finishes what it has begun.
func Run(ctx context.Context, engine client.Client, desk *activities.Desk, clerk *activities.Clerk) error {
	sdk.SetStickyWorkflowCacheSize(envelopesInMemory)
	envelopes := sdk.New(engine, workflows.EnvelopeQueue, sdk.Options{
		MaxConcurrentLocalActivityExecutionSize: stepsAtOnce,
		MaxConcurrentWorkflowTaskPollers:        pollers,
		MaxConcurrentActivityTaskPollers:        pollers,
		MaxConcurrentActivityExecutionSize:      announcingAtOnce,
		WorkerStopTimeout:                       finishing,
	})
	envelopes.RegisterWorkflowWithOptions(workflows.Envelope, workflow.RegisterOptions{Name: workflows.EnvelopeName})
	envelopes.RegisterWorkflowWithOptions(workflows.Renewal, workflow.RegisterOptions{Name: workflows.RenewalName})
	envelopes.RegisterWorkflowWithOptions(workflows.Journey, workflow.RegisterOptions{Name: workflows.JourneyName})
	envelopes.RegisterWorkflowWithOptions(workflows.Reconciliation, workflow.RegisterOptions{Name: workflows.ReconciliationName})
	envelopes.RegisterWorkflowWithOptions(workflows.Survey, workflow.RegisterOptions{Name: workflows.SurveyName})
	envelopes.RegisterWorkflowWithOptions(workflows.Watch, workflow.RegisterOptions{Name: workflows.WatchName})
	outside := sdk.New(engine, workflows.OutsideQueue, sdk.Options{
		MaxConcurrentActivityExecutionSize: deliveringAtOnce,
		DisableWorkflowWorker:              true,
		WorkerStopTimeout:                  finishing,
	})
	for _, w := range []sdk.Worker{envelopes, outside} {
		w.RegisterActivity(desk)
		w.RegisterActivity(clerk)
		if err := w.Start(); err != nil {
			return fmt.Errorf("start worker: %w", err)
		}
		defer w.Stop()
	}
	<-ctx.Done()
	return nil
}
