package bench

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"
)

// The bare workflow has the shape of an envelope with two signers and does
// nothing: three updates, four local activities, three activities.
const (
	bareQueue    = "bare"
	bareUpdate   = "step"
	bareWorkflow = "Bare"
)

func bareStep(context.Context) error { return nil }

func bare(ctx workflow.Context) error {
	steps, told, telling := 0, 0, 0
	step := func(ctx workflow.Context) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
		return workflow.ExecuteLocalActivity(ctx, bareStep).Get(ctx, nil)
	}
	outside := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	err := workflow.SetUpdateHandler(ctx, bareUpdate, func(ctx workflow.Context) error {
		err := step(ctx)
		steps++
		return err
	})
	if err != nil {
		return err
	}
	for told < 3 {
		if err := workflow.Await(ctx, func() bool { return steps > told }); err != nil {
			return err
		}
		if told++; told == 3 {
			if err := step(ctx); err != nil {
				return err
			}
		}
		telling++
		announcing := workflow.ExecuteActivity(outside, bareStep)
		workflow.Go(ctx, func(ctx workflow.Context) {
			_ = announcing.Get(ctx, nil) // it cannot fail
			telling--
		})
	}
	return workflow.Await(ctx, func() bool { return telling == 0 && workflow.AllHandlersFinished(ctx) })
}

// Bare measures the engine alone, with as many clients.
func Bare(ctx context.Context, engine client.Client, clients int, duration time.Duration) (Result, error) {
	w := worker.New(engine, bareQueue, worker.Options{MaxConcurrentWorkflowTaskPollers: 8, MaxConcurrentActivityTaskPollers: 8})
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareWorkflow})
	w.RegisterActivityWithOptions(bareStep, activity.RegisterOptions{})
	if err := w.Start(); err != nil {
		return Result{}, fmt.Errorf("start worker: %w", err)
	}
	defer w.Stop()
	before, err := processorTime()
	if err != nil {
		return Result{}, err
	}
	started := time.Now()
	counts := make([]int, clients)
	var group errgroup.Group
	for i := range clients {
		group.Go(func() error {
			for time.Since(started) < duration {
				if err := bareTrip(ctx, engine, fmt.Sprintf("bare/%d/%d/%d", started.UnixNano(), i, counts[i])); err != nil {
					return err
				}
				counts[i]++
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Result{}, err
	}
	after, err := processorTime()
	result := Result{Took: time.Since(started), CPU: after - before}
	for _, n := range counts {
		result.Envelopes += n
	}
	return result, err
}

func bareTrip(ctx context.Context, engine client.Client, id string) error {
	start := engine.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: id, TaskQueue: bareQueue, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, bareWorkflow)
	first, err := engine.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: bareUpdate, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	if err != nil {
		return err
	}
	if err := first.Get(ctx, nil); err != nil {
		return err
	}
	for range 2 {
		next, err := engine.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: bareUpdate, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err != nil {
			return err
		}
		if err := next.Get(ctx, nil); err != nil {
			return err
		}
	}
	return engine.GetWorkflow(ctx, id, "").Get(ctx, nil)
}
