package salesforcetest

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// Faults is what goes wrong. The numbers are of calls that are still to come, and
// count down; the others stay until they are changed.
type Faults struct {
	Percent    int // of calls that fail: 500, 503 or a lock, drawn from a fixed row
	TokenCalls int // a token is good for so many
	Throttle   int // are refused for the limit of the day
	TooMany    int // are refused with 429 and Retry-After
	Busy       int // meet 503
	Fail       int // meet 500
	Lock       int // that write find the record locked
	Lost       int // that write are carried out, and their answer is lost
	Page       int // are answered with a page of HTML
	Hang       int // get no answer until the caller gives up
	Logins     int // of the token endpoint meet 503

	Unwilling bool // whoever is asked in a browser says no
	Rotate    bool // a refresh token is good once, and another comes with the session

	Latency time.Duration // before each answer
	Twice   bool          // each event and each Outbound Message comes twice
	Shuffle bool          // events that come together come in another order
}

// Break sets what goes wrong from now on; Break(Faults{}) mends it.
func (o *Org) Break(f Faults) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faults = f
}

// Away takes the org off the net, or back on it. Subscriptions end.
func (o *Org) Away(away bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = away
	o.bus.wake()
}

// ExpireTokens makes all tokens that were given out worthless.
func (o *Org) ExpireTokens() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.logins.tokens)
	o.bus.wake()
}

// Lock is a record that another transaction holds.
var lockFault = fault("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")

// draw is the fixed row of chances; a row of its own for each org would differ by
// how its calls interleave anyway.
func draw(n int) int { return int(rand.New(rand.NewPCG(7, uint64(n))).IntN(100)) }

// spend counts a fault down.
func spend(n *int) bool {
	if *n == 0 {
		return false
	}
	*n--
	return true
}

// trip answers a call that goes wrong before anything is done; ok tells that none does.
func (o *Org) trip(writes bool) (answer reply, ok bool) {
	f := &o.faults
	chance := 100
	if f.Percent > 0 {
		chance = draw(o.usage.API)
	}
	switch {
	case spend(&f.Throttle) || o.usage.API > o.usage.Limit:
		return refused(&apiError{Message: "TotalRequests Limit exceeded.", ErrorCode: "REQUEST_LIMIT_EXCEEDED", status: http.StatusForbidden}), false
	case spend(&f.TooMany):
		answer = refused(&apiError{Message: "Too many requests", ErrorCode: "REQUEST_LIMIT_EXCEEDED", status: http.StatusTooManyRequests})
		answer.header = map[string]string{"Retry-After": "7"}
		return answer, false
	case spend(&f.Page):
		return reply{status: http.StatusOK, raw: []byte("<html><body>We are down for maintenance.</body></html>"), header: map[string]string{"Content-Type": "text/html;charset=UTF-8"}}, false
	case spend(&f.Busy) || chance < f.Percent && o.usage.API%3 == 0:
		return refused(&apiError{Message: "The server is temporarily unable to respond to API requests.", ErrorCode: "SERVER_UNAVAILABLE", status: http.StatusServiceUnavailable}), false
	case writes && (spend(&f.Lock) || chance < f.Percent && o.usage.API%3 == 1):
		return refused(lockFault), false
	case spend(&f.Fail) || chance < f.Percent:
		return broken(), false
	}
	return reply{}, true
}

func broken() reply {
	return refused(&apiError{Message: "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567-1 (99)", ErrorCode: "UNKNOWN_EXCEPTION", status: http.StatusInternalServerError})
}
