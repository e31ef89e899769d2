package described_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// crm is a system with a JSON API, as somebody may have in the house: deals with an
// ETag each, parts by the page, files by a form.
type crm struct {
	URL string

	mu       sync.Mutex
	deals    map[string]map[string]any
	versions int
	parts    []string
	files    map[string]string // by their Idempotency-Key
	tokens   map[string]bool
	revoked  bool
	fault    http.HandlerFunc // of the next call
	locked   bool
	lost     bool
	away     bool
	calls    int
	logins   int
	paths    []string // as they came, escapes included
}

const secret = "s3cr3t-of-the-house"

func system(t *testing.T) *crm {
	t.Helper()
	c := &crm{versions: 1, files: map[string]string{}, tokens: map[string]bool{}, deals: map[string]map[string]any{"7": {
		"name": "Pumps for Köln", "amount": json.Number("48250.10"), "signed_by": nil, "won": false, "contact": map[string]any{"email": "ann@example.com"},
		"lines": []any{map[string]any{"name": "Pump"}, map[string]any{"name": "Software"}}}}}
	for i := range 25 {
		c.parts = append(c.parts, fmt.Sprintf("P-%d", i))
	}
	server := httptest.NewServer(c)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	c.URL = server.URL
	return c
}

func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	if c.away {
		c.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	if r.URL.Path == "/token" {
		defer c.mu.Unlock()
		c.token(w, r)
		return
	}
	c.paths = append(c.paths, r.RequestURI)
	if !c.allowed(r) {
		defer c.mu.Unlock()
		say(w, http.StatusUnauthorized, map[string]any{"title": "Who are you?"})
		return
	}
	c.calls++
	if fault := c.fault; fault != nil {
		c.fault = nil
		c.mu.Unlock()
		fault(w, r)
		return
	}
	defer c.mu.Unlock()
	writes := r.Method != http.MethodGet
	if writes && c.locked {
		c.locked = false
		say(w, http.StatusLocked, map[string]any{"error": map[string]any{"message": "somebody edits it"}})
		return
	}
	answer := httptest.NewRecorder()
	c.route(answer, r)
	if writes && c.lost {
		c.lost = false
		w.Header().Set("Content-Length", "9999")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush() // before that, Go's client would ask again by itself
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (c *crm) token(w http.ResponseWriter, r *http.Request) {
	user, password, basic := r.BasicAuth()
	if !basic {
		user, password = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if c.revoked || user != "hub" || password != secret || r.PostFormValue("scope") != "deals parts" {
		say(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	c.logins++
	token := fmt.Sprintf("given-%03d", c.logins)
	c.tokens[token] = true
	say(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
}

// allowed knows a person by every way that there is.
func (c *crm) allowed(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return !c.revoked && (c.tokens[token] || token == secret || r.Header.Get("X-Api-Key") == secret || user == "hub" && password == secret)
}

func (c *crm) route(w http.ResponseWriter, r *http.Request) {
	at := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	if at[0] == "parts" {
		c.list(w, r)
		return
	}
	deal, there := c.deals[strings.Join(at[1:min(2, len(at))], "")]
	switch {
	case !there || at[0] != "deals":
		say(w, http.StatusNotFound, map[string]any{"detail": "There is no such deal."})
	case r.Method == http.MethodPatch:
		c.change(w, r, deal)
	case len(at) == 3 && r.Method == http.MethodPost:
		c.file(w, r)
	default:
		c.show(w, deal)
	}
}

func (c *crm) show(w http.ResponseWriter, deal map[string]any) {
	w.Header().Set("ETag", c.etag())
	say(w, http.StatusOK, map[string]any{"data": deal, "version": c.versions})
}

func (c *crm) etag() string { return strconv.Quote(fmt.Sprint(c.versions)) }

func (c *crm) change(w http.ResponseWriter, r *http.Request, deal map[string]any) {
	if match := r.Header.Get("If-Match"); match != "" && match != c.etag() {
		say(w, http.StatusPreconditionFailed, map[string]any{"title": "Somebody was faster."})
		return
	}
	var asked struct{ Data map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		say(w, http.StatusBadRequest, nil)
		return
	}
	if _, there := asked.Data["won"]; there {
		say(w, http.StatusUnprocessableEntity, map[string]any{"code": "read_only", "message": "won cannot be set"})
		return
	}
	for name, value := range asked.Data {
		deal[name] = value
	}
	c.versions++
	say(w, http.StatusOK, map[string]any{})
}

func (c *crm) list(w http.ResponseWriter, r *http.Request) {
	const page = 10
	since, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	if err != nil || since.After(time.Now()) {
		say(w, http.StatusOK, map[string]any{"items": []any{}})
		return
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	items := []any{}
	for _, part := range c.parts[from:min(from+page, len(c.parts))] {
		items = append(items, map[string]any{"id": part})
	}
	said := map[string]any{"items": items}
	if from+page < len(c.parts) {
		said["next"] = from + page
	}
	say(w, http.StatusOK, said)
}

func (c *crm) file(w http.ResponseWriter, r *http.Request) {
	given, header, err := r.FormFile("document")
	if err != nil {
		say(w, http.StatusBadRequest, nil)
		return
	}
	defer given.Close()
	data, _ := io.ReadAll(given)
	c.files[r.Header.Get("Idempotency-Key")] = header.Filename + ": " + string(data)
	say(w, http.StatusCreated, map[string]any{})
}

func (c *crm) do(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *crm) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.paths)
}
