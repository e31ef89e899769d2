package api_test

import (
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"chancery/api"
	"chancery/rate"
)

// FuzzNothingThatIsSentIsOurFault sends odd requests with a good key.
func FuzzNothingThatIsSentIsOurFault(f *testing.F) {
	for _, path := range []string{
		"/v1/envelopes/a%00b", "/v1/envelopes/%ff", "/v1/documents/%00", "/v1/webhook-endpoints/%00/replay", "/v1/webhook-endpoints/%00",
		"/v1/webhook-endpoints/%00/enable", "/v1/envelopes/", "/v1/envelopes?limit=0", "/v1/envelopes?limit=9223372036854775808",
		"/v1/envelopes?cursor=" + odd("x\x00y"), "/v1/envelopes?cursor=" + odd(`["envelopes","yesterday","x"]`), "/v1/events?after=" + odd("0\x00"),
		"/v1/events?after=" + odd(`["events","many","x"]`), "/v1/events?after=%00", "/v1/envelopes?status=%00", "/v1/envelopes?limit=1&limit=x",
	} {
		f.Add("GET", path, "")
		f.Add("POST", path, `{"events":["\u0000"]}`)
		f.Add("DELETE", path, "")
	}
	for _, body := range []string{
		"null", "[]", "7", `""`, "{}", `{"title":null}`, `{"title":"\u0000"}`, `{"title":"a","message":"\u0000\ud800"}`,
		`{"title":"a","documents":["\u0000"]}`, `{"title":"a","documents":null,"recipients":null,"fields":null,"quorums":null}`,
		`{"title":"a","recipients":[null]}`, `{"title":"a","fields":[{"recipient":null,"page":1,"kind":"text","x":1,"y":1,"width":9,"height":9}]}`,
		`{"title":"a","fields":[{"recipient":1e99,"page":1,"kind":"text","x":1,"y":1,"width":9,"height":9}]}`,
		`{"title":"a","quorums":[{"step":9223372036854775807,"need":-1}]}`, `{"title":"a","reminders":{"first_after":"1h","at_most":1e30}}`,
		`{"title":"a","reminders":{"first_after":"2562047h","every":"2562047h","at_most":30}}`, `{"title":"a","expires_after":"-1h"}`,
		`{"Title":"a","TITLE":"b"}`, strings.Repeat(`{"fields":[`, 20000),
	} {
		f.Add("POST", "/v1/envelopes", body)
	}
	s := open(f, func(c *api.Config) { c.Production = rate.Limit{Name: "all", Calls: 1 << 20, Per: time.Second} })
	f.Fuzz(func(t *testing.T, method, path, body string) {
		target, err := url.ParseRequestURI(path)
		if err != nil || !strings.HasPrefix(target.Path, "/v1/") {
			t.Skip()
		}
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, target, path
		mine := s.production
		mine.scene = &scene{t: t, handler: s.handler}
		if got := mine.do(r); got.Status >= 500 {
			t.Fatalf("%s %q %q answers %d: %s", method, path, body, got.Status, got.Body)
		}
	})
}

// odd is a cursor that the hub did not give out.
func odd(inside string) string { return base64.RawURLEncoding.EncodeToString([]byte(inside)) }
