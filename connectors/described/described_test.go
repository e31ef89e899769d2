package described_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectorstest"
	"chancery/connectors/described"
	"chancery/problem"
	"chancery/webhooks"
)

const sample = `
  sample: {name: Mill, amount: 12.5, signed_by: Ann, won: false, contact: {email: ann@example.com}, lines: [{name: Pump}]}
Part:
  read: {path: "/parts/{id}"}
  find: {path: "/parts?since={since}&from={cursor}", list: "reply.items.map(i, i.id)", next: "reply.?next.orValue('')"}
`

// records as most tests describe them: their version is the ETag.
const records = `
Deal:
  read: {path: "/deals/{id}", fields: reply.data}
  write: {path: "/deals/{id}", body: '{"data": fields}', match: true, not: [won]}
  file: {path: "/deals/{id}/files", part: document}` + sample

func connect(t *testing.T, c *crm, settings map[string]string) (connectors.Reader, error) {
	t.Helper()
	client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true})
	t.Cleanup(client.CloseIdleConnections)
	all := map[string]string{"address": c.URL + "/api", "records": records, "auth": "bearer", "token": secret}
	maps.Copy(all, settings)
	if err := described.System().Check(all); err != nil {
		return nil, err
	}
	return described.System().Open(connectors.Connection{Settings: all}, client)
}

func connected(t *testing.T, c *crm, settings map[string]string) connectors.Reader {
	t.Helper()
	r, err := connect(t, c, settings)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var deal = connectors.Ref{Type: "Deal", ID: "7"}

func TestItDoesWhatEachConnectorMust(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"by a bearer token":     {},
		"by a header":           {"auth": "header", "header": "x-api-key"},
		"by a password":         {"auth": "basic", "user": "hub"},
		"comparing versions":    {"records": strings.Replace(records, ", match: true", "", 1)},
		"by client credentials": {"auth": "client_credentials", "user": "hub", "scope": "deals parts"},
	} {
		t.Run(name, func(t *testing.T) {
			connectorstest.Run(t, func(t *testing.T) connectorstest.Subject {
				c := system(t)
				with := maps.Clone(settings)
				if with["auth"] == "client_credentials" {
					with["token_url"] = c.URL + "/token"
				}
				return subject(t, c, connected(t, c, with))
			})
		})
	}
}

func subject(_ *testing.T, c *crm, connector connectors.Reader) connectorstest.Subject {
	return connectorstest.Subject{
		Connector: connector,
		Talents:   []connectorstest.Talent{connectorstest.Finds, connectorstest.Writes, connectorstest.Files, connectorstest.Describes},
		Record:    deal,
		Reads:     map[string]string{"name": "Pumps for Köln", "amount": "48250.10", "contact.email": "ann@example.com", "lines.name": "Pump"},
		List:      "lines", Text: "signed_by", ReadOnly: "won",
		Gone: connectors.Ref{Type: "Deal", ID: "8"}, Many: "Part", ManyOf: 25,
		Secrets: []string{secret, "given-0"},
		Break:   func(b connectorstest.Break) { c.breaks(b) },
		Touch: func(field, value string) {
			c.do(func() { c.deals["7"][field] = value; c.versions++ })
		},
		Value: func(field string) (held string) {
			c.do(func() { held = fmt.Sprint(c.deals["7"][field]) })
			return held
		},
		Files:  func() (n int) { c.do(func() { n = len(c.files) }); return n },
		Calls:  func() (n int) { c.do(func() { n = c.calls }); return n },
		Logins: func() (n int) { c.do(func() { n = c.logins }); return n },
	}
}

func (c *crm) breaks(b connectorstest.Break) {
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
		}
	}
	c.do(func() {
		c.away = b == connectorstest.Away
		switch b {
		case connectorstest.TokenEnds:
			clear(c.tokens)
		case connectorstest.Revoked:
			c.revoked = true
		case connectorstest.Throttled:
			c.fault = status(http.StatusTooManyRequests)
		case connectorstest.Failing:
			c.fault = status(http.StatusInternalServerError)
		case connectorstest.Down:
			c.fault = status(http.StatusServiceUnavailable)
		case connectorstest.Strange:
			c.fault = func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "<html><body>Down.</body></html>")
			}
		case connectorstest.Hanging:
			c.fault = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		case connectorstest.Locked:
			c.locked = true
		case connectorstest.Lost:
			c.lost = true
		}
	})
}

func failure(t *testing.T, err error, want connectors.Trouble) *connectors.Failure {
	t.Helper()
	var f *connectors.Failure
	if !errors.As(err, &f) || f.Trouble != want {
		t.Fatalf("got %v, want a failure of kind %s", err, want)
	}
	return f
}

func TestAReplyOfAnotherShapeNeedsAPerson(t *testing.T) {
	c := system(t)
	r := connected(t, c, nil)
	for _, reply := range []string{`{}`, `{"data": null}`, `{"data": [1]}`, `[]`, `null`, `""`, `7`} {
		c.do(func() {
			c.fault = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, reply) }
		})
		_, err := r.Read(t.Context(), deal, nil)
		failure(t, err, connectors.Refused)
	}
	for _, reply := range []string{`{}`, `{"items": 7}`, `{"items": [{"id": 1.5}]}`, `{"items": [{"id": 9007199254740993}]}`, `{"items": [{"id": {}}]}`, `{"items": [{}]}`} {
		c.do(func() {
			c.fault = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, reply) }
		})
		_, _, err := r.(connectors.Finder).Find(t.Context(), "Part", time.Unix(0, 0), "")
		failure(t, err, connectors.Refused)
	}
	c.do(func() {
		c.fault = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"data": {"na`) }
	})
	_, err := r.Read(t.Context(), deal, nil)
	failure(t, err, connectors.Busy) // half of a reply comes whole another time
}

func TestACursorThatDoesNotMoveEndsTheList(t *testing.T) {
	c := system(t)
	c.do(func() {
		c.fault = func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"items": [{"id": 12}], "next": "a"}`)
		}
	})
	found, next, err := connected(t, c, nil).(connectors.Finder).Find(t.Context(), "Part", time.Unix(0, 0), "a")
	if err != nil || next != "" || len(found) != 1 || found[0].ID != "12" {
		t.Errorf("%v, next %q: %v", found, next, err)
	}
}

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	c := system(t)
	for _, description := range []string{"fields: reply.data", "fields: ''"} {
		r := connected(t, c, map[string]string{"records": `Deal: {read: {path: "/deals/{id}", ` + description + `, version: string(reply.version)}}`})
		record, err := r.Read(t.Context(), deal, nil)
		if err != nil || record.Version != "1" {
			t.Fatalf("version %q: %v", record.Version, err)
		}
		if inside, whole := record.Fields["data"].(map[string]any); whole {
			record.Fields = inside
		}
		if amount, is := record.Fields["amount"].(json.Number); !is || amount != "48250.10" {
			t.Errorf("%s: the amount is %T %v", description, record.Fields["amount"], record.Fields["amount"])
		}
	}
}

func TestADescriptionThatCannotWorkIsRefused(t *testing.T) {
	c := system(t)
	for name, text := range map[string]string{
		"no YAML":                   "Deal: {",
		"nothing":                   "{}",
		"a type that says nothing":  "Deal:",
		"a path of one without it":  `Deal: {read: {path: "/deals"}}`,
		"an unknown word":           `Deal: {read: {path: "/x"}, delete: {path: "/x"}}`,
		"no path":                   `Deal: {read: {fields: reply}}`,
		"a path to another host":    `Deal: {read: {path: "//evil.example/{id}"}}`,
		"a path without its slash":  `Deal: {read: {path: "@evil.example/{id}"}}`,
		"a path that leads out":     `Deal: {read: {path: "/../admin/{id}"}}`,
		"a path with a fragment":    `Deal: {read: {path: "/x#{id}"}}`,
		"a path with a line break":  `Deal: {read: {path: "/x\r\nX: y"}}`,
		"a path of unknown things":  `Deal: {read: {path: "/x/{name}"}}`,
		"a find without its list":   `Deal: {read: {path: "/x"}, find: {path: "/{id}"}}`,
		"an expression that is bad": `Deal: {read: {path: "/x", fields: "reply."}}`,
		"an expression of others":   `Deal: {read: {path: "/x", fields: "other.x"}}`,
	} {
		if _, err := connect(t, c, map[string]string{"records": text}); !problem.Has(err, "setting_invalid") && !problem.Has(err, "setting_missing") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, settings := range map[string]map[string]string{
		"an address with a password": {"address": "https://a:b@crm.example.com"},
		"an address with a query":    {"address": "https://crm.example.com?x=1"},
		"a file":                     {"address": "file:///etc/passwd"},
		"a header that is none":      {"auth": "header", "header": "X: y\r\nZ"},
		"an unknown way":             {"auth": "kerberos"},
	} {
		if _, err := connect(t, c, settings); problem.Of(err).Code == "internal" || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAWayOfSigningInIsNotTakenWithoutWhatItNeeds(t *testing.T) {
	c := system(t)
	for _, tt := range []struct {
		settings map[string]string
		missing  string
	}{
		{map[string]string{"auth": "bearer", "token": ""}, "token"},
		{map[string]string{"auth": "bearer", "token": " "}, "token"},
		{map[string]string{"auth": "basic", "user": "", "token": "t"}, "user"},
		{map[string]string{"auth": "header", "header": "", "token": "t"}, "header"},
		{map[string]string{"auth": "header", "header": "X-Api-Key", "token": ""}, "token"},
		{map[string]string{"auth": "client_credentials", "user": "", "token": "t", "token_url": c.URL}, "user"},
		{map[string]string{"auth": "client_credentials", "user": "u", "token": "", "token_url": c.URL}, "token"},
		{map[string]string{"auth": "client_credentials", "user": "u", "token": "t", "token_url": ""}, "token_url"},
		{map[string]string{"auth": "none", "token": ""}, ""},
		{map[string]string{"auth": "basic", "user": "key", "token": ""}, ""},
	} {
		_, err := connect(t, c, tt.settings)
		if tt.missing == "" && err != nil || tt.missing != "" && (!problem.Has(err, "setting_missing") || problem.Of(err).Field != "settings."+tt.missing) {
			t.Errorf("%v: got %v", tt.settings, err)
		}
	}
}

func TestWhatIsNotDescribedCannotBeDone(t *testing.T) {
	c := system(t)
	r := connected(t, c, map[string]string{"records": `Deal: {read: {path: "/deals/{id}"}}`})
	_, err := r.(connectors.Writer).Write(t.Context(), deal, nil, "")
	failure(t, err, connectors.Refused)
	_, err = r.(connectors.Filer).File(t.Context(), deal, connectors.File{})
	failure(t, err, connectors.Refused)
	_, err = r.Read(t.Context(), connectors.Ref{Type: "Nobody", ID: "7"}, nil)
	failure(t, err, connectors.Refused)
	if found, next, err := r.(connectors.Finder).Find(t.Context(), "Deal", time.Now(), ""); found != nil || next != "" || err != nil {
		t.Errorf("found %v, %q, %v", found, next, err)
	}
	if len(c.asked()) > 0 {
		t.Errorf("it asked for %v", c.asked())
	}
}
