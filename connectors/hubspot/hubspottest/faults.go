package hubspottest

import (
	"net/http"
	"strings"
)

// Fault is what the next call meets; Locked, the next that writes.
type Fault string

const (
	Throttled Fault = "throttled" // the calls of ten seconds are spent
	Spent     Fault = "spent"     // the calls of a day are spent
	Failing   Fault = "failing"
	Down      Fault = "down"
	Locked    Fault = "locked"
	Migrating Fault = "migrating" // to another data centre
	Strange   Fault = "strange"   // a page of HTML
	Hanging   Fault = "hanging"   // no answer until the caller gives up
)

const hang = -1

// Break sets what the next call meets.
func (a *Account) Break(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = f
}

// Lose loses the answer of the next write under this path, which is done.
func (a *Account) Lose(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lose = path
}

// Away takes the account off the net, or back on it.
func (a *Account) Away(away bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.away = away
}

// ExpireTokens ends the access tokens of the OAuth app. A private app's has no end.
func (a *Account) ExpireTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.access)
}

// Revoke takes away the access of both apps.
func (a *Account) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.access)
	a.Token, a.Refresh = "", ""
}

func writes(r *http.Request) bool {
	return r.Method == http.MethodPatch || r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/search") && !strings.HasSuffix(r.URL.Path, "/batch/read")
}

func (a *Account) lost(r *http.Request) bool {
	if a.lose == "" || !writes(r) || !strings.HasPrefix(r.URL.Path, a.lose) {
		return false
	}
	a.lose = ""
	return true
}

func limited(message, policy string) answer {
	return answer{status: http.StatusTooManyRequests,
		body: map[string]any{"status": "error", "message": message, "errorType": "RATE_LIMIT", "correlationId": "c033cdaa-2c40-4a64-ae48-b4cec88dad24", "policyName": policy, "requestId": "3d3e35b7"},
		header: map[string]string{"X-HubSpot-RateLimit-Interval-Milliseconds": "10000", "X-HubSpot-RateLimit-Max": "190",
			"X-HubSpot-RateLimit-Remaining": "0", "X-HubSpot-RateLimit-Daily": "625000", "X-HubSpot-RateLimit-Daily-Remaining": "0"}}
}

// broken answers a call that goes wrong before anything is done.
func (a *Account) broken(r *http.Request) (answer, bool) {
	f := a.fault
	if f == "" || f == Locked && !writes(r) {
		return answer{}, false
	}
	a.fault = ""
	switch f {
	case Throttled:
		return limited("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING"), true
	case Spent:
		return limited("You have reached your daily limit.", "DAILY"), true
	case Failing:
		return refusal(http.StatusInternalServerError, "INTERNAL_ERROR", "internal error"), true
	case Down:
		return refusal(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Service temporarily unavailable"), true
	case Locked:
		return refusal(http.StatusLocked, "LOCKED", "The resource is locked by another operation"), true
	case Migrating:
		said := refusal(477, "MIGRATION_IN_PROGRESS", "This account is being migrated between hosting locations")
		said.header = map[string]string{"Retry-After": "600"}
		return said, true
	case Strange:
		return answer{status: http.StatusOK, html: "<html><body>We will be back.</body></html>"}, true
	}
	return answer{status: hang}, true
}
