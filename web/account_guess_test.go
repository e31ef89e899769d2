package web_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/account"
	"chancery/problem"
)

// guess tries a wrong password until it is told to wait.
func (h *house) guess(client *http.Client, email string) (*http.Response, string) {
	h.t.Helper()
	for range 20 {
		if reply, page := h.askAs(client, "/sign-in", "email", email, "password", "Wrong7 lantern"); reply.StatusCode != http.StatusForbidden {
			return reply, page
		}
	}
	h.t.Fatal("nobody slows the guesses")
	return nil, ""
}

func TestWhoeverGuessesIsToldHowLongToWait(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	for _, email := range []string{ada, "nobody@example.com"} {
		reply, page := h.guess(h.browser(), email)
		if reply.StatusCode != http.StatusTooManyRequests || reply.Header.Get("Retry-After") != "1" || !strings.Contains(page, "Please wait a second") {
			t.Errorf("%s: %s, Retry-After %s: %s", email, reply.Status, reply.Header.Get("Retry-After"), page)
		}
	}
	client := h.browser()
	if h.askAs(client, "/sign-in", "email", ada, "password", goodWord); h.inside(client) {
		t.Error("the right password is let through while it must wait")
	}
	h.wait(time.Second)
	if h.askAs(client, "/sign-in", "email", ada, "password", goodWord); !h.inside(client) {
		t.Error("a second later it is not")
	}
	if reply, _ := h.guess(h.browser(), ada); reply.Header.Get("Retry-After") != "1" {
		t.Error("signing in does not forgive the guesses before")
	}
}

// lock guesses until the account is locked.
func (h *house) lock(client *http.Client, email string) {
	h.t.Helper()
	for range 40 {
		reply, _ := h.askAs(client, "/sign-in", "email", email, "password", "Wrong7 lantern")
		if wait, _ := strconv.Atoi(reply.Header.Get("Retry-After")); wait > 60 {
			return
		} else if wait > 0 {
			h.wait(time.Duration(wait) * time.Second)
		}
	}
	h.t.Fatal("it is never locked")
}

func TestALockKeepsStrangersOutAndItsOwnerIn(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.ask("/sign-out", "x", "")
	h.lock(h.browser(), ada)
	if n := h.letter(account.Locked, ada); !n.Good.After(h.clock()) || n.From.Device != "Lynx" || n.From.Address == "" {
		t.Errorf("the letter says %+v", n)
	}
	if slices.Contains(h.got("nobody@example.com"), account.Locked) {
		t.Error("somebody else got a letter")
	}
	fresh := h.browser()
	if reply, page := h.askAs(fresh, "/sign-in", "email", ada, "password", goodWord); reply.StatusCode != http.StatusTooManyRequests || !strings.Contains(page, "minutes") {
		t.Errorf("a new browser with the right password: %s %s", reply.Status, page)
	}
	if h.ask("/sign-in", "email", ada, "password", goodWord); !h.inside(h.client) {
		t.Error("the owner's own browser is locked out")
	}
	h.ask("/sign-out", "x", "")
	h.ask("/forgotten", "email", ada)
	h.ask(h.letter(account.ResetPassword, ada).Link, "password", "Other8 lantern owl")
	if h.askAs(fresh, "/sign-in", "email", ada, "password", "Other8 lantern owl"); !h.inside(fresh) {
		t.Error("choosing a new password does not unlock")
	}
}

func TestALockEndsAndTheNextOneIsLonger(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	stranger := h.browser()
	h.lock(stranger, ada)
	h.wait(15 * time.Minute)
	h.lock(stranger, ada)
	reply, _ := h.askAs(stranger, "/sign-in", "email", ada, "password", goodWord)
	if wait, _ := strconv.Atoi(reply.Header.Get("Retry-After")); wait < 25*60 {
		t.Errorf("the second lock is %d seconds", wait)
	}
	locks := 0
	for _, kind := range h.got(ada) {
		if kind == account.Locked {
			locks++
		}
	}
	if locks != 2 {
		t.Errorf("of two locks %d letters were written", locks)
	}
}

func TestCodesAreGuessedSlowerThanPasswords(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	secret, _ := h.secure(ada)
	thief := h.browser()
	h.askAs(thief, "/sign-in", "email", ada, "password", goodWord)
	tried := 0
	for begun := h.clock(); h.clock().Before(begun.Add(account.PendingFor)); {
		reply, _ := h.askAs(thief, "/sign-in/code", "code", "123456")
		if reply.Request.URL.Path == "/sign-in" {
			break
		}
		wait, _ := strconv.Atoi(reply.Header.Get("Retry-After"))
		if wait == 0 {
			tried++
		}
		h.wait(time.Duration(max(wait, 1)) * time.Second)
	}
	if tried > 8 {
		t.Errorf("%d codes were tried in ten minutes", tried)
	}
	if !slices.Contains(h.got(ada), account.Locked) {
		t.Error("nobody tells the owner")
	}
	if reply, _ := h.askAs(thief, "/sign-in/code", "code", h.code(secret)); h.inside(thief) {
		t.Errorf("the right code opens in the lock: %s", reply.Status)
	}
}

func TestOneAddressThatTriesManyAccountsIsSlowed(t *testing.T) {
	h := newHouse(t)
	slowed := 0
	for i := range 40 {
		reply, _ := h.askAs(h.browser(), "/sign-in", "email", strconv.Itoa(i)+"@example.com", "password", "Wrong7 lantern")
		if reply.StatusCode == http.StatusTooManyRequests {
			slowed++
		}
	}
	if slowed < 8 {
		t.Errorf("%d of 40 were slowed", slowed)
	}
}

func TestWhoeverGuessesLinksIsSlowed(t *testing.T) {
	h := newHouse(t)
	for _, door := range []string{"/prove/", "/reset/", "/account/email/", "/invitations/", "/s/", "/dashboard/open/"} {
		h.wait(49 * time.Hour)
		slowed := 0
		for range 40 {
			if reply, _ := h.ask(door + account.NewToken()); reply.StatusCode == http.StatusTooManyRequests {
				slowed++
			}
		}
		if slowed < 8 {
			t.Errorf("%s: %d of 40 were slowed", door, slowed)
		}
	}
}

func TestGuessesAtOnceAreCountedEach(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	var side sync.WaitGroup
	looked := make(chan bool, 30)
	for range cap(looked) {
		side.Go(func() {
			reply, err := h.client.PostForm(h.server.URL+"/sign-in", map[string][]string{"email": {ada}, "password": {"Wrong7 lantern"}})
			if err == nil {
				reply.Body.Close()
				looked <- reply.StatusCode == http.StatusForbidden
			}
		})
	}
	side.Wait()
	close(looked)
	let := 0
	for one := range looked {
		if one {
			let++
		}
	}
	if let == 0 || let > 5 {
		t.Errorf("%d of 30 guesses at once were looked at", let)
	}
}

func TestACodeBroughtTwiceAtOnceOpensOnce(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, recovery := h.secure(ada)
	var clients []*http.Client
	for range 3 {
		client := h.browser()
		h.askAs(client, "/sign-in", "email", ada, "password", goodWord)
		clients = append(clients, client)
	}
	var side sync.WaitGroup
	for _, client := range clients {
		side.Go(func() {
			if reply, err := client.PostForm(h.server.URL+"/sign-in/code", map[string][]string{"code": {recovery[0]}}); err == nil {
				reply.Body.Close()
			}
		})
	}
	side.Wait()
	opened := 0
	for _, client := range clients {
		if h.inside(client) {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("it opened %d times", opened)
	}
}

func TestWhoeverRunsTheHubUnlocksAndNamesHeads(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	h.secure(ada)
	h.lock(h.browser(), ada)
	fresh := h.browser()
	if err := h.accounts.Unlock(t.Context(), ada, false); err != nil {
		t.Fatal(err)
	}
	if reply, page := h.askAs(fresh, "/sign-in", "email", ada, "password", goodWord); reply.Request.URL.Path != "/sign-in/code" {
		t.Fatal(reply.Request.URL, page)
	}
	if err := h.accounts.Unlock(t.Context(), ada, true); err != nil {
		t.Fatal(err)
	}
	if h.inside(h.client) {
		t.Error("the sessions of before go on")
	}
	if h.askAs(fresh, "/sign-in", "email", ada, "password", goodWord); !h.inside(fresh) {
		t.Error("the second factor is still asked for")
	}
	if err := h.accounts.SetHead(t.Context(), ada, false); !problem.Has(err, "organisation_unattended") {
		t.Errorf("the last head leaves: %v", err)
	}
	user, err := h.store.UserByEmail(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	trail, err := h.store.Trail(t.Context(), user.Organisation)
	if err != nil {
		t.Fatal(err)
	}
	var by []string
	for _, e := range trail {
		if e.Actor.Kind == "hub" {
			by = append(by, e.Kind)
		}
	}
	if !slices.Equal(by, []string{"user.unlocked", "user.unlocked", "user.two_factor_off"}) {
		t.Errorf("of the hub, the evidence says %v", by)
	}
}
