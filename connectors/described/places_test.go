package described_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"code.dny.dev/ssrf"

	"chancery/connectors"
	"chancery/connectors/described"
	"chancery/webhooks"
)

func TestAHostileIDStaysInItsPlace(t *testing.T) {
	c := system(t)
	r := connected(t, c, nil)
	for _, id := range []string{"", ".", "..", "../parts", "7/../../admin", `..\admin`, "/"} {
		for _, err := range []error{
			func() error { _, err := r.Read(t.Context(), connectors.Ref{Type: "Deal", ID: id}, nil); return err }(),
			func() error {
				_, err := r.(connectors.Writer).Write(t.Context(), connectors.Ref{Type: "Deal", ID: id}, map[string]any{"name": "x"}, "")
				return err
			}(),
			func() error {
				_, err := r.(connectors.Filer).File(t.Context(), connectors.Ref{Type: "Deal", ID: id}, connectors.File{Key: "k", Open: func() (io.ReadCloser, error) { return http.NoBody, nil }})
				return err
			}(),
		} {
			failure(t, err, connectors.Refused)
		}
	}
	if asked := c.asked(); len(asked) > 0 {
		t.Errorf("it asked for %v", asked)
	}
	for id, want := range map[string]string{"a/b": "/api/deals/a%2Fb", "7?admin=1": "/api/deals/7%3Fadmin=1", "7#x": "/api/deals/7%23x", "%2e%2e": "/api/deals/%252e%252e",
		"7\r\nX: y": "/api/deals/7%0D%0AX:%20y", "{cursor}": "/api/deals/%7Bcursor%7D", "//evil.example": "/api/deals/%2F%2Fevil.example"} {
		_, err := r.Read(t.Context(), connectors.Ref{Type: "Deal", ID: id}, nil)
		failure(t, err, connectors.Gone)
		if asked := c.asked(); asked[len(asked)-1] != want {
			t.Errorf("%q becomes %s, want %s", id, asked[len(asked)-1], want)
		}
	}
	_, _, err := r.(connectors.Finder).Find(t.Context(), "Part", time.Unix(0, 0), "1&admin=1#x")
	asked := c.asked()
	if last := asked[len(asked)-1]; err != nil || !strings.HasSuffix(last, "&from=1%26admin%3D1%23x") {
		t.Errorf("a hostile cursor becomes %s: %v", last, err)
	}
}

// Where requests may go is up to the client that is handed in.
func TestTheHouseIsNotReachedFromOutside(t *testing.T) {
	inside := system(t)
	guarded := webhooks.NewClient(webhooks.Policy{AllowHTTP: true})
	t.Cleanup(guarded.CloseIdleConnections)
	for _, address := range []string{inside.URL, "http://10.0.0.1", "http://169.254.169.254", "http://[::1]"} {
		r, err := described.System().Open(connectors.Connection{Settings: map[string]string{"address": address, "records": records, "auth": "none"}}, guarded)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Read(t.Context(), deal, nil)
		if !errors.Is(err, ssrf.ErrProhibitedIP) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	// A host that may be reached sends on to one that may not, and nobody follows.
	outside := httptest.NewServer(http.RedirectHandler(inside.URL+"/api/deals/7", http.StatusTemporaryRedirect))
	t.Cleanup(outside.Close)
	_, err := connected(t, &crm{URL: outside.URL}, nil).Read(t.Context(), deal, nil)
	failure(t, err, connectors.Refused)
	r := connected(t, &crm{URL: outside.URL}, map[string]string{"auth": "client_credentials", "user": "hub", "token_url": outside.URL})
	if _, err := r.Read(t.Context(), deal, nil); err == nil {
		t.Error("a token was given out")
	}
	if asked := inside.asked(); len(asked) > 0 || inside.logins > 0 {
		t.Errorf("somebody asked for %v and signed in %d times", asked, inside.logins)
	}
}
