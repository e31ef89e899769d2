package engine_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// BenchmarkAskedWorkflow is the smallest life an envelope can have: it is started, does
// one short step, hears one update and ends. Sixteen are under way at a time.
func BenchmarkAskedWorkflow(b *testing.B) {
	e := start(b, database(b), 0)
	defer e.Stop()
	c := dial(b, e)
	w := work(b, c)
	w.RegisterWorkflow(asked)
	var number atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("asked/%d", number.Add(1))
			options := client.StartWorkflowOptions{ID: id, TaskQueue: queue, EnableEagerStart: true}
			run, err := c.ExecuteWorkflow(b.Context(), options, asked)
			if err != nil {
				b.Error(err)
				return
			}
			tell(b, c, id, "bye")
			if err := run.Get(b.Context(), nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "workflows/s")
}

// BenchmarkStandaloneActivity is what one durable delivery costs.
func BenchmarkStandaloneActivity(b *testing.B) {
	e := start(b, database(b), 0)
	defer e.Stop()
	c := dial(b, e)
	work(b, c)
	var number atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := fmt.Sprintf("delivery/%d", number.Add(1))
			options := client.StartActivityOptions{ID: id, TaskQueue: queue, StartToCloseTimeout: 1e10}
			handle, err := c.ExecuteActivity(b.Context(), options, "greet", "ann")
			if err != nil {
				b.Error(err)
				return
			}
			if err := handle.Get(b.Context(), nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "activities/s")
}

// asked does one short step and ends with the first word it hears.
func asked(ctx workflow.Context) (string, error) {
	said, err := step(ctx)
	if err != nil {
		return "", err
	}
	heard, err := wait(ctx)
	return said + fmt.Sprint(heard), err
}
