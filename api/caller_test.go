package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// caller speaks for a team, and holds every reply to the contract.
type caller struct {
	scene    *scene
	contract *huma.OpenAPI
	key      string
}

type reply struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// object is JSON as a test writes it.
type object = map[string]any

// header is given to a request beside its key.
type header struct{ name, value string }

func (c caller) get(path string) reply { c.scene.t.Helper(); return c.call("GET", path, nil) }

func (c caller) post(path string, body any, headers ...header) reply {
	c.scene.t.Helper()
	return c.call("POST", path, body, headers...)
}

func (c caller) call(method, path string, body any, headers ...header) reply {
	c.scene.t.Helper()
	var sent io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		must(c.scene.t, err)
		sent = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, sent)
	r.Header.Set("Content-Type", "application/json")
	return c.do(r, headers...)
}

func (c caller) do(r *http.Request, headers ...header) reply {
	c.scene.t.Helper()
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	for _, h := range headers {
		r.Header.Set(h.name, h.value)
	}
	w := httptest.NewRecorder()
	c.scene.handler.ServeHTTP(w, r)
	got := reply{c.scene.t, w.Code, w.Header(), w.Body.Bytes()}
	c.hold(r, got)
	return got
}

func (c caller) upload(name string, file []byte, headers ...header) reply {
	c.scene.t.Helper()
	return c.send("/v1/documents", name, file, headers...)
}

// send posts a form with a file.
func (c caller) send(path, name string, file []byte, headers ...header) reply {
	c.scene.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	must(c.scene.t, err)
	_, _ = part.Write(file)
	must(c.scene.t, form.Close())
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(r, headers...)
}

// document uploads one page and returns its id.
func (c caller) document() string {
	c.scene.t.Helper()
	return c.upload("agreement.pdf", onePage("")).want(201).text("id")
}

// draft is a request for an envelope of one signer with one field.
func (c caller) draft() object {
	c.scene.t.Helper()
	return object{
		"title": "Rental agreement", "documents": []any{c.document()},
		"recipients": []any{object{"ref": "tenant", "name": "Ada Lovelace", "email": "ada@example.com"}},
		"fields":     []any{object{"recipient": "tenant", "page": 1, "kind": "signature", "x": 72, "y": 640, "width": 180, "height": 48}},
	}
}

// created makes that envelope and returns its id and its recipient's.
func (c caller) created(with ...object) (id, recipient string) {
	c.scene.t.Helper()
	wanted := c.draft()
	for _, more := range with {
		for name, value := range more {
			wanted[name] = value
		}
	}
	got := c.post("/v1/envelopes", wanted).want(201)
	return got.text("id"), got.text("recipients", 0, "id")
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("got %d, want %d: %s", r.Status, status, r.Body)
	}
	return r
}

// refused checks for a problem of that code, and that it says nothing of values.
func (r reply) refused(status int, code string) reply {
	r.t.Helper()
	r.want(status)
	if got := r.text("code"); got != code {
		r.t.Fatalf("got code %q, want %q: %s", got, code, r.Body)
	}
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Fatalf("a problem came as %q", got)
	}
	if r.text("type") != "urn:chancery:problem:"+code || r.text("detail") == "" || bytes.Contains(r.Body, []byte(`"value"`)) {
		r.t.Fatalf("this is no problem of ours: %s", r.Body)
	}
	return r
}

// at walks into the reply by names and positions; nil when there is nothing.
func (r reply) at(path ...any) any {
	r.t.Helper()
	var here any
	if err := json.Unmarshal(r.Body, &here); err != nil {
		r.t.Fatalf("%v in %q", err, r.Body)
	}
	for _, step := range path {
		switch s := step.(type) {
		case string:
			members, _ := here.(object)
			here = members[s]
		case int:
			list, _ := here.([]any)
			if s >= len(list) {
				return nil
			}
			here = list[s]
		}
	}
	return here
}

func (r reply) text(path ...any) string {
	r.t.Helper()
	s, _ := r.at(path...).(string)
	return s
}

// hold checks a reply against the contract: its route, status and shape.
func (c caller) hold(r *http.Request, got reply) {
	c.scene.t.Helper()
	op := c.operation(r.Method, r.URL.Path)
	if op == nil || len(got.Body) == 0 {
		return
	}
	response := op.Responses[strconv.Itoa(got.Status)]
	if response == nil {
		response = op.Responses["default"]
	}
	media := response.Content[strings.Split(got.Header.Get("Content-Type"), ";")[0]]
	if media == nil {
		c.scene.t.Fatalf("%s %s answers %d with %q, which the contract does not know", r.Method, op.Path, got.Status, got.Header.Get("Content-Type"))
	}
	if media.Schema.Format == "binary" {
		return
	}
	path, found := huma.NewPathBuffer(nil, 0), huma.ValidateResult{}
	huma.Validate(c.contract.Components.Schemas, media.Schema, path, huma.ModeReadFromServer, got.at(), &found)
	for _, err := range found.Errors {
		c.scene.t.Errorf("%s %s answers %d against the contract: %v", r.Method, op.Path, got.Status, err)
	}
}

func (c caller) operation(method, path string) *huma.Operation {
	if c.contract == nil {
		return nil
	}
	for pattern, item := range c.contract.Paths {
		if !fits(pattern, path) {
			continue
		}
		return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete}[method]
	}
	return nil
}

func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != have[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}
