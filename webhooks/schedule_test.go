package webhooks

import (
	"net/http"
	"testing"
	"time"
)

func TestTenAttemptsWithinFourDays(t *testing.T) {
	var total time.Duration
	attempt := 1
	for ; ; attempt++ {
		wait, again := After(attempt)
		if !again {
			break
		}
		total += wait
	}
	if attempt != 11 || total < 72*time.Hour || total > 96*time.Hour {
		t.Fatalf("%d attempts over %s", attempt-1, total)
	}
	if _, again := After(0); again {
		t.Fatal("attempts are counted from 1")
	}
	Schedule()[0] = time.Hour
	if wait, _ := After(1); wait != 0 {
		t.Fatal("a reader of the schedule changed it")
	}
}

func TestTheEndpointMayAskForMorePatienceAndNotForLess(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome Outcome
		attempt int
		wait    time.Duration
		again   bool
	}{
		"delivered is the end":         {Outcome{Verdict: Delivered}, 1, 0, false},
		"gone is the end":              {Outcome{Verdict: Gone}, 1, 0, false},
		"the schedule decides":         {Outcome{Verdict: Retry}, 1, 5 * time.Second, true},
		"more patience is granted":     {Outcome{Verdict: Retry, RetryAfter: time.Hour}, 2, time.Hour, true},
		"less patience is not":         {Outcome{Verdict: Retry, RetryAfter: time.Second}, 3, 30 * time.Minute, true},
		"the tenth attempt is the end": {Outcome{Verdict: Retry, RetryAfter: time.Hour}, 10, 0, false},
	} {
		if wait, again := tt.outcome.Next(tt.attempt); wait != tt.wait || again != tt.again {
			t.Errorf("%s: %s, %t", name, wait, again)
		}
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		" 120 ":                          2 * time.Minute,
		"86401":                          24 * time.Hour,
		"99999999999999999999999999":     24 * time.Hour,
		"-5":                             0,
		"1.5":                            0,
		"soon":                           0,
		"Mon, 03 Aug 2026 12:30:00 GMT":  30 * time.Minute,
		"Monday, 03-Aug-26 12:30:00 GMT": 30 * time.Minute,
		"Mon, 03 Aug 2026 11:30:00 GMT":  0,
		"Mon, 03 Aug 9026 11:30:00 GMT":  24 * time.Hour,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", int64(0))
	f.Add(time.Unix(1785758400, 0).UTC().Format(http.TimeFormat), int64(1785758000))
	f.Fuzz(func(t *testing.T, header string, unix int64) {
		if wait := retryAfter(header, time.Unix(unix, 0)); wait < 0 || wait > maxRetryAfter {
			t.Fatalf("%q makes us wait %s", header, wait)
		}
	})
}
