package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/team"
	"chancery/web"
)

const form = "application/x-www-form-urlencoded"

// signIn gives the browser what Sam's keeps.
func (s *scene) signIn() {
	s.t.Helper()
	here, _ := url.Parse(s.server.URL)
	s.client.Jar.SetCookies(here, []*http.Cookie{{Name: "chancery", Value: token, Path: "/"}})
	if reply, body := s.get(s.server.URL + "/dashboard"); reply.StatusCode != http.StatusOK || !strings.Contains(body, "Services agreement 2026") {
		s.t.Fatalf("sign in: %d %s", reply.StatusCode, body)
	}
}

func TestWhoeverIsNotSignedInIsAskedTo(t *testing.T) {
	s := newScene(t)
	one := s.server.URL + "/dashboard/envelopes/" + s.e.ID
	for _, address := range []string{s.server.URL + "/dashboard", one, one + "/audit.pdf", one + "/d/" + s.e.Documents[0].ID} {
		reply, body := s.get(address)
		if !strings.Contains(body, "<h1>Sign in</h1>") || strings.Contains(body, "Services") || s.server.URL+reply.Request.FormValue("next") != address {
			t.Errorf("%s: %s %s", address, reply.Request.URL, body)
		}
	}
	if reply, _ := s.ask(http.MethodPost, one+"/void", form, url.Values{"id": {id.New(id.Act)}, "reason": {"x"}}.Encode()); reply.StatusCode != http.StatusForbidden || len(s.voids) > 0 {
		t.Errorf("voiding is answered with %d", reply.StatusCode)
	}
}

func TestASessionThatIsOverOpensNothing(t *testing.T) {
	s := newScene(t)
	s.signIn()
	if _, body := s.ask(http.MethodPost, s.server.URL+"/sign-out", form, ""); !strings.Contains(body, "<h1>Sign in</h1>") || !s.ended {
		t.Error("signing out does not end the session")
	}
	here, _ := url.Parse(s.server.URL)
	if kept := s.client.Jar.Cookies(here); len(kept) > 0 {
		t.Errorf("the browser keeps %v", kept)
	}
}

func TestWhoeverIsInSeveralTeamsChoosesOne(t *testing.T) {
	s := newScene(t)
	s.signIn()
	choose := func(id string) (*http.Response, string) {
		return s.ask(http.MethodPost, s.server.URL+"/dashboard/team", form, url.Values{"team": {id}}.Encode())
	}
	if _, body := choose(s.other.ID); strings.Contains(body, "Services agreement 2026") || strings.Contains(body, "API Test") || !strings.Contains(body, `selected>Purchasing`) {
		t.Errorf("the other team shows %s", body)
	}
	if reply, _ := choose(id.New(id.Team)); reply.StatusCode != http.StatusNotFound {
		t.Errorf("a team of others is answered with %d", reply.StatusCode)
	}
}

func TestALevelSaysWhatIsSeenAndDone(t *testing.T) {
	for name, tt := range map[string]struct {
		level      team.Level
		own        bool
		sees, acts bool
	}{
		"an administrator":                {team.Administrator, false, true, true},
		"who reads":                       {team.TeamRead, true, true, false},
		"who sees their own, and made it": {team.OwnSend, true, true, true},
		"who sees their own, another's":   {team.OwnSend, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.signIn()
			s.level = tt.level
			if !tt.own {
				s.e.Owner = id.New(id.User)
			}
			one := s.server.URL + "/dashboard/envelopes/" + s.e.ID
			if _, body := s.get(s.server.URL + "/dashboard"); strings.Contains(body, s.e.Title) != tt.sees {
				t.Error("the list is wrong")
			}
			_, missing := s.get(s.server.URL + "/dashboard/envelopes/" + id.New(id.Envelope))
			_, body := s.get(one)
			if strings.Contains(body, s.e.Title) != tt.sees || strings.Contains(body, "Void this envelope") != tt.acts || !tt.sees && body != missing {
				t.Errorf("the page says %s", body)
			}
			reply, _ := s.ask(http.MethodPost, one+"/void", form, url.Values{"id": {id.New(id.Act)}, "reason": {"x"}}.Encode())
			if want := map[bool]int{true: 200, false: 403}[tt.acts]; tt.sees && reply.StatusCode != want || !tt.sees && reply.StatusCode != 404 || (len(s.voids) == 1) != tt.acts {
				t.Errorf("voiding is answered with %d", reply.StatusCode)
			}
		})
	}
}

func TestWhoeverIsInNoTeamIsToldSo(t *testing.T) {
	s := newScene(t)
	s.signIn()
	s.level = ""
	if _, body := s.get(s.server.URL + "/dashboard"); !strings.Contains(body, "not in any team") || strings.Contains(body, s.e.Title) {
		t.Errorf("it says %s", body)
	}
	if reply, _ := s.get(s.server.URL + "/dashboard/envelopes/" + s.e.ID); reply.StatusCode != http.StatusNotFound {
		t.Errorf("an envelope is answered with %d", reply.StatusCode)
	}
}

func TestALinkOpensTheDashboardOfItsTeamOnly(t *testing.T) {
	s := newScene(t)
	token := s.links.Mint(web.DashboardLink(s.team.ID, s.now.Add(time.Hour)))
	if _, body := s.get(s.server.URL + "/dashboard/open/" + token); !strings.Contains(body, "Services agreement 2026") || !strings.Contains(body, "API Test") {
		t.Fatalf("got %s", body)
	}
	if reply, _ := s.get(s.server.URL + "/dashboard/envelopes/" + id.New(id.Envelope)); reply.StatusCode != http.StatusNotFound {
		t.Errorf("another envelope is answered with %d", reply.StatusCode)
	}
	s.client.Jar, _ = cookiejar.New(nil)
	if reply, _ := s.get(s.server.URL + "/dashboard/open/" + strings.TrimPrefix(s.link(0), s.server.URL+"/s/")); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a signing link opens the dashboard: %d", reply.StatusCode)
	}
}

func TestTheListSaysHowFarEachEnvelopeIs(t *testing.T) {
	s := newScene(t)
	s.answerAs(0, envelope.Sign)
	s.signIn()
	_, body := s.get(s.server.URL + "/dashboard")
	for _, want := range []string{"1 of 2 signed", "In progress", "Bob Boss", "asked", "after=cursor"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
	if _, body := s.get(s.server.URL + "/dashboard?status=voided"); strings.Contains(body, "Services agreement") {
		t.Error("the list of voided ones shows it")
	}
}

func TestOneEnvelopeTellsWhyItWaitsAndWhatHappened(t *testing.T) {
	s := newScene(t)
	s.answerAs(0, envelope.Sign)
	s.signIn()
	_, body := s.get(s.server.URL + "/dashboard/envelopes/" + s.e.ID)
	for _, want := range []string{
		"It waits for one recipient to act.", "Bob Boss is reminded", "It expires", "Ann Client signed", "Bob Boss was asked", "Void this envelope", "ann@example.com",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
}

func TestTheTeamVoidsAndWritesAgainOnce(t *testing.T) {
	s := newScene(t)
	s.signIn()
	one := s.server.URL + "/dashboard/envelopes/" + s.e.ID
	_, page := s.get(one)
	ids := regexp.MustCompile(`value="(act_\w+)"`).FindAllStringSubmatch(page, -1)
	if len(ids) != 2 {
		t.Fatalf("the page offers %v", ids)
	}
	if reply, body := s.ask(http.MethodPost, one+"/resend", form, url.Values{"id": {ids[0][1]}}.Encode()); reply.StatusCode != http.StatusOK || len(s.resent) != 1 || s.resent[0].By.ID != s.user.ID || s.resent[0].By.Person.Name != "Sam Seller" {
		t.Fatalf("resend: %d %v %s", reply.StatusCode, s.resent, body)
	}
	if reply, _ := s.ask(http.MethodPost, one+"/void", form, url.Values{"id": {ids[1][1]}}.Encode()); reply.StatusCode != 422 || len(s.voids) != 0 {
		t.Fatalf("void without a reason: %d", reply.StatusCode)
	}
	if reply, body := s.ask(http.MethodPost, one+"/void", form, url.Values{"id": {ids[1][1]}, "reason": {"wrong price"}}.Encode()); reply.StatusCode != http.StatusOK || !strings.Contains(body, "wrong price") || s.voids[0].ID != ids[1][1] {
		t.Fatalf("void: %d %s", reply.StatusCode, body)
	}
}

func TestASenderSeesWhyAnUploadWasWrittenAnew(t *testing.T) {
	s := newScene(t, func(e *envelope.Envelope) {
		e.Documents[0].SHA256 = "kept"
		e.Documents[0].Report = &envelope.Report{SHA256: "came", Reasons: []envelope.Reason{{Code: "pdf_active_content", Severity: "normalised", Sentence: "The file holds a script."}}}
	})
	s.signIn()
	if _, page := s.get(s.server.URL + "/dashboard/envelopes/" + s.e.ID); !strings.Contains(page, "Written anew before it was sent") || !strings.Contains(page, "The file holds a script.") {
		t.Error("the page does not say it")
	}
}
