package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"chancery/connectors"
	"chancery/envelope"
)

// What a reconciliation looks at.
const (
	// owedFor is how long a write-back may be under way before it is taken for lost.
	owedFor = time.Hour
	// comparedFor is how long after its envelope has ended a record is compared.
	comparedFor = 30 * 24 * time.Hour
	// maxCompared records of a connection, the newest first: each is a call of the
	// system, which counts them too.
	maxCompared = 2000
)

// Reconcilable are the connections whose records can be compared.
func (c *Clerk) Reconcilable(ctx context.Context) ([]string, error) {
	return c.Records.Reconcilable(ctx, c.Now().Add(-comparedFor))
}

// Reconcile compares what the envelopes of a connection have come to with what its
// records say. What was lost on the way is written now. What somebody has changed
// since is theirs until a person decides: the journey needs attention.
func (c *Clerk) Reconcile(ctx context.Context, connectionID string) error {
	defer beat(ctx)()
	found, err := c.repair(ctx, connectionID)
	if err != nil {
		return err
	}
	ended, err := c.Records.Ended(ctx, connectionID, c.Now().Add(-comparedFor), maxCompared)
	if err != nil {
		return err
	}
	system, err := c.open(ctx, connectionID)
	if err != nil {
		return Refusal(err)
	}
	for _, journey := range ended {
		if err := c.compare(ctx, system, journey, &found); err != nil {
			return c.troubled(ctx, connectionID, err)
		}
	}
	found.At = c.Now()
	counted(ctx, found)
	return c.Records.Compared(ctx, connectionID, found)
}

// counted tells operators what came of a comparison.
func counted(ctx context.Context, found connectors.Comparison) {
	if !activity.IsActivity(ctx) {
		return
	}
	for outcome, n := range map[string]int{"repaired": found.Repaired, "stuck": found.Stuck, "same": found.Same, "drifted": found.Drifted, "unread": found.Unread} {
		activity.GetMetricsHandler(ctx).WithTags(map[string]string{"outcome": outcome}).Counter("chancery.records.compared").Inc(int64(n))
	}
}

// repair makes the write-backs that were lost, and ends the journeys that owe nothing.
func (c *Clerk) repair(ctx context.Context, connectionID string) (found connectors.Comparison, err error) {
	owed, err := c.Records.Owed(ctx, connectionID, c.Now().Add(-owedFor))
	if err != nil {
		return found, err
	}
	for _, b := range owed {
		switch err := c.WriteBack(ctx, b); {
		case err == nil:
			found.Repaired++
		case Refused(err):
			found.Stuck++
		default:
			return found, err
		}
	}
	return found, c.Records.Settle(ctx, connectionID)
}

func (c *Clerk) compare(ctx context.Context, system connectors.Reader, journeyID string, found *connectors.Comparison) error {
	j, err := c.Records.Journey(ctx, journeyID)
	if err != nil || j.Record != nil {
		return err
	}
	kept, err := c.Records.Mapping(ctx, j.Mapping, j.Version)
	targets := kept.Mapping.Targets()
	if err != nil || len(targets) == 0 {
		return err
	}
	wrote, err := c.Records.Wrote(ctx, j.ID)
	if err != nil {
		return err
	}
	record, err := system.Read(ctx, j.Ref, targets)
	if trouble := connectors.TroubleOf(err); err != nil && (trouble == connectors.Gone || trouble == connectors.Refused) {
		found.Unread++
		return nil
	}
	if err != nil {
		return err
	}
	drifted := kept.Mapping.Drifted(wrote, j.Baseline.Fields, record.Fields)
	if len(drifted) == 0 {
		found.Same++
		return nil
	}
	found.Drifted++
	var at []envelope.EventType
	var says []string
	for _, d := range drifted {
		at, says = append(at, d.On), append(says, fmt.Sprintf("%s says %s", d.Field, shortly(d.Now)))
	}
	says = slices.Compact(says)
	says = says[:min(len(says), maxNamed)]
	words := "Somebody has changed what was written back: " + strings.Join(says, ", ") + ". Decide whose values count."
	return c.Records.Reopen(ctx, j.ID, at, words)
}

// maxNamed bounds how many fields are named, and shortly how much of each is shown.
const maxNamed = 5

func shortly(value any) string {
	const most = 60
	words := []rune(connectors.Clean(fmt.Sprint(value)))
	switch {
	case value == nil || len(words) == 0:
		return "nothing"
	case len(words) > most:
		return string(words[:most]) + "…"
	}
	return string(words)
}
