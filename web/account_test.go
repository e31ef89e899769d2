package web_test

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/account"
	"chancery/id"
	"chancery/team"
	"chancery/web"
)

func TestANewcomerGetsAnOrganisationWithASandboxOnceTheAddressIsProved(t *testing.T) {
	h := newHouse(t)
	_, page := h.ask("/sign-up", "name", "Ada Byron", "organisation", "Engines Ltd", "email", ada, "password", goodWord)
	if !strings.Contains(page, "We have written to you") || strings.Contains(page, goodWord) {
		t.Fatal(page)
	}
	if _, err := h.store.UserByEmail(t.Context(), ada); err == nil {
		t.Fatal("there is an account before the address is proved")
	}
	link := h.letter(account.ProveAddress, ada).Link
	for range 2 { // a mail scanner looks
		if reply, page := h.ask(link); reply.StatusCode != 200 || !strings.Contains(page, "Yes, make the account") {
			t.Fatal(reply.Status, page)
		}
	}
	if _, page := h.ask(link, "x", ""); !strings.Contains(page, "Welcome, Ada Byron") {
		t.Fatal(page)
	}
	if reply, _ := h.ask(link, "x", ""); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the second time: %s", reply.Status)
	}
	user, err := h.store.UserByEmail(t.Context(), ada)
	if err != nil || !user.Head || user.ProvedAt.IsZero() || user.Operator {
		t.Fatalf("%+v, %v", user, err)
	}
	teams, err := h.store.TeamsOf(t.Context(), user.ID)
	if err != nil || len(teams) != 1 || teams[0].Kind != team.Sandbox || teams[0].Name != account.FirstTeam || !slices.Equal(teams[0].Preset, []string{ada}) {
		t.Fatalf("%+v, %v", teams, err)
	}
	actor, err := h.store.Actor(t.Context(), user, teams[0].ID)
	if err != nil || actor.Level != team.Administrator {
		t.Fatalf("%+v, %v", actor, err)
	}
	trail, err := h.store.Trail(t.Context(), user.Organisation)
	if err != nil || len(trail) != 1 || trail[0].Kind != "organisation.founded" || trail[0].Actor.ID != user.ID {
		t.Fatalf("%+v, %v", trail, err)
	}
}

func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	stranger := h.browser()
	answers := func(path string, fields ...string) (known, unknown string) {
		status := func(email string) string {
			reply, page := h.askAs(stranger, path, append(fields, "email", email)...)
			return reply.Status + strings.ReplaceAll(page, email, "…")
		}
		return status(ada), status("bob@example.com")
	}
	for _, form := range [][]string{
		{"/sign-up", "name", "Eve Hart", "organisation", "Evil", "password", goodWord},
		{"/sign-in", "password", "Wrong7 lantern"},
		{"/forgotten"},
	} {
		if known, unknown := answers(form[0], form[1:]...); known != unknown {
			t.Errorf("%s answers\n%s\nand\n%s", form[0], known, unknown)
		}
	}
	if got := h.got(ada); !slices.Equal(got, []account.NoticeKind{account.ProveAddress, account.KnownAlready, account.ResetPassword}) {
		t.Errorf("Ada got %v", got)
	}
	if got := h.got("bob@example.com"); !slices.Equal(got, []account.NoticeKind{account.ProveAddress}) {
		t.Errorf("Bob got %v", got)
	}
	if user, err := h.store.UserByEmail(t.Context(), ada); err != nil || user.Name != "Ada Byron" {
		t.Errorf("the account became %+v, %v", user, err)
	}
}

func TestAWrongFormComesAgainWithWhatWasEnteredAndWithoutItsSecrets(t *testing.T) {
	h := newHouse(t)
	good := map[string]string{"name": "Ada Byron", "organisation": "Engines Ltd", "email": ada, "password": goodWord}
	for name, tt := range map[string]struct{ field, value, says string }{
		"a short password":    {"password", "Ab1", "at least 8 characters"},
		"a common password":   {"password", "Password123", "tried first"},
		"no name":             {"name", " ", "give your name"},
		"a name of two lines": {"name", "Ada\nBcc: x", "one line"},
		"no address":          {"email", "ada at example", "not an email address"},
		"no organisation":     {"organisation", "", "name of your organisation"},
	} {
		fields := []string{}
		for field, value := range good {
			if field == tt.field {
				value = tt.value
			}
			fields = append(fields, field, value)
		}
		reply, page := h.ask("/sign-up", fields...)
		if reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, tt.says) || strings.Contains(page, goodWord) || strings.Contains(page, "Password123") {
			t.Errorf("%s: %s %s", name, reply.Status, page)
		}
		if tt.field != "organisation" && !strings.Contains(page, `value="Engines Ltd"`) || strings.Count(page, `aria-invalid="true"`) != 1 {
			t.Errorf("%s: the page is %s", name, page)
		}
	}
	if len(h.letters) > 0 {
		t.Errorf("%d letters were written", len(h.letters))
	}
}

func TestAnotherRegionIsAnotherDeployment(t *testing.T) {
	h := newHouse(t, func(c *web.Config) {
		c.Regions = map[string]string{"eu": "https://eu.hub.example", "us": "https://us.hub.example/"}
	})
	_, page := h.ask("/sign-up")
	if !strings.Contains(page, `href="https://us.hub.example/sign-up?region=us"`) || !strings.Contains(page, `href="/sign-up?region=eu"`) || strings.Contains(page, `name="email"`) {
		t.Error(page)
	}
	if _, page := h.ask("/sign-up?region=eu"); !strings.Contains(page, `name="email"`) || !strings.Contains(page, "European Union") {
		t.Error(page)
	}
	h.found(ada)
	user, err := h.store.UserByEmail(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := h.store.Organisation(t.Context(), user.Organisation); err != nil || o.Region != "eu" || o.Name != "Engines Ltd" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestSigningInGoesOnWhereItWasAskedFor(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	for next, want := range map[string]string{
		"/account/two-factor": "/account/two-factor", "": "/dashboard", "https://evil.example/": "/dashboard", "//evil.example/dashboard": "/dashboard",
		`/\evil.example/dashboard`: "/dashboard", "/sign-out": "/dashboard",
	} {
		client := h.browser()
		reply, page := h.askAs(client, "/sign-in", "email", " "+strings.ToUpper(ada)+" ", "password", goodWord, "next", next)
		if reply.StatusCode != 200 || reply.Request.URL.Path != want || reply.Request.URL.Host != strings.TrimPrefix(h.server.URL, "http://") {
			t.Errorf("%q leads to %s: %s", next, reply.Request.URL, page)
		}
	}
	if got := h.got(ada); !slices.Contains(got, account.NewDevice) {
		t.Errorf("of the new browsers, Ada got %v", got)
	}
}

func TestAFreshSessionForEveryChangeOfTrust(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	token := func() string {
		here, _ := http.NewRequest(http.MethodGet, h.server.URL, nil)
		for _, cookie := range h.client.Jar.Cookies(here.URL) {
			if cookie.Name == "chancery" {
				return cookie.Value
			}
		}
		return ""
	}
	seen := map[string]bool{"": true}
	look := func(after string) {
		t.Helper()
		if now := token(); seen[now] {
			t.Errorf("after %s the session is an old one, or none", after)
		} else {
			seen[now] = true
		}
	}
	look("signing up")
	h.secure(ada)
	look("two-factor authentication")
	h.ask("/account/password", "current", goodWord, "password", "Other8 lantern owl")
	look("another password")
	secret := h.secretOf(ada)
	h.ask("/sign-out", "x", "")
	h.ask("/sign-in", "email", ada, "password", "Other8 lantern owl")
	look("the password")
	h.ask("/sign-in/code", "code", h.freshCode(secret))
	look("the code")
	if !h.inside(h.client) {
		t.Error("not signed in at the end")
	}
}

// secretOf reads what the user's device has.
func (h *house) secretOf(email string) string {
	h.t.Helper()
	user, err := h.store.UserByEmail(h.t.Context(), email)
	if err != nil {
		h.t.Fatal(err)
	}
	of, err := h.store.Account(h.t.Context(), user.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return of.Secrets.TOTP
}

func TestAPasswordAloneOpensNothingOfWhoeverHasASecondFactor(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	secret, recovery := h.secure(ada)
	thief := h.browser()
	if reply, _ := h.askAs(thief, "/sign-in", "email", ada, "password", goodWord); reply.Request.URL.Path != "/sign-in/code" {
		t.Fatalf("it leads to %s", reply.Request.URL)
	}
	for _, path := range []string{"/account", "/dashboard", "/account/two-factor", "/account/two-factor/code.png"} {
		if reply, _ := h.askAs(thief, path); reply.Request.URL.Path != "/sign-in" {
			t.Errorf("%s opens", path)
		}
	}
	if reply, page := h.askAs(thief, "/sign-in/code", "code", h.code(secret)); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "used already") {
		t.Errorf("the code that was used before: %s %s", reply.Status, page)
	}
	owner := h.browser()
	h.askAs(owner, "/sign-in", "email", ada, "password", goodWord)
	if h.askAs(owner, "/sign-in/code", "code", h.freshCode(secret)); !h.inside(owner) {
		t.Error("the next code does not open")
	}
	lost := h.browser()
	h.askAs(lost, "/sign-in", "email", ada, "password", goodWord)
	if h.askAs(lost, "/sign-in/code", "code", strings.ToUpper(recovery[0])); !h.inside(lost) {
		t.Error("a recovery code does not open")
	}
	if left := h.letter(account.RecoveryUsed, ada).Count; left != account.RecoveryCodes-1 {
		t.Errorf("the letter says %d are left", left)
	}
	late := h.browser()
	h.askAs(late, "/sign-in", "email", ada, "password", goodWord)
	h.wait(account.PendingFor)
	if reply, _ := h.askAs(late, "/sign-in/code", "code", h.code(secret)); reply.Request.URL.Path != "/sign-in" || h.inside(late) {
		t.Errorf("after ten minutes it leads to %s", reply.Request.URL)
	}
}

func TestSwitchingTwoFactorOffRevokesTheKeysAtOnce(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	secret, recovery := h.secure(ada)
	user, err := h.store.UserByEmail(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	teams, err := h.store.TeamsOf(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.Amend(t.Context(), user.ID, func(of *account.Account) error { of.User.ApprovedAt = h.clock(); return nil }); err != nil {
		t.Fatal(err)
	}
	_, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.CreateKey(t.Context(), team.Key{ID: id.New(id.Key), Team: teams[0].ID, User: user.ID, Name: "CRM"}, hash); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.TeamByKey(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
	for name, fields := range map[string][]string{
		"without the password": {"current", "Wrong7 lantern", "code", recovery[0]},
		"without a code":       {"current", goodWord, "code", "000000"},
	} {
		if reply, page := h.ask("/account/two-factor/off", fields...); reply.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s %s", name, reply.Status, page)
		}
	}
	if _, page := h.ask("/account/two-factor/off", "current", goodWord, "code", h.freshCode(secret)); !strings.Contains(page, "Two-factor authentication is off") {
		t.Fatal(page)
	}
	if _, err := h.store.TeamByKey(t.Context(), hash); err == nil {
		t.Error("the key still opens")
	}
	if n := h.letter(account.TwoFactorOff, ada); n.Count != 1 {
		t.Errorf("the letter says %d keys", n.Count)
	}
	trail, err := h.store.Trail(t.Context(), teams[0].ID)
	if err != nil || len(trail) == 0 || trail[len(trail)-1].Kind != "key.revoked" {
		t.Errorf("the team's evidence is %+v, %v", trail, err)
	}
}

func TestAForgottenPasswordIsReplacedByALinkThatWorksOnce(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.ask("/forgotten", "email", ada)
	old := h.letter(account.ResetPassword, ada).Link
	h.ask("/forgotten", "email", ada)
	link := h.letter(account.ResetPassword, ada).Link
	if reply, _ := h.ask(old); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the older link: %s", reply.Status)
	}
	if reply, page := h.ask(link, "password", "short"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "at least 8") {
		t.Errorf("a short password: %s %s", reply.Status, page)
	}
	if reply, _ := h.ask(link, "password", "Other8 lantern owl"); reply.Request.URL.Path != "/sign-in" {
		t.Errorf("it leads to %s", reply.Request.URL)
	}
	if h.inside(h.client) {
		t.Error("the session before is still open")
	}
	if reply, _ := h.ask(link, "password", "Third9 lantern owl"); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the second time: %s", reply.Status)
	}
	for password, want := range map[string]bool{goodWord: false, "Third9 lantern owl": false, "Other8 lantern owl": true} {
		client := h.browser()
		if h.askAs(client, "/sign-in", "email", ada, "password", password); h.inside(client) != want {
			t.Errorf("%s opens: %t", password, !want)
		}
	}
	h.ask("/forgotten", "email", ada)
	h.wait(account.ResetFor)
	if reply, _ := h.ask(h.letter(account.ResetPassword, ada).Link); reply.StatusCode != http.StatusForbidden {
		t.Errorf("after an hour: %s", reply.Status)
	}
}

func TestTheAccountMovesToAnAddressThatIsProved(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	if reply, page := h.ask("/account/email", "email", "countess@example.com", "current", "Wrong7 lantern"); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "not your password") {
		t.Errorf("without the password: %s %s", reply.Status, page)
	}
	h.ask("/account/email", "email", "countess@example.com", "current", goodWord)
	link := h.letter(account.ProveNewEmail, "countess@example.com").Link
	h.ask(link) // a mail scanner looks
	if user, err := h.store.UserByEmail(t.Context(), ada); err != nil || user.Email != ada {
		t.Fatal("it moved before the address was proved")
	}
	if _, page := h.ask(link, "x", ""); !strings.Contains(page, "Your address is changed") {
		t.Fatal(page)
	}
	if n := h.letter(account.EmailChanged, ada); n.Email != "countess@example.com" {
		t.Errorf("the old address is told %+v", n)
	}
	client := h.browser()
	if h.askAs(client, "/sign-in", "email", "countess@example.com", "password", goodWord); !h.inside(client) {
		t.Error("the new address does not sign in")
	}
}

func TestAnAddressOfSomebodyElseIsNotTakenAndNotTold(t *testing.T) {
	h := newHouse(t)
	h.found("bob@example.com")
	h.client = h.browser()
	h.found(ada)
	if _, page := h.ask("/account/email", "email", "bob@example.com", "current", goodWord); !strings.Contains(page, "We have written to the new address") {
		t.Error(page)
	}
	if got := h.got("bob@example.com"); got[len(got)-1] != account.KnownAlready {
		t.Errorf("Bob got %v", got)
	}
}

func TestSigningOutEverywhereElse(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	other, third := h.browser(), h.browser()
	for _, client := range []*http.Client{other, third} {
		h.askAs(client, "/sign-in", "email", ada, "password", goodWord)
	}
	h.wait(time.Second)
	_, page := h.ask("/account")
	if n := strings.Count(page, `name="session"`); n != 2 || strings.Count(page, "This browser") != 1 {
		t.Fatalf("the page lists %d others: %s", n, page)
	}
	h.ask("/account/sessions/end", "session", between(page, `name="session" value="`, `"`))
	if h.inside(other) == h.inside(third) {
		t.Error("not one of them was signed out")
	}
	h.ask("/account/sessions/end", "session", "")
	if h.inside(other) || h.inside(third) || !h.inside(h.client) {
		t.Error("not all others were signed out")
	}
}

func TestWhoeverIsInvitedJoinsOnceAndAtTheirLevel(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.OwnSend))
	first := h.letter(account.Invited, "bob@example.com")
	if first.Who != "Ada Byron" || first.Team != account.FirstTeam || first.Organisation != "Engines Ltd" || first.Level != team.OwnSend.Words() {
		t.Errorf("the letter says %+v", first)
	}
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.TeamRead))
	link := h.letter(account.Invited, "bob@example.com").Link
	bob := h.browser()
	if reply, _ := h.askAs(bob, first.Link); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the older invitation: %s", reply.Status)
	}
	if _, page := h.askAs(bob, link); !strings.Contains(page, "Join API Development") || !strings.Contains(page, "bob@example.com") {
		t.Error(page)
	}
	if reply, page := h.askAs(bob, link, "name", "Bob", "password", "short"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, `value="Bob"`) {
		t.Errorf("a short password: %s %s", reply.Status, page)
	}
	if _, page := h.askAs(bob, link, "name", "Bob Builder", "password", goodWord); !strings.Contains(page, "Welcome, Bob Builder") {
		t.Fatal(page)
	}
	if reply, _ := h.askAs(bob, link, "name", "Bob Builder", "password", goodWord); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the second time: %s", reply.Status)
	}
	user, err := h.store.UserByEmail(t.Context(), "bob@example.com")
	if err != nil || user.Head {
		t.Fatalf("%+v, %v", user, err)
	}
	members, err := h.store.Memberships(t.Context(), user.ID)
	if err != nil || len(members) != 1 || members[0].Level != team.TeamRead {
		t.Fatalf("%+v, %v", members, err)
	}
	if reply, _ := h.askAs(bob, "/dashboard/invitations", "email", "eve@example.com", "level", string(team.Administrator)); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a reader invites: %s", reply.Status)
	}
}

func TestAnInvitationIsTakenBackAndEndsByItself(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.TeamSend))
	_, page := h.ask("/dashboard/invitations")
	h.ask("/dashboard/invitations/revoke", "invitation", between(page, `name="invitation" value="`, `"`))
	if reply, _ := h.ask(h.letter(account.Invited, "bob@example.com").Link); reply.StatusCode != http.StatusForbidden {
		t.Errorf("after it was taken back: %s", reply.Status)
	}
	h.ask("/dashboard/invitations", "email", "cat@example.com", "level", string(team.TeamSend))
	h.wait(account.InvitationFor)
	if reply, _ := h.askAs(h.browser(), h.letter(account.Invited, "cat@example.com").Link); reply.StatusCode != http.StatusForbidden {
		t.Errorf("after a week: %s", reply.Status)
	}
}

func TestAnAddressOfAnotherOrganisationCannotJoinAndTheInviterLearnsNothing(t *testing.T) {
	h := newHouse(t)
	h.found("bob@example.com")
	h.client = h.browser()
	h.found(ada)
	invite := func(email string) string {
		reply, page := h.ask("/dashboard/invitations", "email", email, "level", string(team.TeamSend))
		_, answer, _ := strings.Cut(page, "<h1>")
		answer, _, _ = strings.Cut(answer, "<h2>Not answered yet")
		return reply.Status + strings.ReplaceAll(answer, email, "…")
	}
	if known, unknown := invite("bob@example.com"), invite("nobody@example.com"); known != unknown {
		t.Errorf("the inviter sees\n%s\nand\n%s", known, unknown)
	}
	reply, page := h.askAs(h.browser(), h.letter(account.Invited, "bob@example.com").Link, "name", "Bob", "password", goodWord)
	if reply.StatusCode != http.StatusConflict || !strings.Contains(page, "account in another organisation") {
		t.Errorf("%s %s", reply.Status, page)
	}
}

func TestAMemberOfTheOrganisationJoinsAnotherTeamByTheLinkAlone(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.TeamSend))
	h.askAs(h.browser(), h.letter(account.Invited, "bob@example.com").Link, "name", "Bob Builder", "password", goodWord)
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.Administrator))
	link := h.letter(account.Invited, "bob@example.com").Link
	if _, page := h.askAs(h.browser(), link); strings.Contains(page, `name="password"`) || !strings.Contains(page, "You have an account") {
		t.Error(page)
	}
	h.askAs(h.browser(), link, "x", "")
	user, err := h.store.UserByEmail(t.Context(), "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if members, err := h.store.Memberships(t.Context(), user.ID); err != nil || len(members) != 1 || members[0].Level != team.TeamSend {
		t.Errorf("who is in a team already became %+v, %v", members, err)
	}
}

func TestABrowserIsNamedAsItsOwnerKnowsIt(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari on an iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0":           "Edge on Windows",
		"Lynx": "Lynx",
		"":     "An unnamed browser",
	} {
		h := newHouse(t)
		h.found(ada)
		user, err := h.store.UserByEmail(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		begun := account.NewSession(id.New(id.Session), user.ID, account.Open, h.clock(), account.Origin{Device: agent})
		if err := h.store.OpenSession(t.Context(), account.HashToken(begun.ID), begun); err != nil {
			t.Fatal(err)
		}
		if _, page := h.ask("/account"); !strings.Contains(page, "<strong>"+want+"</strong>") {
			t.Errorf("%s is not called %s", agent, want)
		}
	}
}

func TestWhoeverSignsUpWithAStrangersAddressDoesNotGetItProved(t *testing.T) {
	h := newHouse(t)
	h.ask("/sign-up", "name", "Eve Hart", "organisation", "Evil", "email", ada, "password", goodWord)
	link, stranger := h.letter(account.ProveAddress, ada).Link, h.browser()
	if _, page := h.askAs(stranger, link); !strings.Contains(page, "The password that you chose") {
		t.Error(page)
	}
	for _, password := range []string{"", "Wrong7 lantern"} {
		if reply, page := h.askAs(stranger, link, "password", password); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "not the password that was chosen") {
			t.Errorf("%q: %s %s", password, reply.Status, page)
		}
	}
	if _, err := h.store.UserByEmail(t.Context(), ada); err == nil {
		t.Error("the account was made")
	}
	if h.askAs(stranger, link, "password", goodWord); !h.inside(stranger) {
		t.Error("with the password, another browser is not let in")
	}
}
