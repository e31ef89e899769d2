package workflows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"chancery/activities"
	"chancery/connectors"
	"chancery/envelope"
	"chancery/problem"
	"chancery/workflows"
)

// engine answers every update with the same words and remembers what it was asked.
type engine struct {
	client.Client
	answer envelope.Answer
	err    error
	woken  []string
	spoilt map[string]error // what the engine remembers of an update id
	asked  []client.UpdateWorkflowOptions
	begun  []client.StartActivityOptions
}

func (e *engine) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	e.asked = append(e.asked, o)
	if err := e.spoilt[o.UpdateID]; err != nil {
		return nil, err
	}
	return handle{answer: e.answer}, e.err
}

func (e *engine) NewWithStartWorkflowOperation(client.StartWorkflowOptions, any, ...any) client.WithStartWorkflowOperation {
	return nil
}

// UpdateWithStartWorkflow wakes: what was missed is known from now on.
func (e *engine) UpdateWithStartWorkflow(_ context.Context, o client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	e.woken = append(e.woken, o.UpdateOptions.UpdateName)
	e.err = nil
	return handle{}, nil
}

func (e *engine) ExecuteActivity(_ context.Context, o client.StartActivityOptions, _ any, _ ...any) (client.ActivityHandle, error) {
	e.begun = append(e.begun, o)
	return nil, e.err
}

type handle struct {
	client.WorkflowUpdateHandle
	answer envelope.Answer
}

func (h handle) Get(_ context.Context, into any) error {
	if into == nil {
		return nil
	}
	*into.(*envelope.Answer) = h.answer
	return nil
}

// ledger knows one envelope and the changes that were made to it.
type ledger struct {
	envelope envelope.Envelope
	done     string
	err      error
}

func (l ledger) Done(_ context.Context, _, change string) (bool, error) {
	return l.done == change, l.err
}

func (l ledger) Envelope(context.Context, string) (envelope.Envelope, error) {
	return l.envelope, l.err
}

func TestWhatSomebodyIsAnswered(t *testing.T) {
	gone := serviceerror.NewNotFound("workflow execution already completed")
	late := activities.Refusal(problem.Conflict("acted_already", "You have already answered."))
	signed := signer("ann", 1)
	signed.Status = envelope.Signed
	in := func(s envelope.Status) envelope.Envelope {
		return envelope.Envelope{ID: "env_1", Status: s, Recipients: []envelope.Recipient{signed}}
	}
	for name, tt := range map[string]struct {
		engine engine
		ledger ledger
		want   envelope.RecipientStatus
		code   string // "" and no want: an accident
	}{
		"what the workflow says":                             {engine: engine{answer: envelope.Answer{Recipient: envelope.Signed}}, want: envelope.Signed},
		"a refusal is a problem again":                       {engine: engine{err: late}, code: "acted_already"},
		"a refused repeat of what is done was granted":       {engine: engine{err: late}, ledger: ledger{envelope: in(envelope.Sent), done: "act_1"}, want: envelope.Signed},
		"a repeat after the end was granted":                 {engine: engine{err: gone}, ledger: ledger{envelope: in(envelope.Completed), done: "act_1"}, want: envelope.Signed},
		"an accident whose change is stored was granted":     {engine: engine{err: errStorm}, ledger: ledger{envelope: in(envelope.Sent), done: "act_1"}, want: envelope.Signed},
		"after the end it has ended":                         {engine: engine{err: gone}, ledger: ledger{envelope: in(envelope.Completed)}, code: "envelope_ended"},
		"a draft has not been sent":                          {engine: engine{err: gone}, ledger: ledger{envelope: in(envelope.Draft)}, code: "envelope_not_sent"},
		"an open envelope without a workflow is an accident": {engine: engine{err: gone}, ledger: ledger{envelope: in(envelope.Sent)}},
		"an unknown envelope is missing":                     {engine: engine{err: gone}, ledger: ledger{err: problem.Missing("envelope_missing", "There is no such envelope.")}, code: "envelope_missing"},
		"a refusal stands when the records are away":         {engine: engine{err: late}, ledger: ledger{err: errStorm}, code: "acted_already"},
		"an engine that is away is an accident":              {engine: engine{err: errStorm}},
	} {
		t.Run(name, func(t *testing.T) {
			c := workflows.NewClient(&tt.engine, tt.ledger)
			got, err := c.Act(t.Context(), envelope.Act{ID: "act_1", Envelope: "env_1", Recipient: "ann", Kind: envelope.Sign})
			var p *problem.Problem
			switch {
			case tt.want != "" && (err != nil || got.Recipient != tt.want):
				t.Errorf("answered %+v, %v, want %s", got, err, tt.want)
			case tt.code != "" && !problem.Has(err, tt.code):
				t.Errorf("answered %v, want %s", err, tt.code)
			case tt.want == "" && tt.code == "" && (err == nil || errors.As(err, &p)):
				t.Errorf("answered %v, want an accident", err)
			}
		})
	}
}

func TestAWishGoesToItsEnvelopeUnderItsOwnId(t *testing.T) {
	e := &engine{}
	c := workflows.NewClient(e, ledger{})
	ctx := t.Context()
	_, err := c.Act(ctx, envelope.Act{ID: "act_1", Envelope: "env_1"})
	err = errors.Join(err,
		c.Void(ctx, "env_1", envelope.Void{ID: "void_1"}),
		c.Correct(ctx, "env_1", envelope.Correction{ID: "cor_1"}),
		c.Resend(ctx, "env_1", envelope.Resending{ID: "rsn_1"}))
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"act", "act_1"}, {"void", "void_1"}, {"correct", "cor_1"}, {"resend", "rsn_1"}}
	for i, o := range e.asked {
		if o.WorkflowID != "envelope/env_1" || o.UpdateName != want[i][0] || o.UpdateID != want[i][1] {
			t.Errorf("asked %s for %s under %s", o.WorkflowID, o.UpdateName, o.UpdateID)
		}
	}
}

func TestAWishThatMetAnAccidentCanBeBroughtAgain(t *testing.T) {
	storm := temporal.NewApplicationError("the database is away", "accident")
	e := &engine{answer: envelope.Answer{Recipient: envelope.Signed}, spoilt: map[string]error{"act_1": storm, "act_1~1": storm}}
	answer, err := workflows.NewClient(e, ledger{}).Act(t.Context(), envelope.Act{ID: "act_1", Envelope: "env_1"})
	if err != nil || answer.Recipient != envelope.Signed {
		t.Fatalf("answered %+v, %v", answer, err)
	}
	for _, o := range e.asked {
		if act := o.Args[0].(envelope.Act); act.ID != "act_1" {
			t.Errorf("the act became %s", act.ID)
		}
	}
}

func TestAWorkflowThatMissedAChangeIsWokenAndAskedAgain(t *testing.T) {
	bob := signer("bob", 2)
	bob.Status = envelope.Released
	records := ledger{envelope: envelope.Envelope{ID: "env_1", Status: envelope.Sent, Recipients: []envelope.Recipient{bob}}}
	e := &engine{
		answer: envelope.Answer{Recipient: envelope.Signed},
		err:    activities.Refusal(problem.Conflict("not_your_turn", "It is not your turn yet.")),
	}
	answer, err := workflows.NewClient(e, records).Act(t.Context(), envelope.Act{ID: "act_1", Envelope: "env_1", Recipient: "bob"})
	if err != nil || answer.Recipient != envelope.Signed || !slices.Equal(e.woken, []string{workflows.UpdateWake}) {
		t.Fatalf("answered %+v, %v; woken by %q", answer, err, e.woken)
	}
}

func TestARefusedWishIsBroughtOnce(t *testing.T) {
	e := &engine{err: activities.Refusal(problem.Conflict("acted_already", "You have already answered."))}
	_, err := workflows.NewClient(e, ledger{}).Act(t.Context(), envelope.Act{ID: "act_1", Envelope: "env_1"})
	if !problem.Has(err, "acted_already") || len(e.asked) != 1 {
		t.Fatalf("asked %d times: %v", len(e.asked), err)
	}
}

func TestWhatGoesOnLaterIsOneBranchHoweverOftenItIsBegun(t *testing.T) {
	e := &engine{}
	c := workflows.NewClient(e, ledger{})
	told := activities.Told{Connection: "con_1", News: []connectors.News{{ID: "1"}, {ID: "2"}}}
	if err := errors.Join(c.Post(t.Context(), "ltr_1"), c.Deliver(t.Context(), "dlv_1", time.Hour), c.Hear(t.Context(), told)); err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"post/ltr_1", "deliver/dlv_1", "news/" + told.ID()} {
		o := e.begun[i]
		if o.ID != id || o.TaskQueue != workflows.OutsideQueue || o.ActivityIDConflictPolicy != enumspb.ACTIVITY_ID_CONFLICT_POLICY_USE_EXISTING {
			t.Errorf("began %+v", o)
		}
	}
	for name, other := range map[string]activities.Told{
		"other news": {Connection: "con_1", News: told.News[:1]}, "another connection": {Connection: "con_2", News: told.News},
		"two in one": {Connection: "con_1", News: []connectors.News{{ID: "12"}}},
	} {
		if other.ID() == told.ID() {
			t.Errorf("%s: the same branch", name)
		}
	}
	if e.begun[1].StartDelay != time.Hour {
		t.Errorf("the delivery waits %s", e.begun[1].StartDelay)
	}
}
