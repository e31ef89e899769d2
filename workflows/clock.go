package workflows

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"chancery/activities"
	"chancery/envelope"
)

// telling is how long it may take until the envelopes of a large team have heard
// that their clock was put forward.
const telling = time.Hour

// Advance puts a team's clock forward in a branch of its own, which goes on until
// every envelope under way knows. The same wish again is the same branch.
func (c *Client) Advance(ctx context.Context, teamID, wish string, by time.Duration) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "clock/" + wish, StartToCloseTimeout: telling, HeartbeatTimeout: activities.Pulse, RetryPolicy: activities.HookPace(),
	}, deliverer.Advance, activities.Advancing{Wish: wish, Team: teamID, By: by})
}

// Tick lets an envelope set its alarm by the clock of its team. One that has ended
// meanwhile, or was never sent, has no alarm.
func (c *Client) Tick(ctx context.Context, envelopeID string) error {
	handle, err := c.engine.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID(envelopeID), UpdateName: UpdateClock, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	if err == nil {
		return nil
	}
	e, lookErr := c.taken.Envelope(ctx, envelopeID)
	if lookErr != nil {
		return err
	}
	if e.Status != envelope.Sent {
		return nil
	}
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) { // the engine does not know of it, and learns of it now
		return c.Wake(ctx, envelopeID)
	}
	return err
}
