package webhooks

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is how long an endpoint may make us wait: as long as the longest
// step of the schedule, so that no answer parks a delivery for ever.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header in both forms of RFC 9110 §10.2.3, a number of
// seconds or a date. What it cannot read, or what lies in the past, is no wait.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if strings.Trim(header, "0123456789") == "" {
		return capped(header)
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// capped turns digits into a wait; more digits than a number holds are many seconds.
func capped(digits string) time.Duration {
	seconds, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || seconds > uint64(maxRetryAfter/time.Second) {
		return maxRetryAfter
	}
	return time.Duration(seconds) * time.Second
}
