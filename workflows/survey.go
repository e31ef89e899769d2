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
	"chancery/connectors/mapping"
)

// SurveyName is what the workflow is called in the engine.
const SurveyName = "Survey"

const (
	// surveyWithin is how long a look at all records may take, with waiting for a system
	// that is away; the next time of the schedule that falls into it is left out.
	surveyWithin = 24 * time.Hour
	// surveyMissed is how late a look may begin when the hub was away at its time.
	surveyMissed = 12 * time.Hour
)

// Survey looks at all records that a mapping could be about.
func Survey(ctx workflow.Context, s mapping.Survey) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: OutsideQueue, StartToCloseTimeout: surveyWithin, ScheduleToCloseTimeout: surveyWithin,
		HeartbeatTimeout: 2 * activities.Pulse, RetryPolicy: AbroadPace,
	})
	return workflow.ExecuteActivity(ctx, clerk.Survey, s).Get(ctx, nil)
}

func surveyID(mappingID string) string { return "survey/" + mappingID }

// Survey keeps the schedule of a mapping, or ends it where it has none.
func (c *Client) Survey(ctx context.Context, s mapping.Survey) error {
	schedules := c.engine.ScheduleClient()
	handle := schedules.GetHandle(ctx, surveyID(s.Mapping))
	if s.Schedule == "" {
		err := handle.Delete(ctx)
		var gone *serviceerror.NotFound
		if err != nil && !errors.As(err, &gone) {
			return fmt.Errorf("end the schedule of mapping %s: %w", s.Mapping, err)
		}
		return nil
	}
	wanted := client.ScheduleOptions{
		ID:            surveyID(s.Mapping),
		Spec:          client.ScheduleSpec{CronExpressions: []string{s.Schedule}, TimeZoneName: s.Zone},
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: surveyMissed,
		Action:        &client.ScheduleWorkflowAction{ID: surveyID(s.Mapping), Workflow: SurveyName, TaskQueue: EnvelopeQueue, Args: []any{s}},
	}
	_, err := schedules.Create(ctx, wanted)
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = handle.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			next := in.Description.Schedule
			next.Spec, next.Action = &wanted.Spec, wanted.Action
			return &client.ScheduleUpdate{Schedule: &next}, nil
		}})
	}
	if err != nil {
		return fmt.Errorf("schedule mapping %s: %w", s.Mapping, err)
	}
	return nil
}
