package webhooks

import "time"

// schedule is the one that Standard Webhooks 1.0 proposes under "Retry schedule":
// ten attempts within little more than three days. It has no jitter, since it is
// published and events of different envelopes are spread by themselves.
var schedule = [...]time.Duration{
	0,
	5 * time.Second,
	5 * time.Minute,
	30 * time.Minute,
	2 * time.Hour,
	5 * time.Hour,
	10 * time.Hour,
	14 * time.Hour,
	20 * time.Hour,
	24 * time.Hour,
}

// Schedule returns the waits before the first, second, ... and last attempt.
func Schedule() []time.Duration {
	waits := schedule
	return waits[:]
}

// After tells how long to wait before the given attempt, counted from 1 and from
// the end of the one before it. It says false when no attempts are left.
func After(attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(schedule) {
		return 0, false
	}
	return schedule[attempt-1], true
}

// Next tells how long to wait after this outcome of the given attempt, counted
// from 1, and whether there is another one. The endpoint may ask for more patience
// than the schedule has, never for less.
func (o Outcome) Next(attempt int) (time.Duration, bool) {
	if o.Verdict != Retry {
		return 0, false
	}
	wait, again := After(attempt + 1)
	if !again {
		return 0, false
	}
	return max(wait, o.RetryAfter), true
}
