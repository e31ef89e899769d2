package hubspot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors"
	"chancery/connectors/hubspot"
	"chancery/connectors/hubspot/hubspottest"
)

// scene is one thing that a client does, and what it sees.
type scene struct {
	Scene string
	Seen  any
}

const (
	difficult = `Ann "A" O'Neill \ 日本 <b>`
	hookURL   = "https://hub.example.com/hooks/hubspot?team=tm_1"
	hookBody  = `[{"eventId":1,"subscriptionType":"deal.creation","objectId":7,"note":"Söhne"}]`
	hookStamp = 1793610000000
)

// The client that HubSpot publishes and ours play the same scenes, each with an account
// of its own, and see the same; and afterwards the accounts hold the same.
func TestThePublicClientSeesWhatOursSees(t *testing.T) {
	theirs, theirAccount := publicClient(t)
	ours, ourAccount := ourClient(t)
	for i, s := range ours {
		if i >= len(theirs) || theirs[i].Scene != s.Scene {
			t.Fatalf("scene %d is %q with ours, and they have %d scenes", i, s.Scene, len(theirs))
		}
		if diff := cmp.Diff(theirs[i].Seen, s.Seen); diff != "" {
			t.Errorf("%s: they see (-) and we see (+):\n%s", s.Scene, diff)
		}
	}
	if len(theirs) != len(ours) {
		t.Errorf("they have %d scenes and we have %d", len(theirs), len(ours))
	}
	if diff := cmp.Diff(strings.Split(theirAccount, "\n"), strings.Split(ourAccount, "\n")); diff != "" {
		t.Errorf("their account (-) is not ours (+):\n%s", diff)
	}
}

func stage(t *testing.T) *hubspottest.Account {
	a := start(t)
	for range 150 {
		a.Create("products", map[string]string{"name": "Part"})
	}
	return a
}

func publicClient(t *testing.T) ([]scene, string) {
	a := stage(t)
	with, err := json.Marshal(map[string]any{"url": a.URL, "client": a.ClientID, "secret": a.ClientSecret, "refresh": a.Refresh, "deal": a.Seeded().Deal, "text": difficult,
		"options": `{"access":"PRIVATE"}`, "hook": hookURL, "body": hookBody, "timestamp": hookStamp})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "clients.mjs")
	node.Dir = installed(t)
	node.Env = append(os.Environ(), "ACCOUNT="+string(with))
	var faults bytes.Buffer
	node.Stderr = &faults
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s\n%s", err, out, faults.String())
	}
	var all []scene
	for line := range strings.Lines(string(out)) {
		var s scene
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		all = append(all, s)
	}
	return all, dump(t, a)
}

// installed is a folder with the script and the client.
func installed(t *testing.T) string {
	t.Helper()
	command := exec.Command("../../tools/npm-packages", "@hubspot/api-client@13.5.0")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("install the client of npm: %v", err)
	}
	script, err := os.ReadFile("testdata/clients.mjs")
	folder := t.TempDir()
	if err = errors.Join(err, os.WriteFile(filepath.Join(folder, "clients.mjs"), script, 0o600),
		os.Symlink(filepath.Join(strings.TrimSpace(string(out)), "node_modules"), filepath.Join(folder, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	return folder
}

func dump(t *testing.T, a *hubspottest.Account) string {
	t.Helper()
	text, err := a.Dump()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// player plays the scenes with our client.
type player struct {
	t   *testing.T
	a   *hubspottest.Account
	c   connectors.Reader
	all []scene
}

// say notes what was seen, as it reads in JSON.
func (p *player) say(name string, seen any) {
	p.t.Helper()
	text, err := json.Marshal(seen)
	var plain any
	if err = errors.Join(err, json.Unmarshal(text, &plain)); err != nil {
		p.t.Fatal(err)
	}
	p.all = append(p.all, scene{name, plain})
}

func (p *player) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func ourClient(t *testing.T) ([]scene, string) {
	a := stage(t)
	p := &player{t: t, a: a, c: connect(t, a, byOAuth(a))}
	p.records()
	p.search()
	p.schema()
	p.file()
	p.failures()
	r := httptest.NewRequest(http.MethodPost, hookURL, strings.NewReader(hookBody))
	sign(r, hookURL, hookBody, a.ClientSecret, hookStamp)
	p.must(hubspot.Verify(r, hookURL, []byte(hookBody), a.ClientSecret, time.UnixMilli(hookStamp)))
	p.say("signature", r.Header.Get("X-HubSpot-Signature-v3"))
	return p.all, dump(t, a)
}

func (p *player) records() {
	ctx := p.t.Context()
	r, err := p.c.Read(ctx, deal(p.a), []string{"dealname", "amount", "signed_by", "line_items.name"})
	p.must(err)
	var names []string
	for _, line := range r.Fields["line_items"].([]any) {
		names = append(names, line.(map[string]any)["name"].(string))
	}
	slices.Sort(names)
	p.say("read", []any{r.Fields["dealname"], r.Fields["amount"], r.Fields["signed_by"], names})
	version, err := p.c.(connectors.Writer).Write(ctx, deal(p.a), map[string]any{"signed_by": difficult, "amount": json.Number("99.9"), "description": nil}, r.Version)
	p.must(err)
	again, err := p.c.Read(ctx, deal(p.a), []string{"signed_by"})
	p.must(err)
	p.say("write", []any{again.Fields["signed_by"], again.Version == version})
}

func (p *player) search() {
	pages := [][]string{{}, {}}
	cursor := ""
	for i := range pages {
		found, next, err := p.c.(connectors.Finder).Find(p.t.Context(), "products", time.Unix(0, 0), cursor)
		p.must(err)
		for _, ref := range found {
			pages[i] = append(pages[i], ref.ID)
		}
		cursor = next
	}
	p.say("search", []any{pages[0], pages[1], cursor == ""})
}

func (p *player) schema() {
	schema, err := p.c.(connectors.Describer).Describe(p.t.Context(), "deals")
	p.must(err)
	var fields []any
	for _, f := range schema.Fields {
		if f.Name != "" && f.Name != "id" {
			fields = append(fields, []any{f.Name, f.Writable, append([]string{}, f.Choices...)})
		}
	}
	p.say("properties", fields)
}

func (p *player) file() {
	id, err := p.c.(connectors.Filer).File(p.t.Context(), deal(p.a), connectors.File{Key: "k", Name: "Scene.pdf", MediaType: "application/pdf",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF scene")), nil }})
	p.must(err)
	r, err := p.c.Read(p.t.Context(), deal(p.a), []string{"notes.hs_note_body"})
	p.must(err)
	p.say("file", []any{id, len(r.Fields["notes"].([]any))})
}

func (p *player) failures() {
	ctx := p.t.Context()
	write := func(name string) error {
		_, err := p.c.(connectors.Writer).Write(ctx, deal(p.a), map[string]any{name: "true"}, "")
		return err
	}
	_, err := p.c.Read(ctx, connectors.Ref{Type: "deals", ID: "99"}, nil)
	p.say("gone", p.refused(err, connectors.Gone, 404, "OBJECT_NOT_FOUND", "OBJECT_NOT_FOUND"))
	p.say("unknown property", p.refused(write("nobody"), connectors.Refused, 400, "VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST"))
	p.say("read only", p.refused(write("hs_is_closed"), connectors.Refused, 400, "VALIDATION_ERROR", "READ_ONLY_VALUE"))
	old := connect(p.t, p.a, map[string]string{"token": "oauth-of-last-year"})
	_, err = old.Read(ctx, deal(p.a), nil)
	p.say("token ended", p.refused(err, connectors.Expired, 401, "EXPIRED_AUTHENTICATION", "EXPIRED_AUTHENTICATION"))
}

// refused is what the public client tells of a refusal that ours takes for this.
func (p *player) refused(err error, trouble connectors.Trouble, status int, category, code string) any {
	p.t.Helper()
	if f := failure(p.t, err); f.Trouble != trouble || f.Code != code {
		p.t.Errorf("got %v, want %s: %s", f, trouble, code)
	}
	return []any{status, category}
}
