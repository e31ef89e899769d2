package workflows

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
)

// Queues on which the work waits. Steps of envelopes and what goes outside are
// apart, so that a thousand slow endpoints cannot hold up one signature.
const (
	EnvelopeQueue = "envelopes"
	OutsideQueue  = "outside"
)

// Taken answers for acts that the engine has forgotten or that a former run took.
type Taken interface {
	Done(ctx context.Context, envelopeID, changeID string) (bool, error)
	Envelope(ctx context.Context, id string) (envelope.Envelope, error)
}

// Client asks envelopes for what people want. Every wish has an id; asked twice
// it is one wish and gets one answer.
type Client struct {
	engine client.Client
	taken  Taken
}

// NewClient speaks through engine, which Dial has made.
func NewClient(engine client.Client, taken Taken) *Client {
	return &Client{engine: engine, taken: taken}
}

func workflowID(envelopeID string) string { return "envelope/" + envelopeID }

// Send starts the envelope's workflow and answers when the documents are
// certified and the first step is asked.
func (c *Client) Send(ctx context.Context, envelopeID string, by envelope.Actor, origin envelope.Origin) error {
	err := c.start(ctx, envelopeID, client.UpdateWorkflowOptions{
		UpdateID:   envelope.ChangeSend,
		UpdateName: UpdateSend,
		Args:       []any{activities.Sending{Envelope: envelopeID, By: by, Origin: origin}},
	})
	_, err = c.answer(ctx, envelopeID, "", envelope.ChangeSend, envelope.Answer{}, err)
	return err
}

// Wake lets the envelope's workflow learn what the records know.
func (c *Client) Wake(ctx context.Context, envelopeID string) error {
	return activities.Problem(c.start(ctx, envelopeID, client.UpdateWorkflowOptions{UpdateName: UpdateWake}))
}

// start asks the envelope's workflow, which is started if there is none.
func (c *Client) start(ctx context.Context, envelopeID string, update client.UpdateWorkflowOptions) error {
	start := c.engine.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       workflowID(envelopeID),
		TaskQueue:                EnvelopeQueue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		// A refused sending ends its run; the mended draft may be sent again.
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, Envelope, Trip{Envelope: envelopeID, Standing: activities.Standing{Status: envelope.Draft}})
	update.WaitForStage = client.WorkflowUpdateStageCompleted
	handle, err := c.engine.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start, UpdateOptions: update,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	return err
}

// Act brings a recipient's answer to the envelope.
func (c *Client) Act(ctx context.Context, act envelope.Act) (envelope.Answer, error) {
	return c.ask(ctx, act.Envelope, act.Recipient, act.ID, UpdateAct, act)
}

// Void ends the envelope by the sender's wish.
func (c *Client) Void(ctx context.Context, envelopeID string, wish envelope.Void) error {
	_, err := c.ask(ctx, envelopeID, "", wish.ID, UpdateVoid, wish)
	return err
}

// Correct changes a recipient's name or address.
func (c *Client) Correct(ctx context.Context, envelopeID string, wish envelope.Correction) error {
	_, err := c.ask(ctx, envelopeID, wish.Recipient, wish.ID, UpdateCorrect, wish)
	return err
}

// Resend writes invitations again.
func (c *Client) Resend(ctx context.Context, envelopeID string, wish envelope.Resending) error {
	_, err := c.ask(ctx, envelopeID, wish.Recipient, wish.ID, UpdateResend, wish)
	return err
}

// Bounce tells the envelope that letters to a recipient come back.
func (c *Client) Bounce(ctx context.Context, envelopeID string, news envelope.Bounce) error {
	_, err := c.ask(ctx, envelopeID, news.Recipient, news.ID, UpdateBounce, news)
	return err
}

// The engine gives the same update id the same answer, an accident included: the
// database was away for a minute, and somebody who tries again would hear of it for
// ever. So a wish that met an accident goes on under a further name; the change it
// makes still has the one id.
const (
	names   = 10              // under which one wish is brought
	atOnce  = 5 * time.Second // an accident known sooner is one of before
	further = "~"             // stands in no id
)

func (c *Client) ask(ctx context.Context, envelopeID, recipient, id, update string, wish any) (envelope.Answer, error) {
	var answer envelope.Answer
	var err error
	started := time.Now()
	woken := false
	for n := range names {
		answer, err = c.askAs(ctx, furtherName(id, n), envelopeID, update, wish)
		if !woken && c.behind(ctx, envelopeID, recipient, err) {
			woken = true
			if c.Wake(ctx, envelopeID) == nil {
				continue
			}
		}
		if !accident(err) || time.Since(started) > atOnce {
			break
		}
	}
	return c.answer(ctx, envelopeID, recipient, id, answer, err)
}

// behind tells whether the workflow refuses what the records would allow: it has
// missed a change that was stored while something died.
func (c *Client) behind(ctx context.Context, envelopeID, recipient string, err error) bool {
	refused := activities.Problem(err)
	if !problem.Has(refused, "envelope_not_sent") && !problem.Has(refused, "not_your_turn") {
		return false
	}
	e, err := c.taken.Envelope(ctx, envelopeID)
	if err != nil || e.Status != envelope.Sent {
		return false
	}
	r, ok := e.Recipient(recipient)
	return !ok || r.Status == envelope.Released
}

func furtherName(id string, n int) string {
	if n == 0 {
		return id
	}
	return id + further + strconv.Itoa(n)
}

func (c *Client) askAs(ctx context.Context, name, envelopeID, update string, wish any) (answer envelope.Answer, err error) {
	handle, err := c.engine.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID:   workflowID(envelopeID),
		UpdateID:     name,
		UpdateName:   update,
		Args:         []any{wish},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	return answer, err
}

// accident tells whether an update has failed inside the workflow for want of
// something that may be there the next time.
func accident(err error) bool {
	var failed *temporal.ApplicationError
	var late *temporal.TimeoutError
	return !activities.Refused(err) && (errors.As(err, &failed) || errors.As(err, &late))
}

// answer looks at a refusal once more: a wish that the records know was granted
// before, by a run of the workflow that has since ended.
func (c *Client) answer(ctx context.Context, envelopeID, recipient, id string, given envelope.Answer, err error) (envelope.Answer, error) {
	if err == nil {
		return given, nil
	}
	if done, lookErr := c.taken.Done(ctx, envelopeID, id); lookErr == nil && done {
		e, lookErr := c.taken.Envelope(ctx, envelopeID)
		return e.Answer(recipient), lookErr
	}
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return given, c.why(ctx, envelopeID, err)
	}
	return given, activities.Problem(err)
}

// why says in the envelope's own words why it has no workflow.
func (c *Client) why(ctx context.Context, envelopeID string, gone error) error {
	e, err := c.taken.Envelope(ctx, envelopeID)
	if err != nil {
		return err
	}
	if err := (activities.Standing{Status: e.Status}).Running(); err != nil {
		return err
	}
	return fmt.Errorf("envelope %s is %s but has no workflow: %w", envelopeID, e.Status, gone)
}

// Post goes on trying to send a letter, from a minute from now.
func (c *Client) Post(ctx context.Context, letterID string) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "post/" + letterID, StartDelay: time.Minute, StartToCloseTimeout: activities.OutsideTimeout, RetryPolicy: activities.LetterPace(),
	}, deliverer.Post, letterID)
}

// Notify sends a letter about an account, and goes on trying for days.
func (c *Client) Notify(ctx context.Context, noticeID string) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "notify/" + noticeID, StartToCloseTimeout: activities.OutsideTimeout, RetryPolicy: activities.LetterPace(),
	}, deliverer.Notify, noticeID)
}

// Deliver goes on trying to deliver an event, first after the given delay.
func (c *Client) Deliver(ctx context.Context, deliveryID string, delay time.Duration) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "deliver/" + deliveryID, StartDelay: delay, StartToCloseTimeout: activities.OutsideTimeout, RetryPolicy: activities.HookPace(),
	}, deliverer.Deliver, deliveryID)
}

// WriteBack lets a journey's record learn of all events up to this one, for as long as it takes.
func (c *Client) WriteBack(ctx context.Context, b activities.Back) error {
	return c.branch(ctx, client.StartActivityOptions{
		ID: "writeback/" + b.Journey + "/" + b.Event, StartToCloseTimeout: writingBack, RetryPolicy: AbroadPace,
	}, clerk.WriteBack, b)
}

// Redeliver delivers again what an endpoint has missed.
func (c *Client) Redeliver(ctx context.Context, deliveryIDs []string) error {
	for _, id := range deliveryIDs {
		if err := c.Deliver(ctx, id, 0); err != nil {
			return err
		}
	}
	return nil
}

// deliverer names the standalone activities; the worker holds the one that does the work.
var deliverer = desk

// branch starts work that goes on by itself. The same id again is the same branch, for
// as long as it has not ended.
func (c *Client) branch(ctx context.Context, how client.StartActivityOptions, step, arg any) error {
	how.TaskQueue = OutsideQueue
	how.ActivityIDConflictPolicy = enumspb.ACTIVITY_ID_CONFLICT_POLICY_USE_EXISTING
	how.ActivityIDReusePolicy = enumspb.ACTIVITY_ID_REUSE_POLICY_ALLOW_DUPLICATE
	if _, err := c.engine.ExecuteActivity(ctx, how, step, arg); err != nil {
		return fmt.Errorf("start %s: %w", how.ID, err)
	}
	return nil
}
