package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
)

// bench is a hub for tests that only need one: an API process, a worker and a team.
type bench struct {
	url   string
	api   *caller
	heard *subscriber
	doc   string
}

// openBench starts a hub in a namespace of its own on the shared engine.
func openBench(t testing.TB, kind, name string, preset ...string) bench {
	t.Helper()
	return openBenchWith(t, kind, name, nil, preset...)
}

// openBenchWith starts a hub with settings of its own.
func openBenchWith(t testing.TB, kind, name string, more []string, preset ...string) bench {
	t.Helper()
	if err := register(name); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	settings := append([]string{"CHANCERY_NAMESPACE=" + name, "CHANCERY_PUBLIC_URL=http://" + address}, more...)
	api, err := home.serve(address, settings...)
	if err != nil {
		t.Fatal(err)
	}
	api.attend(t, "chancery serve")
	worker, err := home.work(freeAddress(t), settings...)
	if err != nil {
		t.Fatal(err)
	}
	worker.attend(t, "chancery worker")
	b := bench{url: "http://" + address}
	b.api = newCaller(b.url, home.team(t, kind, name, preset...))
	b.heard = subscribe(t, b.api)
	b.doc = uploadAgreement(t, b.api)
	return b
}

func (b bench) story(name string) *story {
	return &story{name: name, document: b.doc, api: b.api, letters: openOutbox(ground.Outbox)}
}

// linkOf returns the path of a signer's page.
func linkOf(t testing.TB, s *story, i int) string {
	t.Helper()
	link, err := s.link(i)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func (b bench) act(t testing.TB, link string, body map[string]any) answer {
	t.Helper()
	got, err := newCaller(b.url, "").call(http.MethodPost, link+"/acts", "", body)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (b bench) refused(t testing.TB, why, link string, body map[string]any, status int, code string) {
	t.Helper()
	if got := b.act(t, link, body); got.status != status || got.code() != code {
		t.Errorf("%s: answered %d %s, want %d %s", why, got.status, got.body, status, code)
	}
}

// given asks the API for a link, for those who have no letter yet.
func given(t testing.TB, s *story, i int) string {
	t.Helper()
	var link struct{ URL string }
	at := "/v1/envelopes/" + s.id + "/recipients/" + s.who[i] + "/signing-link"
	must(t, s.api.insist(http.MethodPost, at, "", nil, &link))
	return signingPath.FindString(link.URL)
}

func trailLength(t testing.TB, s *story) int {
	t.Helper()
	must(t, s.evident())
	data, err := s.api.get("/v1/envelopes/" + s.id + "/audit-trail")
	must(t, err)
	var trail struct{ Events []json.RawMessage }
	must(t, json.Unmarshal(data, &trail))
	return len(trail.Events)
}

func without(body map[string]any, member string) map[string]any {
	delete(body, member)
	return body
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
