//go:build record

package workflows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/encoding/protojson"

	"chancery/activities"
	"chancery/envelope"
	"chancery/worker"
	"chancery/workflows"
)

// The recorder plays stories on a real engine and keeps their histories in testdata:
//
//	standalone engine --data DIR        prints the engine's address
//	go test -tags record -run TestRecord ./workflows -engine 127.0.0.1:7233
//
// It takes five minutes, since nobody skips time there.
var (
	address   = flag.String("engine", "", "host:port of a real engine")
	namespace = flag.String("namespace", "chancery", "where it keeps envelopes")
)

// take is one story to be recorded: what people do after the envelope was sent.
type take struct {
	draft  envelope.Envelope
	before func(*office)
	play   func(ctx context.Context, c *workflows.Client, o *office) error
	end    envelope.Status
}

func TestRecord(t *testing.T) {
	engine := dialPlain(t)
	for name, story := range takes() {
		t.Run(name, func(t *testing.T) { story.record(t, engine, name) })
	}
}

func dialPlain(t *testing.T) client.Client {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	engine, err := client.Dial(client.Options{HostPort: *address, Namespace: *namespace, Identity: "recorder", Logger: log.NewStructuredLogger(quiet)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}

func (k take) record(t *testing.T, engine client.Client, name string) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	k.draft.ID = "env_" + name + time.Now().Format("150405")
	o := newOffice(k.draft)
	if k.before != nil {
		k.before(o)
	}
	stop := work(t, engine, o)
	defer stop()
	c := workflows.NewClient(engine, o.records)
	err := c.Send(ctx, k.draft.ID, sender, envelope.Origin{Address: "192.0.2.7"})
	if err == nil && k.play != nil {
		err = k.play(ctx, c, o)
	}
	if err != nil && k.end != envelope.Draft {
		t.Fatal(err)
	}
	var end envelope.Status
	id := "envelope/" + k.draft.ID
	if err := engine.GetWorkflow(ctx, id, "").Get(ctx, &end); err != nil || end != k.end {
		t.Fatalf("it ended %s, want %s: %v", end, k.end, err)
	}
	archive(t, engine.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT), name)
}

// work runs the real worker until it is stopped.
func work(t *testing.T, engine client.Client, o *office) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, engine, o.desk(), &activities.Clerk{}) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func archive(t *testing.T, events client.HistoryEventIterator, name string) {
	t.Helper()
	var history historypb.History
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		history.Events = append(history.Events, event)
	}
	raw, err := protojson.Marshal(&history)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname() // names the sticky queues
	raw = bytes.ReplaceAll(raw, []byte(`"`+host+":"), []byte(`"recorder:`))
	var page bytes.Buffer
	if err := json.Indent(&page, raw, "", " "); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name+".json"), page.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// each gives every act to the envelope, one after the other.
func each(acts ...envelope.Act) func(context.Context, *workflows.Client, *office) error {
	return func(ctx context.Context, c *workflows.Client, o *office) error {
		for _, act := range acts {
			act.Envelope = o.records.envelope.ID
			if _, err := c.Act(ctx, act); err != nil {
				return err
			}
		}
		return nil
	}
}

func signs(who string) envelope.Act {
	return envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Sign, Ink: envelope.Ink{Typed: who}}
}

func takes() map[string]take {
	quorum := draft(signer("ann", 1), signer("bob", 1), signer("cat", 1), signer("dan", 2))
	quorum.Quorums = []envelope.Quorum{{Step: 1, Need: 2}}
	late := draft(signer("ann", 1), signer("bob", 1))
	late.Pace = envelope.Pace{First: time.Minute, Most: 1}
	late.Lifetime = 90 * time.Second
	two := func() envelope.Envelope { return draft(signer("ann", 1), signer("bob", 2)) }
	return map[string]take{
		"completed":   {draft: two(), play: each(signs("ann"), signs("bob")), end: envelope.Completed},
		"refused":     {draft: draft(), end: envelope.Draft},
		"expired":     {draft: late, play: each(signs("ann")), end: envelope.Expired},
		"voided":      {draft: two(), play: correctedAndVoided, end: envelope.Voided},
		"impatient":   {draft: two(), play: outOfTurn, end: envelope.Declined},
		"quorum":      {draft: quorum, play: each(envelope.Act{ID: "act_ann", Recipient: "ann", Kind: envelope.Delegate, Delegate: person("zoe"), NewID: "zoe"}, signs("zoe"), signs("bob"), signs("dan")), end: envelope.Completed},
		"together":    {draft: draft(signer("ann", 1), signer("bob", 1), signer("cat", 1)), play: together, end: envelope.Completed},
		"unsealed":    {draft: two(), before: func(o *office) { o.papers.unsealed = 6 }, play: each(signs("ann"), signs("bob")), end: envelope.Completed},
		"lost-commit": {draft: two(), before: lostCommit, play: each(signs("ann"), signs("bob")), end: envelope.Completed},
		"accident":    {draft: two(), play: accident, end: envelope.Completed},
		"clock":       {draft: reminded(), play: putForward, end: envelope.Expired},
		"dead-post":   {draft: two(), before: func(o *office) { o.post.dead, o.hooks.dead = true, true }, play: each(signs("ann"), signs("bob")), end: envelope.Completed},
	}
}

func correctedAndVoided(ctx context.Context, c *workflows.Client, o *office) error {
	id := o.records.envelope.ID
	if err := c.Correct(ctx, id, envelope.Correction{ID: "cor_1", By: sender, Recipient: "ann", Person: person("anna")}); err != nil {
		return err
	}
	if err := c.Resend(ctx, id, envelope.Resending{ID: "rsn_1", By: sender}); err != nil {
		return err
	}
	return c.Void(ctx, id, envelope.Void{ID: "void_1", By: sender, Reason: "wrong file"})
}

// outOfTurn leaves nothing in the history but ann's decline.
func outOfTurn(ctx context.Context, c *workflows.Client, o *office) error {
	if err := each(signs("bob"))(ctx, c, o); err == nil {
		return errStorm
	}
	return each(envelope.Act{ID: "act_ann", Recipient: "ann", Kind: envelope.Decline, Reason: "too dear"})(ctx, c, o)
}

func together(ctx context.Context, c *workflows.Client, o *office) error {
	answers := make(chan error)
	for _, who := range []string{"ann", "bob", "cat"} {
		go func() { answers <- each(signs(who))(ctx, c, o) }()
	}
	for range 3 {
		if err := <-answers; err != nil {
			return err
		}
	}
	return nil
}

// putForward skips five days, in which a reminder is due, and then the rest.
func putForward(ctx context.Context, c *workflows.Client, o *office) error {
	for _, by := range []time.Duration{5 * day, 25 * day} {
		o.records.now(func(r *records) { r.envelope.Ahead += by })
		if err := c.Tick(ctx, o.records.envelope.ID); err != nil {
			return err
		}
		time.Sleep(time.Second) // what is due now is done
	}
	return nil
}

func lostCommit(o *office) { o.records.forget, o.records.aftermath = 1, 3 }

// accident keeps ann waiting for a minute and in vain; her next try succeeds.
func accident(ctx context.Context, c *workflows.Client, o *office) error {
	o.papers.now(func(p *papers) { p.unsigned = 1000 })
	if err := each(signs("ann"))(ctx, c, o); err == nil {
		return errStorm
	}
	o.papers.now(func(p *papers) { p.unsigned = 0 })
	again := signs("ann")
	again.ID = "act_again"
	return each(again, signs("bob"))(ctx, c, o)
}

// A history that has grown too long goes on in a new run, and nobody notices.
func TestALongLifeGoesOnInANewRun(t *testing.T) {
	engine := dialPlain(t)
	e := draft(signer("ann", 1), signer("bob", 2))
	e.ID = "env_long" + time.Now().Format("150405")
	o := newOffice(e)
	defer work(t, engine, o)()
	c := workflows.NewClient(engine, o.records)
	if err := c.Send(t.Context(), e.ID, sender, envelope.Origin{}); err != nil {
		t.Fatal(err)
	}
	first, err := engine.DescribeWorkflowExecution(t.Context(), "envelope/"+e.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	runs := func() bool {
		now, err := engine.DescribeWorkflowExecution(t.Context(), "envelope/"+e.ID, "")
		return err == nil && now.WorkflowExecutionInfo.Execution.RunId != first.WorkflowExecutionInfo.Execution.RunId
	}
	wishes := 0
	for ; wishes < 2000 && !runs(); wishes++ {
		if err := c.Resend(t.Context(), e.ID, envelope.Resending{ID: fmt.Sprintf("rsn_%d", wishes), By: sender}); err != nil {
			t.Fatalf("after %d wishes: %v", wishes, err)
		}
	}
	if !runs() {
		t.Fatal("no new run took over")
	}
	t.Logf("a new run took over after %d wishes", wishes)
	if err := each(signs("ann"), signs("bob"))(t.Context(), c, o); err != nil {
		t.Fatal(err)
	}
	var end envelope.Status
	if err := engine.GetWorkflow(t.Context(), "envelope/"+e.ID, "").Get(t.Context(), &end); err != nil || end != envelope.Completed {
		t.Errorf("it ended %s, %v", end, err)
	}
}

// A letter that a dead mail server does not take goes on as a branch of its own.
func TestALetterWaitsForTheMailServer(t *testing.T) {
	engine := dialPlain(t)
	e := draft(signer("ann", 1))
	e.ID = "env_waiting" + time.Now().Format("150405")
	o := newOffice(e)
	desk := o.desk()
	c := workflows.NewClient(engine, o.records)
	desk.Later = c
	o.post.dead, o.hooks.dead = true, true
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, engine, desk, &activities.Clerk{}) }()
	if err := c.Send(t.Context(), e.ID, sender, envelope.Origin{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	o.post.mu.Lock()
	o.post.dead = false
	o.post.mu.Unlock()
	o.hooks.mu.Lock()
	o.hooks.dead = false
	o.hooks.mu.Unlock()
	time.Sleep(65 * time.Second)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := o.heard(); len(got) != 1 || got[0] != "invitation ann" {
		t.Errorf("the mail server was given %v", got)
	}
	if len(o.hooks.heard) != len(o.records.events) {
		t.Errorf("the endpoint heard %d of %d events", len(o.hooks.heard), len(o.records.events))
	}
}

var _ activities.Later = (*workflows.Client)(nil)
