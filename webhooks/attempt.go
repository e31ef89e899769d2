package webhooks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Delivery is one event on its way to one endpoint. Body and EventID stay the same
// at every attempt; At is the time of this one and becomes webhook-timestamp, by
// which receivers refuse what is replayed to them.
type Delivery struct {
	EventID string
	URL     string
	Body    []byte
	Secrets []Secret // all live ones, the newest first
	At      time.Time
}

// Verdict is what an attempt means for the delivery.
type Verdict string

const (
	Delivered Verdict = "delivered" // 2xx
	Retry     Verdict = "retry"     // anything else; the schedule decides when
	Gone      Verdict = "gone"      // 410: the endpoint wants no more events
)

// Outcome is what one attempt came to, fit for the delivery's log as it is.
type Outcome struct {
	Status     int // 0 when there was no answer
	Took       time.Duration
	Verdict    Verdict
	RetryAfter time.Duration // at most 24 h; 0 when the endpoint did not ask
	Excerpt    string        // the beginning of the answer, at most 1 KiB, no control characters
	Error      string        // one sentence for the endpoint's owner; empty when delivered
}

// Attempt makes one attempt and always returns an outcome: whatever goes wrong is
// a fact about the endpoint. The status decides, even if the rest of the answer is
// slow, broken or endless.
func Attempt(ctx context.Context, client *http.Client, delivery Delivery) Outcome {
	started := time.Now()
	request, err := newRequest(ctx, delivery)
	if err != nil {
		return Outcome{Verdict: Retry, Error: "The address of the endpoint is not valid."}
	}
	response, err := client.Do(request)
	if err != nil {
		return Outcome{Took: time.Since(started), Verdict: Retry, Error: explain(ctx, err)}
	}
	defer response.Body.Close()
	outcome := judge(response.StatusCode)
	outcome.Excerpt = excerpt(response.Body)
	outcome.Took = time.Since(started)
	if outcome.Verdict == Retry {
		outcome.RetryAfter = retryAfter(response.Header.Get("Retry-After"), delivery.At.Add(outcome.Took))
	}
	return outcome
}

func newRequest(ctx context.Context, d Delivery) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return nil, fmt.Errorf("address webhook %s: %w", d.EventID, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Chancery-Webhooks/1.0")
	request.Header.Set(HeaderID, d.EventID)
	request.Header.Set(HeaderTimestamp, unixSeconds(d.At))
	request.Header.Set(HeaderSignature, Sign(d.EventID, d.At, d.Body, d.Secrets...))
	return request, nil
}

func judge(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Outcome{Status: status, Verdict: Delivered}
	case status == http.StatusGone:
		return Outcome{Status: status, Verdict: Gone,
			Error: "The endpoint answered 410 Gone and gets no more events."}
	case status >= 300 && status < 400:
		return Outcome{Status: status, Verdict: Retry,
			Error: fmt.Sprintf("The endpoint answered with a redirect (%d), which is never followed.", status)}
	}
	return Outcome{Status: status, Verdict: Retry,
		Error: fmt.Sprintf("The endpoint answered with status %d.", status)}
}

const (
	maxAnswer  = 64 << 10 // read so far that an ordinary connection can be used again
	maxExcerpt = 1 << 10
)

func excerpt(body io.Reader) string {
	start, err := io.ReadAll(io.LimitReader(body, maxExcerpt))
	if err == nil {
		// What comes after is of no interest, and neither is how it ends.
		_, _ = io.CopyN(io.Discard, body, maxAnswer-maxExcerpt)
	}
	return readable(start)
}
