package engine_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"chancery/problem"
	"chancery/standalone/cluster"
	"chancery/standalone/engine"
)

const queue = "stories"

var quiet = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))

func TestAWorkflowGoesOnAfterARestart(t *testing.T) {
	db := database(t)
	first := start(t, db, 0)
	c := dial(t, first)
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "trip", TaskQueue: queue}, wait); err != nil {
		t.Fatal(err)
	}
	w := work(t, c)
	if got := tell(t, c, "trip", "before"); got != "heard before" {
		t.Fatalf("got %q", got)
	}
	w.Stop()
	c.Close()
	began := time.Now()
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stop took %s", time.Since(began))

	began = time.Now()
	second := start(t, db, 0)
	t.Logf("second start took %s", time.Since(began))
	c = dial(t, second)
	work(t, c)
	if got := tell(t, c, "trip", "bye"); got != "heard bye" {
		t.Fatalf("got %q", got)
	}
	var words []string
	if err := c.GetWorkflow(t.Context(), "trip", "").Get(t.Context(), &words); err != nil || len(words) != 2 {
		t.Fatalf("workflow heard %v, %v; want before and bye", words, err)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
}

func TestTheEngineDoesWhatTheHubNeeds(t *testing.T) {
	e := start(t, database(t), 0)
	defer e.Stop()
	c := dial(t, e)
	work(t, c)
	t.Run("an update starts the workflow it asks for", func(t *testing.T) { updateWithStart(t, c) })
	t.Run("a standalone activity answers", func(t *testing.T) { standalone(t, c) })
	t.Run("a standalone activity names its own next try", func(t *testing.T) { retryWhenTold(t, c) })
	t.Run("a workflow starts eagerly", func(t *testing.T) { eager(t, c) })
	t.Run("a finished standalone activity keeps its id", func(t *testing.T) { once(t, c) })
}

func TestATakenPortIsExplained(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	number, _ := strconv.Atoi(port)
	_, err = engine.Start(t.Context(), engine.Options{Port: number, Log: quiet})
	if !problem.Has(err, "engine_port_taken") {
		t.Fatalf("got %v, want engine_port_taken", err)
	}
}

func updateWithStart(t *testing.T, c client.Client) {
	start := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: "asked", TaskQueue: queue, WorkflowIDConflictPolicy: 2, // use the one that runs
	}, wait)
	handle, err := c.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: "tell", Args: []any{"bye"}, WaitForStage: client.WorkflowUpdateStageCompleted},
	})
	if err != nil {
		t.Fatal(err)
	}
	var heard string
	if err := handle.Get(t.Context(), &heard); err != nil || heard != "heard bye" {
		t.Fatalf("got %q, %v", heard, err)
	}
}

func standalone(t *testing.T, c client.Client) {
	handle, err := c.ExecuteActivity(t.Context(), client.StartActivityOptions{
		ID: "greeting", TaskQueue: queue, StartToCloseTimeout: time.Minute}, "greet", "ann")
	if err != nil {
		t.Fatal(err)
	}
	var said string
	if err := handle.Get(t.Context(), &said); err != nil || said != "hello ann" {
		t.Fatalf("got %q, %v", said, err)
	}
}

// retryWhenTold lets the first try fail and ask for the next after 300 ms, while the
// policy says an hour.
func retryWhenTold(t *testing.T, c client.Client) {
	began := time.Now()
	handle, err := c.ExecuteActivity(t.Context(), client.StartActivityOptions{
		ID: "stubborn", TaskQueue: queue, StartToCloseTimeout: time.Minute,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Hour},
	}, "stubborn")
	if err != nil {
		t.Fatal(err)
	}
	var attempt int32
	if err := handle.Get(t.Context(), &attempt); err != nil || attempt != 2 {
		t.Fatalf("succeeded at attempt %d, %v; want 2", attempt, err)
	}
	if took := time.Since(began); took < 300*time.Millisecond || took > 10*time.Second {
		t.Fatalf("took %s, want a little more than 300ms", took)
	}
}

func eager(t *testing.T, c client.Client) {
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "eager", TaskQueue: queue, EnableEagerStart: true}, step)
	if err != nil {
		t.Fatal(err)
	}
	var said string
	if err := run.Get(t.Context(), &said); err != nil || said != "hello local" {
		t.Fatalf("got %q, %v", said, err)
	}
	history := c.GetWorkflowHistory(t.Context(), "eager", "", false, 0)
	first, err := history.Next()
	if err != nil || !first.GetWorkflowExecutionStartedEventAttributes().GetEagerExecutionAccepted() {
		t.Fatalf("the start was not eager: %v, %v", first, err)
	}
}

func once(t *testing.T, c client.Client) {
	options := client.StartActivityOptions{ID: "once", TaskQueue: queue, StartToCloseTimeout: time.Minute, ActivityIDReusePolicy: 3} // reject duplicates
	handle, err := c.ExecuteActivity(t.Context(), options, "greet", "ann")
	if err != nil {
		t.Fatal(err)
	}
	if err := handle.Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExecuteActivity(t.Context(), options, "greet", "ann"); err == nil {
		t.Fatal("the same id ran twice")
	}
}

// wait hears words until one of them is bye.
func wait(ctx workflow.Context) ([]string, error) {
	var words []string
	err := workflow.SetUpdateHandler(ctx, "tell", func(ctx workflow.Context, word string) (string, error) {
		words = append(words, word)
		return "heard " + word, nil
	})
	if err != nil {
		return nil, err
	}
	err = workflow.Await(ctx, func() bool { return len(words) > 0 && words[len(words)-1] == "bye" })
	return words, err
}

// step does one local activity.
func step(ctx workflow.Context) (said string, err error) {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	err = workflow.ExecuteLocalActivity(ctx, greet, "local").Get(ctx, &said)
	return said, err
}

func greet(_ context.Context, name string) (string, error) { return "hello " + name, nil }

func stubborn(ctx context.Context) (int32, error) {
	attempt := activity.GetInfo(ctx).Attempt
	if attempt == 1 {
		return 0, temporal.NewApplicationErrorWithOptions("not yet", "busy",
			temporal.ApplicationErrorOptions{NextRetryDelay: 300 * time.Millisecond, Cause: errors.New("first")})
	}
	return attempt, nil
}

func database(t testing.TB) *cluster.Cluster {
	t.Helper()
	folder, err := os.MkdirTemp("", "chancery-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	db, err := cluster.Start(t.Context(), cluster.Options{Folder: folder, Port: 5432, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return db
}

func start(t testing.TB, db *cluster.Cluster, port int) *engine.Engine {
	t.Helper()
	e, err := engine.Start(t.Context(), engine.Options{
		Store:      db.TemporalURL(cluster.DatabaseTemporal),
		Visibility: db.TemporalURL(cluster.DatabaseVisibility),
		Port:       port, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func dial(t testing.TB, e *engine.Engine) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: e.Address(), Namespace: engine.Namespace, Logger: sdklog.NewStructuredLogger(quiet)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func work(t testing.TB, c client.Client) worker.Worker {
	t.Helper()
	w := worker.New(c, queue, worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflow(wait)
	w.RegisterWorkflow(step)
	w.RegisterActivityWithOptions(greet, activity.RegisterOptions{Name: "greet"})
	w.RegisterActivityWithOptions(stubborn, activity.RegisterOptions{Name: "stubborn"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

func tell(t testing.TB, c client.Client, id, word string) string {
	t.Helper()
	handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: "tell", Args: []any{word}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err != nil {
		t.Fatal(err)
	}
	var heard string
	if err := handle.Get(t.Context(), &heard); err != nil {
		t.Fatal(err)
	}
	return heard
}
