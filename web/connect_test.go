package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/id"
	"chancery/team"
)

func TestAConnectionIsTriedBeforeItIsSavedAndItsSecretsAreNeverShown(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	_, page := h.ask("/dashboard/connectors")
	says(t, page, "No system is connected", `href="/dashboard/connectors/new/till"`, "Connectors</a>")
	const form = "/dashboard/connectors/new/till"
	_, page = h.ask(form)
	says(t, page, `type="password"`, "The number over its door", "Only where the shop wants one", "<option>live</option>")

	reply, page := h.ask(form, "name", "Ours", "settings.shop", "7", "settings.pin", "8888", "settings.key", "line\r\nsecretline")
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong pin: %s", reply.Status)
	}
	says(t, page, "The system says: PIN: wrong pin", `value="7"`, "must be typed again")
	places(t, page, map[string]int{"8888": 0, "secretline": 0})
	reply, page = h.ask(form, "name", "Ours", "settings.shop", "away", "settings.pin", "1234")
	if reply.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the system is away: %s", reply.Status)
	}
	says(t, page, "closed for lunch", `value="away"`)
	reply, page = h.ask(form, "name", "Ours", "settings.pin", "1234")
	if reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `required aria-describedby="help0" aria-invalid="true"`) {
		t.Errorf("no shop: %s %s", reply.Status, page)
	}

	_, page = h.ask(form, "name", "Ours", "settings.shop", "7", "settings.pin", "1234", "settings.key", "a\r\nb", "settings.world", "live")
	says(t, page, "is saved", "speaks as shop 7", "Works")
	all, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	if len(all) != 1 || all[0].Settings["key"] != "a\nb" {
		t.Fatalf("kept are %+v", all)
	}
	one := "/dashboard/connectors/connections/" + all[0].ID
	_, page = h.ask(one)
	says(t, page, "Leave empty to keep it", "<option selected>live</option>")
	places(t, page, map[string]int{"1234": 0})
	_, page = h.ask(one, "name", "Ours too", "settings.shop", "9", "settings.pin", "")
	says(t, page, "Ours too")
	changed, err := h.store.TeamConnection(t.Context(), sandbox.ID, all[0].ID)
	h.must(err)
	if changed.Settings["pin"] != "1234" || changed.Settings["shop"] != "9" || changed.Settings["key"] != "a\nb" {
		t.Errorf("changed it is %+v", changed.Settings)
	}
	_, page = h.ask(one+"/delete", "x", "y")
	says(t, page, "The connection is removed", "No system is connected")
	if reply, _ := h.ask("/dashboard/connectors/new/nothing"); reply.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown system: %s", reply.Status)
	}
}

func TestAConnectionThatAMappingUsesStays(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	c := h.connected(sandbox)
	h.mapped(c, user)
	reply, page := h.ask("/dashboard/connectors/connections/"+c.ID+"/delete", "x", "y")
	if reply.StatusCode != http.StatusConflict {
		t.Errorf("removed: %s", reply.Status)
	}
	says(t, page, `role="alert"`, c.Name)
}

func TestJourneysAreBegunByHandAndRetried(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	m := h.mapped(h.connected(sandbox), user)
	const at = "/dashboard/connectors/journeys"
	_, page := h.ask(at)
	says(t, page, "There is no such journey", "Send one by hand")
	request := hidden(page, "id")
	for range 2 { // a double click
		_, page = h.ask(at, "id", request, "mapping", m.ID, "record", " 1 ")
		says(t, page, "The record is being read", "Deal <code>1</code>", "Being read")
	}
	all, _, err := h.store.Journeys(t.Context(), sandbox.ID, "", "", 10)
	h.must(err)
	if len(all) != 1 {
		t.Fatalf("sent twice they are %d", len(all))
	}
	j := all[0]
	if reply, page := h.ask(at+"/"+j.ID+"/retry", "decide", ""); reply.StatusCode != http.StatusConflict || !strings.Contains(page, "needs no attention") {
		t.Errorf("retried without need: %s", reply.Status)
	}
	h.must(h.store.Arrive(t.Context(), j.ID, connectors.Attention, "The field <Who> is empty."))
	_, page = h.ask(at)
	says(t, page, "The field &lt;Who&gt; is empty.", "Needs attention", "Try again")
	places(t, page, map[string]int{`value="ours"`: 0})
	_, page = h.ask(at+"/"+j.ID+"/retry", "decide", "")
	says(t, page, "The journey goes on")
	if !slices.Contains(h.wishes, "go") {
		t.Errorf("the desk heard %v", h.wishes)
	}
	for name, fields := range map[string][]string{
		"no record":  {"id", id.New(id.Request), "mapping", m.ID, "record", ""},
		"no request": {"id", "x", "mapping", m.ID, "record", "1"},
	} {
		if reply, _ := h.ask(at, fields...); reply.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", name, reply.Status)
		}
	}
}

// Every page and form of connectors × everyone × own team and another's things.
func TestOnlyWhoLooksAfterConnectorsMayUseTheirPages(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, parent := h.head()
	h.subscribe(parent.Organisation, 0)
	own := h.below(parent, "Own")
	c := h.connected(own)
	j := h.stuck(h.mapped(c, user), id.New(id.Request), "Look at it.")
	theirs := h.connected(newStranger(h))
	for path, forms := range connectPaths(c.ID, j.ID) {
		for _, level := range levelsOf() {
			client := h.as(h.member(own, "M "+level, team.Level(level)))
			want := http.StatusForbidden
			if level == string(team.Administrator) {
				want = http.StatusOK
			}
			for _, fields := range forms {
				if reply, _ := h.askAs(client, path, fields...); reply.StatusCode != want && (want != http.StatusOK || reply.StatusCode == http.StatusForbidden || reply.StatusCode == http.StatusNotFound) {
					t.Errorf("%s at %s %v: %s, want %d", level, path, fields, reply.Status, want)
				}
			}
		}
	}
	admin := h.as(h.member(own, "Adam", team.Administrator))
	for _, path := range []string{"/connections/" + theirs.ID, "/connections/con_x", "/journeys/jny_x/retry"} {
		if reply, _ := h.askAs(admin, "/dashboard/connectors"+path, "x", "y"); reply.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, reply.Status)
		}
	}
	reader := h.as(h.member(own, "Rita", team.TeamRead))
	if _, page := h.askAs(reader, "/dashboard"); strings.Contains(page, "/dashboard/connectors") {
		t.Error("the page leads where its reader may not go")
	}
}

// connectPaths are the pages by path, each with the forms that are sent to it; none
// is looking at it. A form lacks so much that it changes nothing.
func connectPaths(connection, journey string) map[string][][]string {
	const at = "/dashboard/connectors"
	look, send := []string(nil), []string{"x", "y"}
	return map[string][][]string{
		at: {look}, at + "/new/till": {look, send}, at + "/connections/" + connection: {look, send},
		at + "/connections/" + connection + "/delete": {send}, at + "/journeys": {look, send}, at + "/journeys/" + journey + "/retry": {{"decide", "x"}},
	}
}
