// Package hubspottest is an account of HubSpot on this machine: CRM objects with
// properties and associations, search, files, private app tokens and OAuth, and what
// can go wrong with them.
//
// It keeps to the shapes of the real thing as far as the connector uses it: statuses,
// error bodies, headers, values as texts, properties that are silently left out. The
// client that HubSpot publishes works with it unchanged, and a test of the package
// above compares what it sees with what ours sees.
package hubspottest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Account is a running account.
type Account struct {
	URL          string
	Token        string // of the private app
	ClientID     string
	ClientSecret string
	Refresh      string // refresh token of the OAuth app
	Inline       int    // associations that come along with an object
	Sparse       bool   // properties that are empty are left out; else they are null

	server *httptest.Server

	mu     sync.Mutex
	types  map[string]*objectType
	links  map[string][]string // record and the type on the other side, to ids there
	files  []file
	access map[string]bool
	last   time.Time // of the last change: no two happen at once
	ids    int
	usage  Usage
	fault  Fault
	lose   string
	away   bool
}

// Usage is how many calls there were.
type Usage struct {
	API    int
	Tokens int // that were given out
}

// Portal is the id of every account here.
const Portal = 62515

// Start starts an account with a few records: see seed.go. Close ends it.
func Start() *Account {
	a := &Account{Token: "pat-eu1-2b5c8a1e", ClientID: "9b1c6a54", ClientSecret: "yyyyyyyy-yyyy", Refresh: "eu1-7f3a-refresh", Inline: 100,
		types: newTypes(), links: map[string][]string{}, access: map[string]bool{}, ids: 1000}
	a.seed()
	a.server = httptest.NewServer(http.HandlerFunc(a.serve))
	a.URL = a.server.URL
	return a
}

// Close ends the account.
func (a *Account) Close() {
	a.server.CloseClientConnections()
	a.server.Close()
}

// Usage tells how many calls there were.
func (a *Account) Usage() Usage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.usage
}

// answer is what is said.
type answer struct {
	status int
	body   any // nil is none
	header map[string]string
	html   string // in place of body
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

// refusal is HubSpot's shape of an error.
func refusal(status int, category, message string, errors ...any) answer {
	body := map[string]any{"status": "error", "message": message, "correlationId": "2b5c8a1e-8d11-4f0c-9f5c-0d6a5b1f7e11", "category": category}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	return answer{status: status, body: body}
}

var (
	notFound = refusal(http.StatusNotFound, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
	badJSON  = refusal(http.StatusBadRequest, "VALIDATION_ERROR", "Invalid input JSON")
)

func (a *Account) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	if a.away {
		a.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	if r.URL.Path == "/oauth/v1/token" {
		said := a.token(r)
		a.mu.Unlock()
		said.write(w, false)
		return
	}
	said, allowed := a.allowed(r)
	lost := false
	if allowed {
		a.usage.API++
		var broken bool
		if said, broken = a.broken(r); !broken {
			said = a.route(r)
			lost = a.lost(r)
		}
	}
	a.mu.Unlock()
	if said.status == hang {
		<-r.Context().Done()
		return
	}
	said.write(w, lost)
}

// write sends the answer; of one that is lost, only the beginning.
func (s answer) write(w http.ResponseWriter, lost bool) {
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	content := []byte(s.html)
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	if s.html == "" {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		content = nil
		if s.body != nil {
			content, _ = json.Marshal(s.body) // maps of our own
		}
	}
	if lost {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)+1))
	}
	w.WriteHeader(s.status)
	_, _ = w.Write(content) // whoever has hung up does not hear it
	if lost {
		panic(http.ErrAbortHandler)
	}
}

// route finds what is asked for.
func (a *Account) route(r *http.Request) answer {
	at := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	is := func(method string, pattern string) bool {
		want := strings.Split(pattern, "/")
		if r.Method != method || len(want) != len(at) {
			return false
		}
		for i := range want {
			if want[i] != "*" && want[i] != at[i] {
				return false
			}
		}
		return true
	}
	switch {
	case is("GET", "account-info/v3/details"):
		return ok(map[string]any{"portalId": Portal, "accountType": "STANDARD", "timeZone": "Europe/Berlin", "companyCurrency": "EUR", "dataHostingLocation": "eu1"})
	case is("GET", "crm/v3/schemas"):
		return ok(map[string]any{"results": []any{map[string]any{"id": "77001", "objectTypeId": ownType, "name": "agreements", "fullyQualifiedName": ownFullName}}})
	case is("GET", "crm/v3/properties/*"):
		return a.properties(at[3])
	case is("GET", "crm/v3/objects/*/*"):
		return a.read(at[3], at[4], r.URL.Query())
	case is("PATCH", "crm/v3/objects/*/*"):
		return a.change(at[3], at[4], r)
	case is("POST", "crm/v3/objects/*"):
		return a.create(at[3], r)
	case is("POST", "crm/v3/objects/*/batch/read"):
		return a.readMany(at[3], r)
	case is("POST", "crm/v3/objects/*/search"):
		return a.search(at[3], r)
	case is("GET", "crm/v4/objects/*/*/associations/*"):
		return a.associations(at[3], at[4], at[6], r.URL.Query())
	case is("GET", "crm/v4/associations/*/*/labels"):
		return a.labels(at[3], at[4])
	case is("POST", "files/v3/files"):
		return a.upload(r)
	}
	return refusal(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")
}

// now is a time after every other.
func (a *Account) now() time.Time {
	t := time.Now().UTC().Truncate(time.Millisecond)
	if !t.After(a.last) {
		t = a.last.Add(time.Millisecond)
	}
	a.last = t
	return t
}
