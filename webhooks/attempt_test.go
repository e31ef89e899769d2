package webhooks_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	judge "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"chancery/webhooks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver starts an https endpoint and returns its address with a client that
// trusts it and may reach this machine.
func receiver(t *testing.T, answer http.HandlerFunc) (string, *http.Client) {
	t.Helper()
	server := httptest.NewTLSServer(answer)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true, Roots: roots})
	t.Cleanup(client.CloseIdleConnections)
	return server.URL, client
}

func deliver(t *testing.T, client *http.Client, url string) webhooks.Outcome {
	t.Helper()
	return webhooks.Attempt(t.Context(), client, webhooks.Delivery{
		EventID: "evt_1", URL: url, Body: []byte(`{"type":"envelope.sent"}`),
		Secrets: []webhooks.Secret{newSecret(t)}, At: time.Now(),
	})
}

func TestTheReceiverCanVerifyWhatArrives(t *testing.T) {
	old, young := newSecret(t), newSecret(t)
	body, err := webhooks.Payload("envelope.completed", time.Now(), map[string]string{"id": "env_1"})
	if err != nil {
		t.Fatal(err)
	}
	url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		for _, secret := range []webhooks.Secret{old, young} {
			verifier, _ := judge.NewWebhook(secret.Reveal())
			if err := verifier.Verify(got, r.Header); err != nil {
				t.Errorf("verify: %v", err)
			}
		}
		if string(got) != string(body) || r.Header.Get("Content-Type") != "application/json" || r.Method != "POST" {
			t.Errorf("%s %s %s", r.Method, r.Header, got)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	outcome := webhooks.Attempt(t.Context(), client, webhooks.Delivery{
		EventID: "evt_1", URL: url, Body: body, Secrets: []webhooks.Secret{young, old}, At: time.Now()})
	if outcome.Verdict != webhooks.Delivered || outcome.Status != 204 || outcome.Error != "" || outcome.Took <= 0 {
		t.Fatalf("%+v", outcome)
	}
}

func TestTheStatusDecides(t *testing.T) {
	for status, want := range map[int]webhooks.Verdict{
		200: webhooks.Delivered, 202: webhooks.Delivered, 299: webhooks.Delivered,
		304: webhooks.Retry, 400: webhooks.Retry, 404: webhooks.Retry, 429: webhooks.Retry, 500: webhooks.Retry,
		410: webhooks.Gone,
	} {
		url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		got := deliver(t, client, url)
		if got.Verdict != want || got.Status != status || (got.Error == "") != (want == webhooks.Delivered) {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

func TestARedirectIsAFailureAndNobodyFollowsIt(t *testing.T) {
	var visits int
	url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		visits++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	got := deliver(t, client, url)
	if got.Verdict != webhooks.Retry || got.Status != 307 || visits != 1 {
		t.Fatalf("%d visits, %+v", visits, got)
	}
}

func TestRetryAfterIsObeyedUpToADay(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "1000000": 24 * time.Hour, "nonsense": 0,
	} {
		url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		if got := deliver(t, client, url); got.RetryAfter != want {
			t.Errorf("%q: %+v", header, got)
		}
	}
	url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if got := deliver(t, client, url); got.RetryAfter < 59*time.Minute || got.RetryAfter > time.Hour {
		t.Errorf("a date an hour away: %+v", got)
	}
}

func TestAnEndlessAnswerIsCutShort(t *testing.T) {
	var sent int
	finished := make(chan struct{})
	url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(finished)
		for chunk := strings.Repeat("x", 32<<10); sent < 64<<20; sent += len(chunk) {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	got := deliver(t, client, url)
	<-finished
	if got.Verdict != webhooks.Delivered || len(got.Excerpt) != 1024 || sent >= 64<<20 {
		t.Fatalf("%d bytes were taken: %+v", sent, got)
	}
}

func TestAnAnswerThatDripsHoldsNobodyLongerThanTheTimeout(t *testing.T) {
	url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			fmt.Fprint(w, ".")
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	client.Timeout = 300 * time.Millisecond
	got := deliver(t, client, url)
	if got.Verdict != webhooks.Delivered || got.Took > 2*time.Second || got.Excerpt == "" {
		t.Fatalf("%+v", got)
	}
}

func TestAnEndpointThatNeverAnswersIsTriedAgain(t *testing.T) {
	url, client := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees that we are gone once the body is read
		<-r.Context().Done()
	})
	if client.Timeout != 15*time.Second {
		t.Fatalf("the timeout is %s", client.Timeout)
	}
	client.Timeout = 100 * time.Millisecond
	got := deliver(t, client, url)
	if got.Verdict != webhooks.Retry || got.Status != 0 || got.Error != "The endpoint did not answer in time." {
		t.Fatalf("%+v", got)
	}
}

func TestTheExcerptIsReadable(t *testing.T) {
	url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "a\x00\x1b[31mred\r\nnext\u202Egnp \xff\xfe"+strings.Repeat("ü", 1024))
	})
	got := deliver(t, client, url).Excerpt
	if !strings.HasPrefix(got, "a[31mred nextgnp \uFFFDü") || len(got) > 1024 || !utf8.ValidString(got) {
		t.Fatalf("%q", got)
	}
}

func TestErrorsTellNothingOfOurInside(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	strict := webhooks.NewClient(webhooks.Policy{AllowLoopback: true})
	url, _ := receiver(t, func(http.ResponseWriter, *http.Request) {})
	for name, tt := range map[string]struct {
		ctx  context.Context
		url  string
		want string
	}{
		"an unknown certificate": {t.Context(), url, "certificate could not be verified"},
		"a closed port":          {t.Context(), "https://127.0.0.1:1/", "could not be made"},
		"an unknown name":        {t.Context(), "https://nobody.invalid/", "host name could not be resolved"},
		"a nonsense address":     {t.Context(), "https://exa mple/", "not valid"},
		"an interrupted attempt": {canceled, url, "interrupted on our side"},
		"a server without TLS":   {t.Context(), plainServer(t), "No TLS connection"},
	} {
		got := webhooks.Attempt(tt.ctx, strict, webhooks.Delivery{EventID: "evt_1", URL: tt.url, At: time.Now()})
		if got.Verdict != webhooks.Retry || !strings.Contains(got.Error, tt.want) || strings.Contains(got.Error, "127.0.0.1") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func plainServer(t *testing.T) string {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http://", "https://", 1)
}
