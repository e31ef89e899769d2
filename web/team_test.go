package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/id"
	"chancery/team"
)

func TestTheFirstTeamIsTheOnlyOneUntilThereIsASubscription(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	_, page := h.ask("/dashboard/teams")
	says(t, page, "Teams of Engines Ltd", sandbox.Name, "ask whoever runs this hub")
	another := id.New(id.Team)
	reply, page := h.ask("/dashboard/teams", "id", another, "name", "Sales", "kind", "production", "parent", sandbox.ID)
	if reply.StatusCode != http.StatusForbidden {
		t.Errorf("without a subscription: %s", reply.Status)
	}
	says(t, page, team.ErrNotSubscribed.Public)

	h.subscribe(sandbox.Organisation, 100)
	for range 2 { // a double click
		_, page = h.ask("/dashboard/teams", "id", another, "name", "Sales", "kind", "production", "parent", sandbox.ID)
		says(t, page, "you are its administrator", "Sales", "Production", "Overseen by")
	}
	all, err := h.store.Tree(t.Context(), sandbox.Organisation)
	h.must(err)
	if len(all) != 2 || all[1].Parent != sandbox.ID || all[1].Sender.Email != ada {
		t.Fatalf("the teams are %+v", all)
	}
}

func TestAHeadChangesTheKindAndIsToldOfTheKeysBeforehand(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	at := "/dashboard/teams/" + sandbox.ID
	if reply, _ := h.ask(at+"/kind", "kind", "production"); reply.StatusCode != http.StatusForbidden {
		t.Errorf("without a subscription: %s", reply.Status)
	}
	h.subscribe(sandbox.Organisation, 0)
	h.must(h.store.CreateKey(t.Context(), team.Key{ID: id.New(id.Key), Team: sandbox.ID, Name: "Till"}, team.HashKey("till")))
	_, page := h.ask(at)
	says(t, page, "The API key of this team is revoked at once", "Turn it into Production", "API Test")
	_, page = h.ask(at+"/kind", "kind", "production")
	says(t, page, "its API keys are revoked", `<span class="tag production">Production</span>`)
	if strings.Contains(page, "API Test") {
		t.Error("the production team has the banner of tests")
	}
	if _, err := h.store.TeamByKey(t.Context(), team.HashKey("till")); err == nil {
		t.Error("the key is good")
	}
	_, page = h.ask(at)
	if strings.Contains(page, "its API keys are revoked") {
		t.Error("the page says again what was done before")
	}
}

func TestThePresetAddressesOfASandbox(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	at := "/dashboard/teams/" + sandbox.ID
	_, page := h.ask(at)
	if n := strings.Count(page, `name="preset"`); n != team.MaxPreset {
		t.Errorf("there are %d places for addresses", n)
	}
	if reply, page := h.ask(at+"/preset", "preset", "nonsense"); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nonsense: %s %s", reply.Status, page)
	}
	for i := range team.MaxPresetAdditions {
		if reply, page := h.ask(at+"/preset", "preset", fmt.Sprintf("p%d@example.com", i)); reply.StatusCode != http.StatusOK {
			t.Fatalf("address %d: %s %s", i, reply.Status, page)
		}
	}
	reply, page := h.ask(at+"/preset", "preset", "last@example.com")
	if reply.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one more: %s", reply.Status)
	}
	says(t, page, team.ErrPresetSettled.Public, "No new address can be added at present", "p9@example.com")
}

func TestTheTestClockOfASandbox(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	at := "/dashboard/teams/" + sandbox.ID
	_, page := h.ask(at)
	wish := between(page, `action="`+at+`/clock" class="row"><input type="hidden" name="id" value="`, `"`)
	for range 2 { // a double click
		_, page = h.ask(at+"/clock", "id", wish, "hours", "120")
	}
	says(t, page, "The clock has been put forward", h.clock().Add(120*time.Hour).UTC().Format("2 January 2006, 15:04"))
	if reply, _ := h.ask(at+"/clock", "id", id.New(id.Advance), "hours", "-3"); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("backwards: %s", reply.Status)
	}
	if fmt.Sprint(h.wishes) != "[advance advance]" {
		t.Errorf("the desk heard %v", h.wishes)
	}
	h.subscribe(sandbox.Organisation, 0)
	if reply, _ := h.ask("/dashboard/teams/"+h.below(sandbox, "Sales").ID+"/clock", "id", id.New(id.Advance), "hours", "1"); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a production team: %s", reply.Status)
	}
}

func TestMembersAreGivenLevelsAndRemoved(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	bob := h.member(sandbox, "Bob Boole", team.TeamRead)
	at := "/dashboard/teams/" + sandbox.ID
	_, page := h.ask(at)
	says(t, page, "Bob Boole", "Sees the team’s envelopes, changes nothing", "organisation’s administrator")
	_, page = h.ask(at+"/member", "user", bob.ID, "level", string(team.OwnSend))
	says(t, page, "The level is changed")
	actor, err := h.store.Actor(t.Context(), bob, sandbox.ID)
	h.must(err)
	if actor.Level != team.OwnSend {
		t.Errorf("Bob is %s", actor.Level)
	}
	_, page = h.ask(at+"/invite", "email", "cat@example.com", "level", string(team.TeamCreate))
	says(t, page, "The invitation is on its way")
	h.letter("invited", "cat@example.com")
	_, page = h.ask(at+"/member/remove", "user", bob.ID)
	says(t, page, "The member is removed")
	if strings.Contains(page, "Bob Boole") {
		t.Error("he is still there")
	}
	if reply, _ := h.ask(at+"/member", "user", "usr_nobody", "level", string(team.OwnSend)); reply.StatusCode != http.StatusNotFound {
		t.Errorf("nobody: %s", reply.Status)
	}
}

// Every form of a team's page × everyone × own team, child, other organisation.
func TestWhoMaySendWhichFormOfATeam(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, parent := h.head()
	h.subscribe(parent.Organisation, 0)
	own := h.below(parent, "Own")
	child := h.below(own, "Child")
	stranger := newStranger(h)
	targets := map[string]team.Team{"own": own, "child": child, "parent": parent, "other organisation": stranger, "missing": {ID: id.New(id.Team)}}
	forms := []string{"description", "preset", "clock", "kind", "parent", "member", "member/remove", "invite"}
	asked := 0
	for _, level := range append(levelsOf(), "head of another organisation") {
		client := h.as(h.member(own, "M "+string(level), cmpLevel(level)))
		if level == "head of another organisation" {
			u := h.newUser(stranger.Organisation, "Hel Head", "hel@example.com")
			client = h.as(u)
		}
		for name, target := range targets {
			for _, form := range forms {
				reply, page := h.askAs(client, "/dashboard/teams/"+target.ID+"/"+form, "x", "y")
				want := http.StatusNotFound
				switch {
				case level == "head of another organisation":
				case name == "own" && level == string(team.Administrator) && form != "kind" && form != "parent":
					want = formAnswer[form] // it is let in, and the form is wrong
				case name == "own", name == "child" && sees(level):
					want = http.StatusForbidden
				}
				if asked++; reply.StatusCode != want {
					t.Errorf("%s, %s, %s: %s, want %d: %s", level, name, form, reply.Status, want, between(page, "<p class=\"lead\">", "</p>"))
				}
			}
		}
	}
	t.Logf("%d forms sent", asked)
}

// formAnswer is what an empty form is answered with by whoever may send it: in a
// production team, whose preset addresses may be emptied.
var formAnswer = map[string]int{
	"description": http.StatusUnprocessableEntity, "preset": http.StatusOK, "clock": http.StatusUnprocessableEntity,
	"member": http.StatusUnprocessableEntity, "member/remove": http.StatusNotFound, "invite": http.StatusUnprocessableEntity,
}

func levelsOf() []string {
	var all []string
	for _, l := range team.Levels {
		all = append(all, string(l.Level))
	}
	return all
}

func cmpLevel(level string) team.Level {
	if l := team.Level(level); l.Valid() {
		return l
	}
	return team.TeamRead
}

// sees tells whether a level sees the whole of its team, and so the teams below.
func sees(level string) bool { return !strings.HasPrefix(level, "own_") }

func newStranger(h *house) team.Team {
	h.t.Helper()
	o := team.Organisation{ID: id.New(id.Organisation), Name: "Strangers", Region: "eu"}
	h.must(h.store.CreateOrganisation(h.t.Context(), o))
	theirs := team.Team{ID: id.New(id.Team), Organisation: o.ID, Name: "Strange", Kind: team.Sandbox}
	h.must(h.store.CreateTeam(h.t.Context(), theirs))
	return theirs
}

func TestAParentSeesEnvelopesBelowAndChangesNothing(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, parent := h.head()
	h.subscribe(parent.Organisation, 0)
	child := h.below(h.below(parent, "Middle"), "Field sales")
	e := h.sent(child, "usr_somebody")
	overseer := h.as(h.member(parent, "Olga Over", team.Administrator))

	if _, page := h.askAs(overseer, "/dashboard"); strings.Contains(page, e.Title) {
		t.Error("the list of the team alone shows what is below")
	}
	_, page := h.askAs(overseer, "/dashboard?of=children")
	says(t, page, e.Title, `<span class="tag">Field sales</span>`, "With the teams below")
	at := "/dashboard/envelopes/" + e.ID
	reply, page := h.askAs(overseer, at)
	if reply.StatusCode != http.StatusOK {
		t.Fatal(reply.Status)
	}
	says(t, page, "only they can change it", "Field sales", "What happened")
	if strings.Contains(page, "API Test") || strings.Contains(page, "/void") || strings.Contains(page, "/resend") {
		t.Error("the page of a child's envelope offers what may not be done, or calls it a test")
	}
	for _, verb := range []string{"void", "resend", "correct"} {
		if reply, _ := h.askAs(overseer, at+"/"+verb, "id", id.New(id.Act), "reason", "x"); reply.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", verb, reply.Status)
		}
	}
	if len(h.wishes) > 0 {
		t.Errorf("the desk heard %v", h.wishes)
	}
	_, page = h.askAs(overseer, "/dashboard/activity?of=children")
	says(t, page, e.Title, "sent", "somebody was asked", "Field sales")
	if _, page = h.askAs(overseer, "/dashboard/activity"); strings.Contains(page, e.Title) {
		t.Error("the feed of the team alone shows what is below")
	}

	own := h.as(h.member(parent, "Otto Own", team.OwnCreate))
	if _, page := h.askAs(own, "/dashboard?of=children"); strings.Contains(page, e.Title) || strings.Contains(page, "With the teams below") {
		t.Error("who sees their own envelopes only sees others'")
	}
	if reply, _ := h.askAs(own, at); reply.StatusCode != http.StatusNotFound {
		t.Errorf("their page of it: %s", reply.Status)
	}
	if _, page := h.askAs(own, "/dashboard/activity?of=children"); strings.Contains(page, e.Title) {
		t.Error("their feed shows others' envelopes")
	}
}

func TestUsageByTeamTestsApart(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	_, page := h.ask("/dashboard/usage")
	says(t, page, "There is no subscription")
	h.subscribe(sandbox.Organisation, 10)
	sales := h.below(sandbox, "=SUM(Sales)")
	h.sent(sandbox, "x")
	for range 9 {
		h.sent(sales, "x")
	}
	_, page = h.ask("/dashboard/usage")
	says(t, page, "9 of 10 documents of this month", "There is room for 1 more", sandbox.Name, "=SUM(Sales)")
	h.sent(sales, "x")
	_, page = h.ask("/dashboard/usage")
	says(t, page, "are used up", "Nothing is lost")
	reply, table := h.ask("/dashboard/usage.csv")
	if reply.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("the table is %s", reply.Header.Get("Content-Type"))
	}
	month := team.Month(h.clock()).Format("2006-01")
	says(t, table, "month,team,name,envelopes,documents,test_envelopes,test_documents\r\n",
		month+","+sandbox.ID+","+sandbox.Name+",0,0,1,1\r\n", month+","+sales.ID+",'=SUM(Sales),10,10,0,0\r\n")

	reader := h.as(h.member(sales, "Rea Reader", team.TeamRead))
	_, table = h.askAs(reader, "/dashboard/usage.csv")
	if strings.Contains(table, sandbox.ID) || !strings.Contains(table, sales.ID) {
		t.Errorf("a member of one team reads %s", table)
	}
	if reply, _ := h.askAs(h.as(h.member(sales, "Own", team.OwnSend)), "/dashboard/usage"); reply.StatusCode != http.StatusForbidden {
		t.Errorf("who sees their own only: %s", reply.Status)
	}
}
