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
	"chancery/web"
)

const form = "application/x-www-form-urlencoded"

func (s *scene) signIn() {
	s.t.Helper()
	if reply, body := s.ask(http.MethodPost, s.server.URL+"/dashboard/sign-in", form, url.Values{"key": {" " + key + "\n"}}.Encode()); reply.StatusCode != http.StatusOK || !strings.Contains(body, "Services agreement 2026") {
		s.t.Fatalf("sign in: %d %s", reply.StatusCode, body)
	}
}

func TestWhoeverIsNotSignedInSeesTheDoor(t *testing.T) {
	s := newScene(t)
	one := s.server.URL + "/dashboard/envelopes/" + s.e.ID
	if _, body := s.get(s.server.URL + "/dashboard"); !strings.Contains(body, "Sign in with an API key") || strings.Contains(body, "Services") {
		t.Errorf("the dashboard says %s", body)
	}
	for _, address := range []string{one, one + "/audit.pdf", one + "/d/" + s.e.Documents[0].ID} {
		if reply, body := s.get(address); reply.StatusCode != http.StatusForbidden || strings.Contains(body, "Services") {
			t.Errorf("%s: %d %s", address, reply.StatusCode, body)
		}
	}
	wrong := url.Values{"key": {"ck_test_wrong"}}.Encode()
	if reply, body := s.ask(http.MethodPost, s.server.URL+"/dashboard/sign-in", form, wrong); reply.StatusCode != http.StatusForbidden || !strings.Contains(body, "not known") {
		t.Errorf("a wrong key: %d %s", reply.StatusCode, body)
	}
	if reply, _ := s.ask(http.MethodPost, one+"/void", form, url.Values{"id": {id.New(id.Act)}, "reason": {"x"}}.Encode()); reply.StatusCode != http.StatusForbidden || len(s.voids) > 0 {
		t.Errorf("voiding is answered with %d", reply.StatusCode)
	}
}

func TestTheCookieIsKeptFromScriptsAndOtherSites(t *testing.T) {
	s := newScene(t)
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	reply, _ := s.ask(http.MethodPost, s.server.URL+"/dashboard/sign-in", form, url.Values{"key": {key}}.Encode())
	cookie := reply.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/dashboard", "Max-Age=43200"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%s is missing in %s", want, cookie)
		}
	}
	if strings.Contains(cookie, key) {
		t.Error("the cookie holds the key")
	}
}

func TestASessionEndsWithItsTimeAndWithItsKey(t *testing.T) {
	s := newScene(t)
	s.signIn()
	inside := func() bool {
		_, body := s.get(s.server.URL + "/dashboard")
		return strings.Contains(body, "Services agreement 2026")
	}
	if !inside() {
		t.Fatal("not signed in")
	}
	s.now = s.now.Add(12 * time.Hour)
	if inside() {
		t.Error("twelve hours later it is still open")
	}
	s.signIn()
	s.key.Revoked = s.now
	if inside() {
		t.Error("it is open after the key was revoked")
	}
	s.key.Revoked = time.Time{}
	if _, body := s.ask(http.MethodPost, s.server.URL+"/dashboard/sign-out", form, ""); !strings.Contains(body, "Sign in") || inside() {
		t.Error("it is open after signing out")
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
	if reply, body := s.ask(http.MethodPost, one+"/resend", form, url.Values{"id": {ids[0][1]}}.Encode()); reply.StatusCode != http.StatusOK || len(s.resent) != 1 || s.resent[0].By.ID != s.key.ID {
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
