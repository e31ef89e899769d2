// Package rate counts calls in a sliding window: at most so many in any span of
// that length, wherever the span begins.
//
// A Window refuses a call too many, and the API says when to come again. A Queue
// lets it wait its turn, and webhooks go out one after the other. Both are kept by
// one process in its memory, or in a Redis (or Valkey) that several processes share.
// Shared and SharedQueue count by themselves while the Redis is away: the limit
// holds for each process then, and nothing stops.
package rate

import (
	"context"
	"math"
	"time"
)

// Limit is how many calls may be made in any span of that length. The name is what
// RateLimit-Policy shows.
type Limit struct {
	Name  string
	Calls int
	Per   time.Duration
}

// Standing is where somebody stands after asking for one more call.
type Standing struct {
	Allowed bool
	Left    int           // calls that could be made at once
	Reset   time.Duration // until the oldest call leaves the window, and one more is free
}

// Window counts calls: at no moment do more than limit.Calls lie within the last
// limit.Per. A refused call does not count.
type Window interface {
	Take(ctx context.Context, who string, limit Limit) Standing
}

// Queue lets calls wait. Turn is zero when the call may be made now, and is counted
// then; else it is how long to wait before asking again under the same name. Who
// asks again keeps their place in the line; who does not come back loses it.
type Queue interface {
	Turn(ctx context.Context, line, name string, limit Limit) time.Duration
}

// Seconds rounds up: whoever waits that long is let in.
func Seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
