package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chancery/team"
)

func TestTheSenderCorrectsAnAddressThatLettersComeBackFrom(t *testing.T) {
	s := newScene(t)
	s.bounce(0)
	s.signIn()
	one := s.server.URL + "/dashboard/envelopes/" + s.e.ID
	_, page := s.get(one)
	if !strings.Contains(page, "5.1.1 There is no such mailbox at that address.") || !strings.Contains(page, "come back") {
		t.Fatalf("the page does not say that letters come back: %s", page)
	}
	wish := regexp.MustCompile(`/correct"><input type="hidden" name="id" value="(act_\w+)">`).FindStringSubmatch(page)
	if wish == nil {
		t.Fatal("the page does not ask for another address")
	}
	who := s.e.Recipients[0]
	correct := func(email string) (*http.Response, string) {
		return s.ask(http.MethodPost, one+"/correct", form, url.Values{"id": {wish[1]}, "recipient": {who.ID}, "name": {" " + who.Person.Name}, "email": {email}}.Encode())
	}
	if reply, _ := correct("stranger@example.org"); reply.StatusCode != http.StatusForbidden || len(s.corrected) > 0 {
		t.Errorf("an address that the sandbox may not write to is answered with %d", reply.StatusCode)
	}
	reply, body := correct("dan@example.com")
	if reply.StatusCode != http.StatusOK || len(s.corrected) != 1 || s.corrected[0].Person.Email != "dan@example.com" || s.corrected[0].By.ID != s.user.ID {
		t.Fatalf("correct: %d %v", reply.StatusCode, s.corrected)
	}
	if strings.Contains(body, `/correct"`) {
		t.Error("the page still asks for another address")
	}
}

func TestWhoMayOnlyReadIsNotAskedToCorrect(t *testing.T) {
	s := newScene(t)
	s.bounce(0)
	s.level = team.TeamRead
	s.signIn()
	if _, page := s.get(s.server.URL + "/dashboard/envelopes/" + s.e.ID); !strings.Contains(page, "letters come back") || strings.Contains(page, "/correct\"") {
		t.Errorf("they read %s", page)
	}
}
