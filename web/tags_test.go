package web_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestTheTeamSeesTagsAndSignersDoNot(t *testing.T) {
	s := newScene(t)
	for i := range s.e.Recipients {
		if _, page := s.get(s.link(i)); strings.Contains(page, "only &lt;for&gt; us") || strings.Contains(page, longTag) {
			t.Errorf("recipient %d reads\n%s", i, page)
		}
	}
	s.signIn()
	_, page := s.get(s.server.URL + "/dashboard/envelopes/" + s.e.ID)
	says(t, page, `<a class="tag" href="/dashboard?tag=only%20%3cfor%3e%20us%20%26%20you">only &lt;for&gt; us &amp; you</a>`, ">"+longTag+"</a>")
}

func TestTheListIsNarrowedToATag(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	h.draft(sandbox, user.ID)
	other := h.draft(sandbox, user.ID)
	other.Title, other.Tags = "Another", []string{"EMEA"}
	h.must(h.store.SaveDraft(t.Context(), other))
	_, page := h.ask("/dashboard?tag=" + url.QueryEscape(" EMEA"))
	says(t, page, `<span class="tag">EMEA</span>. <a href="/dashboard">Show all</a>`, "/dashboard/envelopes/"+other.ID, "/dashboard?status=sent&amp;tag=EMEA")
	if strings.Contains(page, "Services agreement 2026") {
		t.Error("it shows what has another tag")
	}
	_, page = h.ask("/dashboard?tag=nobody&status=sent")
	says(t, page, `There are none.`, `<a href="/dashboard?status=sent">Show all</a>`)
}

func TestAnEndpointOfTheDashboardHearsOfItsTags(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	add := func(tags string) (at, page string) {
		_, page = h.ask("/dashboard/api/webhooks")
		at = "/dashboard/api/webhooks/" + hidden(page, "id")
		_, page = h.ask("/dashboard/api/webhooks", "id", hidden(page, "id"), "url", "http://127.0.0.1:9/hook", "tags", tags)
		return at, page
	}
	hears, page := add(" EMEA, only <for> us & you,EMEA,")
	shown := `<span class="tag">EMEA</span> <span class="tag">only &lt;for&gt; us &amp; you</span>`
	says(t, page, shown)
	silent, _ := add("EMEA")
	_, page = h.ask("/dashboard/api/webhooks")
	says(t, page, shown)
	e := h.sent(sandbox, user.ID)
	if _, page = h.ask(hears); !strings.Contains(page, e.ID) {
		t.Errorf("the one that asked hears\n%s", page)
	}
	if _, page = h.ask(silent); strings.Contains(page, e.ID) {
		t.Errorf("the one with another tag hears\n%s", page)
	}
}
