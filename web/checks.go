package web

import (
	"sync"
	"time"
)

// checks counts what is checked from each address in a sliding window. It is of
// this process alone: several of them allow several times as much.
type checks struct {
	mu    sync.Mutex
	of    map[string][]time.Time // oldest first
	swept time.Time
}

// take tells whether one more may be checked from there now, and counts it then.
func (c *checks) take(address string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || now.Sub(c.swept) > checksWithin {
		c.sweep(now)
	}
	recent := within(c.of[address], now)
	if len(recent) >= checksAtMost {
		return false
	}
	c.of[address] = append(recent, now)
	return true
}

// sweep forgets addresses that have been silent.
func (c *checks) sweep(now time.Time) {
	left := map[string][]time.Time{}
	for address, times := range c.of {
		if recent := within(times, now); len(recent) > 0 {
			left[address] = recent
		}
	}
	c.of, c.swept = left, now
}

func within(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= checksWithin {
		times = times[1:]
	}
	return times
}
