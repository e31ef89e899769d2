package activities

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Advancing is the wish that a team's clock is put forward.
type Advancing struct {
	Wish string        `json:"wish"` // its id
	Team string        `json:"team"`
	By   time.Duration `json:"by"`
}

const (
	// toldAtOnce is how many envelopes hear side by side that their clock was put forward.
	toldAtOnce = 16
	// runningPage is how many of them are looked up at a time.
	runningPage = 500
)

// Advance puts a team's clock forward, which this wish does once, and lets every
// envelope that is under way set its alarm anew. That may happen twice: an alarm that
// is set already stays.
func (d *Desk) Advance(ctx context.Context, a Advancing) error {
	if _, err := d.Records.AdvanceClock(ctx, a.Team, a.Wish, a.By); err != nil {
		return Refusal(err)
	}
	defer beat(ctx)()
	for last := ""; ; {
		running, err := d.Records.Running(ctx, a.Team, last, runningPage)
		if err != nil || len(running) == 0 {
			return err
		}
		side, within := errgroup.WithContext(ctx)
		side.SetLimit(toldAtOnce)
		for _, envelope := range running {
			side.Go(func() error { return d.Later.Tick(within, envelope) })
		}
		if err := side.Wait(); err != nil {
			return err
		}
		last = running[len(running)-1]
	}
}
