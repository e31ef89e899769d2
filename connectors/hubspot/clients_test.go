package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectorstest"
	"chancery/connectors/hubspot"
	"chancery/connectors/hubspot/hubspottest"
)

const (
	difficult = `Ann "A" O'Neill \ 日本 <b>`
	hookURL   = "https://hub.example.com/hooks/hubspot?team=tm_1"
	hookBody  = `[{"eventId":1,"subscriptionType":"deal.creation","objectId":7,"note":"Söhne"}]`
	hookStamp = 1793610000000

	ownType, ownFullName = "2-77001", "p62515_agreements" // a type of the account's own
)

// The client that HubSpot publishes and ours play the same scenes, each with an account
// of its own, and see the same; and afterwards the accounts hold the same.
func TestThePublicClientSeesWhatOursSees(t *testing.T) {
	theirs, theirAccount := publicClient(t)
	ours, ourAccount := ourClient(t)
	connectorstest.Same(t, theirs, ours, theirAccount, ourAccount)
}

func stage(t *testing.T) *hubspottest.Account {
	a := start(t)
	for range 150 {
		a.Create("products", map[string]string{"name": "Part"})
	}
	for _, title := range []string{"First", "Second"} {
		a.Link("deals", a.Seeded().Deal, ownType, a.Create(ownType, map[string]string{"title": title}))
	}
	return a
}

func publicClient(t *testing.T) (connectorstest.Play, string) {
	a := stage(t)
	told := map[string]any{"url": a.URL, "client": a.ClientID, "secret": a.ClientSecret, "refresh": a.Refresh, "deal": a.Seeded().Deal, "text": difficult, "own": ownType, "ownName": ownFullName,
		"options": `{"access":"PRIVATE"}`, "hook": hookURL, "body": hookBody, "timestamp": hookStamp}
	theirs := connectorstest.Published(t, "ACCOUNT", told, "@hubspot/api-client@13.5.0")
	return theirs, dump(t, a)
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
	all connectorstest.Play
}

func (p *player) say(name string, seen any) {
	p.t.Helper()
	p.all.Say(p.t, name, seen)
}

func (p *player) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func ourClient(t *testing.T) (connectorstest.Play, string) {
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
	p.ownType()
	version, err := p.c.(connectors.Writer).Write(ctx, deal(p.a), map[string]any{"signed_by": difficult, "amount": json.Number("99.9"), "description": nil}, r.Version)
	p.must(err)
	again, err := p.c.Read(ctx, deal(p.a), []string{"signed_by"})
	p.must(err)
	p.say("write", []any{again.Fields["signed_by"], again.Version == version})
}

func (p *player) ownType() {
	var own []any
	for _, name := range []string{ownType, ownFullName} {
		r, err := p.c.Read(p.t.Context(), deal(p.a), []string{name + ".id", name + ".title"})
		p.must(err)
		var agreements []any
		for _, one := range r.Fields[name].([]any) {
			agreements = append(agreements, []any{one.(map[string]any)["id"], one.(map[string]any)["title"]})
		}
		own = append(own, agreements)
	}
	p.say("own type", own)
	_, err := p.c.Read(p.t.Context(), deal(p.a), []string{"agreements.title"})
	p.say("own type by its name alone", p.refused(err, connectors.Refused, 400, "VALIDATION_ERROR", "VALIDATION_ERROR"))
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
