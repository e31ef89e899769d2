package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"chancery/client"
	"chancery/team"
)

func TestTagsAreKeptInOneWayAndChangedWithTheDraft(t *testing.T) {
	s := open(t)
	env, _ := s.sandbox.created(object{"tags": []any{" EMEA ", "Ko\u0308ln", "EMEA"}})
	one := "/v1/envelopes/" + env
	tagged := func(want string, got reply) {
		t.Helper()
		if tags := texts(got.at("tags")); strings.Join(tags, "|") != want {
			t.Errorf("its tags are %q, want %s", tags, want)
		}
	}
	tagged("EMEA|K\u00f6ln", s.sandbox.get(one).want(200))
	tagged("EMEA|K\u00f6ln", s.sandbox.call("PATCH", one, object{"title": "Another"}).want(200))
	tagged("renewal", s.sandbox.call("PATCH", one, object{"tags": []any{"renewal", " renewal"}}).want(200))
	tagged("", s.sandbox.call("PUT", one, s.sandbox.draft()).want(200))
	for code, tags := range map[string][]any{
		"tag_empty": {"a", " "}, "text_too_long": {strings.Repeat("ü", 51)}, "control_character": {"a\nb"},
	} {
		s.sandbox.call("PATCH", one, object{"tags": tags}).refused(422, code)
	}
	eleven := strings.Split("a b c d e f g h i j k", " ")
	s.sandbox.call("PATCH", one, object{"tags": eleven}).refused(413, "too_many_tags")
	s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook", "tags": eleven}).refused(413, "too_many_tags")
	s.sandbox.post("/v1/webhook-endpoints", object{"url": "https://example.com/hook", "tags": []any{""}}).refused(422, "tag_empty")
}

func texts(list any) (all []string) {
	for _, one := range list.([]any) {
		all = append(all, one.(string))
	}
	return all
}

func TestAListByTagShowsNothingOfOthers(t *testing.T) {
	s := open(t)
	tag := "K\u00f6ln & Bonn"
	mine, _ := s.sandbox.created(object{"tags": []any{tag, "a"}})
	s.sandbox.created(object{"tags": []any{"a"}})
	theirs, _ := s.production.created(object{"tags": []any{tag}})
	list := func(c caller, query string) (ids []string) {
		for i := range c.get("/v1/envelopes?" + query).want(200).at("envelopes").([]any) {
			ids = append(ids, c.get("/v1/envelopes?"+query).text("envelopes", i, "id"))
		}
		return ids
	}
	query := "tag=" + url.QueryEscape(" Ko\u0308ln & Bonn")
	if got := list(s.sandbox, query); !slices.Equal(got, []string{mine}) {
		t.Errorf("the team sees %q", got)
	}
	if got := list(s.production, query); !slices.Equal(got, []string{theirs}) {
		t.Errorf("the other team sees %q", got)
	}
	if got := list(s.sandbox, query+"&status=sent"); len(got) > 0 {
		t.Errorf("of the sent ones it sees %q", got)
	}
	if got := list(s.sandbox, "tag=nobody"); len(got) > 0 {
		t.Errorf("a tag that there is not: %q", got)
	}
	parent, err := s.store.Team(t.Context(), s.teamOf(s.production))
	must(t, err)
	child := s.below(parent, team.Production)
	below, _ := child.created(object{"tags": []any{tag}})
	if got := list(s.production, query+"&children=true"); len(got) != 2 || !slices.Contains(got, below) {
		t.Errorf("with the teams below: %q", got)
	}
}

func TestAnEndpointOfTheClientHearsOfItsTag(t *testing.T) {
	s := open(t)
	ctx, hub := t.Context(), s.client(s.sandbox)
	receiver := httptest.NewServer(http.NotFoundHandler())
	defer receiver.Close()
	made, err := hub.AddEndpoint(ctx, client.NewEndpoint{URL: receiver.URL, Tags: []string{"renewal ", "renewal"}})
	must(t, err)
	if list, err := hub.Endpoints(ctx); err != nil || !slices.Equal(list[0].Tags, []string{"renewal"}) {
		t.Errorf("the endpoint is shown as %+v, %v", list, err)
	}
	document := s.sandbox.document()
	create := func(tags ...string) client.Envelope {
		e, err := hub.Create(ctx, client.NewEnvelope{Title: "Lease", Tags: tags, Documents: []string{document}, Send: true,
			Recipients: []client.NewParty{{Ref: "tenant", Name: "Ada Lovelace", Email: "ada@example.com"}}})
		must(t, err)
		return e
	}
	create()
	wanted := create("EMEA", "renewal")
	var heard []string
	for d, err := range hub.Deliveries(ctx, made.ID) {
		must(t, err)
		one, err := hub.Delivery(ctx, made.ID, d.ID)
		must(t, err)
		if !strings.Contains(string(one.Request.Body), `"tags":["EMEA","renewal"]`) {
			t.Errorf("it tells %s", one.Request.Body)
		}
		heard = append(heard, d.Envelope)
	}
	if !slices.Equal(heard, []string{wanted.ID, wanted.ID}) || !slices.Equal(wanted.Tags, []string{"EMEA", "renewal"}) {
		t.Errorf("it heard of %q, want %+v", heard, wanted)
	}
	for e, err := range hub.List(ctx, client.Filter{Tag: "renewal"}) {
		if must(t, err); e.ID != wanted.ID {
			t.Errorf("listed is %s", e.ID)
		}
	}
}
