package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
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

	wished := hidden(page, "id")
	send := func(fields ...string) (*http.Response, string) {
		return h.ask(form, append([]string{"id", wished, "name", "Ours"}, fields...)...)
	}
	reply, page := send("settings.shop", "7", "settings.pin", "8888", "settings.key", "line\r\nsecretline")
	if reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong pin: %s", reply.Status)
	}
	says(t, page, "The system says: PIN: wrong pin", `value="7"`, "must be typed again", wished)
	places(t, page, map[string]int{"8888": 0, "secretline": 0})
	reply, page = send("settings.shop", "away", "settings.pin", "1234")
	if reply.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the system is away: %s", reply.Status)
	}
	says(t, page, "closed for lunch", `value="away"`)
	reply, page = send("settings.pin", "1234")
	if reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `required aria-describedby="help0" aria-invalid="true"`) {
		t.Errorf("no shop: %s %s", reply.Status, page)
	}

	for range 2 { // a double click
		_, page = send("settings.shop", "7", "settings.pin", "1234", "settings.key", "a\r\nb", "settings.world", "live")
		says(t, page, "is saved", "speaks as shop 7", "Works")
	}
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
	if reply, page := h.ask(form, "name", "Ours"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "load the page again") {
		t.Errorf("without an id: %s", reply.Status)
	}
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

func TestAConnectionShowsHowItsRecordsCompare(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	c := h.connected(sandbox)
	at := "/dashboard/connectors/connections/" + c.ID
	if _, page := h.ask(at); strings.Contains(page, "Compared on") {
		t.Error("it is compared already")
	}
	_, page := h.ask(at+"/compare", "x", "y")
	says(t, page, "The records are being compared.")
	if got := h.wishes; !slices.Contains(got, "reconcile") {
		t.Errorf("begun is %q", got)
	}
	h.must(h.store.Compared(t.Context(), c.ID, connectors.Comparison{At: h.clock(), Same: 7, Drifted: 1}))
	_, page = h.ask(at)
	says(t, page, "Compared on", "<dd>7</dd>", "Changed since</dt><dd>1</dd>")
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

func TestWhoseValuesCountIsDecidedWhereARecordWasChangedMeanwhile(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	m := h.mapped(h.connected(sandbox), user)
	const at = "/dashboard/connectors/journeys"
	for decide, heard := range map[string]string{"ours": "write back", "theirs": ""} {
		j := h.changed(m, sandbox, user)
		_, page := h.ask(at)
		says(t, page, "Somebody has changed Name meanwhile.", `value="ours"`, `value="theirs"`, `<code>envelope.sent</code>`, `<a href="/dashboard/envelopes/env_`)
		before := len(h.wishes)
		_, page = h.ask(at+"/"+j.ID+"/retry", "decide", decide)
		says(t, page, "The journey goes on")
		if got := strings.Join(h.wishes[before:], ""); got != heard {
			t.Errorf("%s: the desk heard %q", decide, got)
		}
		due, err := h.store.Due(t.Context(), j.ID, "")
		h.must(err)
		if decide == "theirs" && len(due) != 0 {
			t.Errorf("theirs: still due is %+v", due)
		}
		h.must(h.store.Arrive(t.Context(), j.ID, connectors.Finished, ""))
	}
	j := h.changed(m, sandbox, user)
	if reply, page := h.ask(at+"/"+j.ID+"/retry", "decide", "mine"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "ours or theirs") {
		t.Errorf("neither: %s", reply.Status)
	}
}

// upload sends a file as the form of the templates does.
func (h *house) upload(name string, content []byte) (*http.Response, string) {
	h.t.Helper()
	return h.bring("/dashboard/connectors/templates", name, content)
}

// bring sends a file to an address as a form does.
func (h *house) bring(at, name string, content []byte) (*http.Response, string) {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	h.must(err)
	_, err = part.Write(content)
	h.must(err)
	h.must(form.Close())
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.server.URL+at, &body)
	h.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	reply, err := h.client.Do(r)
	h.must(err)
	defer reply.Body.Close()
	page, err := io.ReadAll(reply.Body)
	h.must(err)
	return reply, string(page)
}

func TestEveryRowOfATableIsSentOnceOrNoneIs(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	m := h.mapped(h.connected(sandbox), user)
	_, page := h.ask("/dashboard/connectors/mappings/" + m.ID)
	says(t, page, "Send a table")
	_, rest, _ := strings.Cut(page, "/tables/"+m.ID+"?request=")
	request, _, _ := strings.Cut(rest, `"`)
	at := "/dashboard/connectors/tables/" + m.ID + "?request=" + request
	for table, wrong := range map[string]string{
		"Name,Who,Mail,Sum\nMill,Ann,ann@example.com,1\nBarn,Bob,,2\n": "Row 2: ",
		"Name,Who,Mail,Sum\n": "has no rows",
		"Name,Who,Mail,Sum\n" + strings.Repeat("Mill,Ann,ann@example.com,1\n", 501): "at most 500 rows",
		"\xff": "UTF-8",
	} {
		reply, page := h.bring(at, "rows.csv", []byte(table))
		if reply.StatusCode != http.StatusUnprocessableEntity && reply.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%.40q: %s", table, reply.Status)
		}
		says(t, page, `role="alert"`, wrong, "record: Deal")
	}
	if reply, page := h.bring(at, "", nil); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "choose a table") {
		t.Errorf("nothing chosen: %s", reply.Status)
	}
	for range 2 { // a double click
		_, page = h.bring(at, "rows.csv", []byte("Name;Who;Mail;Sum\nMill;Ann;ann@example.com;1\nBarn;Bob;bob@example.com;2\n"))
		says(t, page, "The table has 2 rows", request+"/1", request+"/2")
	}
	all, _, err := h.store.Journeys(t.Context(), sandbox.ID, "", "", 10)
	h.must(err)
	if len(all) != 2 || all[0].Record["Name"] != "Barn" || all[1].Record["Name"] != "Mill" {
		t.Errorf("the journeys are %+v", all)
	}
}

func TestATemplateIsUploadedSaysWhatItAsksForAndIsRetired(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	_, page := h.upload("Offer.html", []byte("<p>{{Who}} {{#Lines}}<i>{{Sum}}</i>{{/Lines}}</p>"))
	says(t, page, "<h1>Offer</h1>", "The template is kept", "<code>{{Who}}</code>", "in <code>Lines</code>")
	for name, c := range map[string]struct {
		content []byte
		status  int
		says    string
	}{
		"Broken.html": {[]byte("<p>{{#Lines}} without an end"), http.StatusUnprocessableEntity, "Lines"},
		"Large.html":  {bytes.Repeat([]byte("a"), 1<<20+1), http.StatusRequestEntityTooLarge, "larger than 1 MB"},
		"":            {nil, http.StatusUnprocessableEntity, "Please choose a DOCX, HTML or PDF first."},
	} {
		reply, page := h.upload(name, c.content)
		if reply.StatusCode != c.status {
			t.Errorf("%s: %s", name, reply.Status)
		}
		says(t, page, `role="alert"`, c.says, "Offer")
	}
	all, err := h.store.Templates(t.Context(), sandbox.ID)
	h.must(err)
	_, page = h.ask("/dashboard/connectors/templates/"+all[0].ID+"/retire", "x", "y")
	says(t, page, "out of use", "There is no template yet")
}

func TestAMappingIsCheckedPreviewedAndSaved(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	c := h.connected(sandbox)
	_, err := h.integration.SaveTemplate(t.Context(), sandbox.ID, "deal", []byte("<p>{{Name}}"))
	h.must(err)
	at := "/dashboard/connectors/mappings/new/" + c.ID
	_, page := h.ask(at)
	says(t, page, "record: Customer", "in the mapping’s <code>zone</code>", "Fields of Customer", "<code>Town</code>", ": Brno, Wien")

	wished := hidden(page, "id")
	send := func(do, text string, more ...string) (*http.Response, string) {
		return h.ask(at, append([]string{"id", wished, "do", do, "text", text, "version", "0"}, more...)...)
	}
	wrong := strings.ReplaceAll(dealMapping, "path: Mail", "path: Male")
	_, page = send("check", wrong)
	says(t, page, `role="alert">It cannot work like this yet`, "<code>recipients[0].email</code>", "path: Male", "<code>Mail</code> <span class=\"quiet\">The deal’s Mail, text", "Fields of Deal")
	_, page = send("check", dealMapping)
	says(t, page, "Nothing is wrong with it")
	if reply, page := send("check", "mapping: [\n<b>"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "The mapping cannot be read") || !strings.Contains(page, "&lt;b&gt;") {
		t.Errorf("unreadable: %s", reply.Status)
	}
	_, page = h.ask(at, "lead", "Customer", "text", dealMapping)
	says(t, page, "Fields of Customer", "<code>Customer.Town</code>", "Contract for {{Name}}")

	_, page = send("preview", dealMapping, "record", "1")
	says(t, page, "Nothing has been sent or written", "Contract for The mill &lt;b&gt;", `<span class="tag">deals</span>`, `<span class="tag">The mill &lt;b&gt;</span>`, "Ann Lee &lt;ann@example.com&gt;", "12.50", "Who = Ann Lee", "a file: documents")
	if reply, page := send("preview", dealMapping, "record", "2"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "no such deal") {
		t.Errorf("no such record: %s", reply.Status)
	}
	if reply, _ := send("preview", dealMapping, "record", ""); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no record: %s", reply.Status)
	}
	none, err := h.store.Mappings(t.Context(), sandbox.ID)
	h.must(err)
	if _, page = send("save", wrong); len(none) != 0 || !strings.Contains(page, "The mapping cannot work as it is") || !strings.Contains(page, "recipients[0].email") {
		t.Errorf("%d are saved; a faulty one: %s", len(none), page)
	}

	for range 2 { // a double click
		_, page = send("save", dealMapping, "enabled", "yes")
		says(t, page, "saved as version 1, and records start it", "checked", "/mappings/"+wished)
	}
	reply, page := send("save", strings.Replace(dealMapping, "Contract for", "Offer for", 1), "enabled", "yes")
	if reply.StatusCode != http.StatusConflict {
		t.Errorf("another mapping by the same form: %s", reply.Status)
	}
	says(t, page, "Offer for", `<a href="/dashboard/connectors/mappings/`+wished+`">Look at the newer version`)
	all, err := h.store.Mappings(t.Context(), sandbox.ID)
	h.must(err)
	if len(all) != 1 || !all[0].Enabled {
		t.Fatalf("saved are %+v", all)
	}
	at = "/dashboard/connectors/mappings/" + all[0].ID
	_, page = h.ask(at, "do", "save", "text", dealMapping, "version", "1")
	says(t, page, "saved as version 2. Records do not start it")
	reply, page = h.ask(at, "do", "save", "text", dealMapping+"# mine\n", "version", "1")
	if reply.StatusCode != http.StatusConflict {
		t.Errorf("an older version is saved: %s", reply.Status)
	}
	says(t, page, "Somebody else has changed the mapping", "Look at the newer version", "# mine", `name="version" value="1"`)
	_, page = h.ask("/dashboard/connectors/mappings")
	says(t, page, "version 2", "By hand only")
}

// Every page and form of connectors × everyone × own team and another's things.
func TestOnlyWhoLooksAfterConnectorsMayUseTheirPages(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, parent := h.head()
	h.subscribe(parent.Organisation, 0)
	own := h.below(parent, "Own")
	c := h.connected(own)
	m := h.mapped(c, user)
	kept, err := h.store.Template(t.Context(), own.ID, "deal")
	h.must(err)
	j := h.stuck(m, id.New(id.Request), "Look at it.")
	theirs := h.connected(newStranger(h))
	for path, forms := range connectPaths(c.ID, m.ID, kept.ID, j.ID) {
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
	theirMapping := h.mapped(theirs, user)
	theirTemplate, err := h.store.Template(t.Context(), theirs.Team, "deal")
	h.must(err)
	for _, path := range []string{"/mappings/new/" + theirs.ID, "/mappings/" + theirMapping.ID, "/mappings/map_x", "/templates/" + theirTemplate.ID + "/retire", "/connections/" + theirs.ID, "/connections/con_x", "/journeys/jny_x/retry"} {
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
func connectPaths(connection, mapping, template, journey string) map[string][][]string {
	const at = "/dashboard/connectors"
	check := []string{"do", "check", "text", "mapping: x", "version", "1"}
	look, send := []string(nil), []string{"x", "y"}
	return map[string][][]string{
		at: {look}, at + "/new/till": {look, send}, at + "/connections/" + connection: {look, send},
		at + "/templates": {look, send}, at + "/templates/" + template: {look},
		at + "/mappings": {look}, at + "/mappings/new/" + connection: {look, check}, at + "/mappings/" + mapping: {look, check},
		at + "/connections/" + connection + "/delete": {send}, at + "/journeys": {look, send}, at + "/journeys/" + journey + "/retry": {{"decide", "x"}},
	}
}
