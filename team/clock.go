package team

import (
	"time"

	"chancery/problem"
)

// MaxAhead is how far the clock of a sandbox may be put forward, at once and in all:
// as far as an envelope may live.
const MaxAhead = 366 * 24 * time.Hour

// Problems of a test clock.
var (
	ErrNoClock      = problem.Denied("clock_sandbox_only", "Only a sandbox team has a test clock.")
	ErrClockAdvance = problem.Invalid("clock_advance_invalid", "A test clock is put forward by at least a second and at most 366 days, in all.").At("advance")
)

// Advance is how far ahead the team's clock is when it is put forward by that much.
func (t Team) Advance(by time.Duration) (time.Duration, error) {
	if t.Kind != Sandbox {
		return t.Ahead, ErrNoClock
	}
	if by < time.Second || by > MaxAhead || t.Ahead+by > MaxAhead {
		return t.Ahead, ErrClockAdvance
	}
	return t.Ahead + by, nil
}
