package rest_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// system answers with what it is told, and counts.
func system(t *testing.T, answer http.HandlerFunc) (*rest.Client, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return &rest.Client{HTTP: server.Client(), Base: server.URL}, &calls
}

func get(t *testing.T, c *rest.Client) *connectors.Failure {
	t.Helper()
	var out struct{ Name string }
	_, err := c.JSON(t.Context(), rest.Request{Method: http.MethodGet, Path: "/"}, &out)
	var f *connectors.Failure
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("got %v, which is no failure", err)
	}
	return f
}

func TestAnAnswerTellsWhatCanBeDone(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		kind   string
		body   string
		want   connectors.Trouble
	}{
		"no token":               {401, "application/json", "{}", connectors.Expired},
		"no right":               {403, "application/json", "{}", connectors.Refused},
		"not there":              {404, "application/json", "{}", connectors.Gone},
		"there no more":          {410, "application/json", "{}", connectors.Gone},
		"a conflict":             {409, "application/json", "{}", connectors.Changed},
		"another version":        {412, "application/json", "{}", connectors.Changed},
		"a lock":                 {423, "application/json", "{}", connectors.Busy},
		"too many":               {429, "application/json", "{}", connectors.Throttled},
		"an error inside":        {500, "application/json", "{}", connectors.Busy},
		"a proxy":                {522, "text/html", "<html>", connectors.Busy},
		"somewhere else":         {302, "text/html", "", connectors.Refused},
		"a page in place of it":  {200, "text/html; charset=utf-8", `{"Name": "x"}`, connectors.Busy},
		"a page without a type":  {200, "", "<html>", connectors.Busy},
		"half of it":             {200, "application/json", `{"Name": "x`, connectors.Busy},
		"JSON of another shape":  {200, "application/json", `{"Name": {"first": "x"}}`, connectors.Refused},
		"another shape entirely": {200, "application/json", `["x"]`, connectors.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			c, calls := system(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{tt.kind}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			if f := get(t, c); f == nil || f.Trouble != tt.want || f.Words == "" {
				t.Errorf("got %v, want %s", f, tt.want)
			}
			if n := calls.Load(); n != 1 {
				t.Errorf("it asked %d times", n)
			}
		})
	}
}

func TestItWaitsAsLongAsItIsToldAndNoLongerThanAnHour(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-1": 0, "soon": 0, "3600": time.Hour, "999999": time.Hour, "9223372036854775807": time.Hour,
		"Mon, 02 Jan 2006 15:04:05 GMT": 0, "Fri, 01 Jan 2999 00:00:00 GMT": time.Hour,
	} {
		c, _ := system(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		if f := get(t, c); f == nil || f.Wait != want {
			t.Errorf("told %q it gives %v, want %v", value, f, want)
		}
	}
}

func TestAReplyIsReadUpToItsLimit(t *testing.T) {
	size := rest.MaxReply
	c, _ := system(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Name": "x"}`+strings.Repeat(" ", size-len(`{"Name": "x"}`)))
	})
	if f := get(t, c); f != nil {
		t.Errorf("of 16 MiB: %v", f)
	}
	size++
	if f := get(t, c); f == nil || f.Code != "reply_too_large" || !f.Trouble.Lasting() {
		t.Errorf("of a byte more: %v", f)
	}
}

func TestATokenThatIsNotTakenIsRenewedOnce(t *testing.T) {
	var given atomic.Int32
	c, calls := system(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	c.Tokens = rest.NewTokens(func(context.Context) (*oauth2.Token, error) {
		given.Add(1)
		return &oauth2.Token{AccessToken: "t"}, nil
	})
	if f := get(t, c); f == nil || f.Trouble != connectors.Expired {
		t.Errorf("got %v", f)
	}
	if calls.Load() != 2 || given.Load() != 2 {
		t.Errorf("%d calls with %d tokens", calls.Load(), given.Load())
	}
}

func TestOfManyWhoNeedATokenOneAsks(t *testing.T) {
	var given atomic.Int32
	tokens := rest.NewTokens(func(context.Context) (*oauth2.Token, error) {
		time.Sleep(20 * time.Millisecond)
		given.Add(1)
		return &oauth2.Token{AccessToken: "t"}, nil
	})
	old, err := tokens.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			tokens.Spent(old) // each of them was refused with the old one
			if _, err := tokens.Get(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if given.Load() != 2 {
		t.Errorf("%d tokens were given out", given.Load())
	}
}

func TestWhoWaitsForATokenMayGiveUp(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	tokens := rest.NewTokens(func(context.Context) (*oauth2.Token, error) {
		close(asked)
		<-answer
		return &oauth2.Token{AccessToken: "t"}, nil
	})
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := tokens.Get(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := tokens.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(answer)
	first.Wait()
}

func TestSigningInFailsInItsOwnWay(t *testing.T) {
	for status, want := range map[int]connectors.Trouble{400: connectors.Expired, 401: connectors.Expired, 403: connectors.Expired,
		429: connectors.Throttled, 500: connectors.Busy, 503: connectors.Busy} {
		c, _ := system(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(status)
		})
		app := oauth2.Config{Endpoint: oauth2.Endpoint{TokenURL: c.Base, AuthStyle: oauth2.AuthStyleInParams}}
		c.Tokens = rest.NewTokens(func(ctx context.Context) (*oauth2.Token, error) {
			return app.TokenSource(ctx, &oauth2.Token{RefreshToken: "r"}).Token()
		})
		if f := get(t, c); f == nil || f.Trouble != want || want == connectors.Throttled && f.Wait != 9*time.Second {
			t.Errorf("%d: got %v, want %s", status, f, want)
		}
	}
}

func TestAnIDStaysInItsPlace(t *testing.T) {
	for id, want := range map[string]string{"7": "7", "a/b": "a%2Fb", "a?b#c": "a%3Fb%23c", "..a": "..a", "ä b": "%C3%A4%20b", "%2e%2e": "%252e%252e",
		"": "", "/": "", ".": "", "..": "", "../x": "", "x/..": "", `..\x`: ""} {
		got, err := rest.Segment(id)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q becomes %q: %v", id, got, err)
		}
	}
}

func TestAFormHoldsTheFileAndTheTexts(t *testing.T) {
	file := connectors.File{Key: "k", Name: "Vertrag \"Ä\"\r\nX: y.pdf", MediaType: "application/pdf",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF")), nil }}
	form, kind, err := rest.Form(file, "document", map[string]string{"b": "2", "a": "1"})
	if err != nil {
		t.Fatal(err)
	}
	_, with, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(strings.NewReader(string(form)), with["boundary"])
	var seen []string
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(part)
		seen = append(seen, part.FormName()+"="+string(content)+" "+part.Header.Get("Content-Type"))
		if len(part.Header) > 2 {
			t.Errorf("the name has become a header: %v", part.Header)
		}
	}
	if got := strings.Join(seen, ","); got != "a=1 ,b=2 ,document=%PDF application/pdf" {
		t.Errorf("the form holds %s", got)
	}
	file.Open = func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }
	if _, _, err := rest.Form(file, "document", nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that cannot be opened: %v", err)
	}
}
