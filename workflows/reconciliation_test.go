package workflows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"chancery/workflows"
)

// comparer is a clerk that compares at once, but for one connection, whose system is away.
type comparer struct {
	away func() bool
	seen []string
}

func (c *comparer) Reconcilable(context.Context) ([]string, error) {
	return []string{"con_1", "con_2"}, nil
}

func (c *comparer) Reconcile(_ context.Context, connection string) error {
	if connection == "con_1" && c.away() {
		return errors.New("nobody answers")
	}
	c.seen = append(c.seen, connection)
	return nil
}

func TestASystemThatIsAwayHoldsUpNoOthersComparison(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	begun := env.Now()
	c := &comparer{away: func() bool { return env.Now().Before(begun.Add(time.Minute)) }}
	env.RegisterActivity(c)
	env.ExecuteWorkflow(workflows.Reconciliation)
	if err := env.GetWorkflowError(); err != nil || !slices.Equal(c.seen, []string{"con_2", "con_1"}) {
		t.Errorf("compared were %v: %v", c.seen, err)
	}
}
