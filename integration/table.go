package integration

import (
	"context"
	"fmt"
	"io"

	"chancery/connectors"
	"chancery/connectors/csvfile"
	"chancery/connectors/mapping"
	"chancery/problem"
)

// MaxBrought rows of a table that somebody uploads. Each becomes an envelope that is
// sent, and all of them are begun while they wait for the answer.
const MaxBrought = 500

// BringTable begins a journey for each row of a table (CSV) that somebody uploads, and
// tells how many there are. None begins before all are found good: what is wrong names
// its row. The request's id makes a repeat the same journeys.
func (d *Desk) BringTable(ctx context.Context, m mapping.Kept, table io.Reader, request string) (rows int, err error) {
	t, err := csvfile.Read(table)
	if err != nil {
		return 0, problem.Of(err).At("file")
	}
	switch {
	case len(t.Rows) == 0:
		return 0, problem.Invalid("csv_empty", "The table has no rows below the names of its columns.").At("file")
	case len(t.Rows) > MaxBrought:
		return 0, problem.TooLarge("csv_too_large", "A table that is uploaded has at most 500 rows.").At("file")
	}
	ready, err := mapping.Compile(m.Mapping)
	if err != nil {
		return 0, err
	}
	for i, row := range t.Rows {
		if _, err := ready.Apply(row); err != nil {
			return 0, inRow(i, err)
		}
	}
	for i, row := range t.Rows {
		one := fmt.Sprintf("%s/%d", request, i+1)
		if _, err := d.Clerk.PressReady(ctx, m, ready, connectors.Ref{Type: m.Mapping.Record, ID: one}, row, one); err != nil {
			return 0, err
		}
	}
	return len(t.Rows), nil
}

// inRow says in which row of a table something is wrong; the first one is below the
// names of the columns.
func inRow(i int, err error) error {
	p := problem.Of(err)
	if p.Kind == problem.KindInternal || p.Kind == problem.KindAway {
		return err
	}
	return problem.Invalid(p.Code, fmt.Sprintf("Row %d: %s", i+1, p.Said())).At("file").Because(err)
}
