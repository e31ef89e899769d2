package web_test

import (
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"chancery/account"
	"chancery/team"
)

// tabTo presses Tab until an element has the focus.
func (b *tab) tabTo(expression string) {
	b.t.Helper()
	for range 40 {
		b.keys(kb.Tab)
		if ask[bool](b, `(e => Boolean(`+expression+`))(document.activeElement)`) {
			return
		}
	}
	b.shoot("failed-" + b.t.Name())
	b.t.Fatalf("the Tab key never comes to %s", expression)
}

// fill comes to the field of that name by the keyboard and writes into it.
func (b *tab) fill(field, text string) {
	b.t.Helper()
	b.tabTo(`e.name === "` + field + `"`)
	b.keys(text)
}

// press comes to the button or link with that text by the keyboard and presses it.
func (b *tab) press(text string) {
	b.t.Helper()
	b.tabTo(`e.textContent.trim() === "` + text + `"`)
	b.keys(kb.Enter)
}

func (b *tab) heading(text string) {
	b.t.Helper()
	b.until(`document.querySelector("h1")?.textContent === "` + text + `"`)
}

func TestANewcomerComesByTheKeyboardAloneToTwoFactorAuthentication(t *testing.T) {
	h := newHouse(t)
	b := browser(t, phone())
	b.open(h.server.URL)
	b.press("Try it out")
	b.heading("Sign up")
	b.shoot("account-1-sign-up")
	b.fill("name", "Ada Byron")
	b.fill("organisation", "Engines Ltd")
	b.fill("email", ada)
	b.fill("password", "Password123")
	b.keys(kb.Enter)
	b.until(`document.getElementById("trouble") && document.activeElement.name === "password"`)
	b.shoot("account-2-refused")
	b.keys(goodWord + kb.Enter)
	b.heading("We have written to you")
	b.shoot("account-3-mailbox")

	b.open(h.letter(account.ProveAddress, ada).Link)
	b.shoot("account-4-prove")
	b.press("Yes, make the account")
	b.heading("Welcome, Ada Byron")
	b.shoot("account-5-welcome")
	b.press("Switch it on")
	b.heading("Two-factor authentication")
	b.until(`document.querySelector(".qr").naturalWidth > 200`)
	b.shoot("account-6-two-factor")
	secret := strings.ReplaceAll(ask[string](b, `document.querySelector(".secret").textContent`), " ", "")
	b.fill("code", h.code(secret))
	b.keys(kb.Enter)
	b.heading("Your recovery codes")
	b.shoot("account-7-recovery")
	b.press("I have kept them")
	b.heading("Your account")
	b.shoot("account-8-account")

	b.press("Sign out")
	b.heading("Sign in")
	b.fill("email", ada)
	b.fill("password", goodWord)
	b.shoot("account-9-sign-in")
	b.keys(kb.Enter)
	b.heading("One more step")
	b.until(`document.activeElement.name === "code"`)
	b.shoot("account-10-code")
	b.keys("000000" + kb.Enter)
	b.until(`document.getElementById("trouble") && document.activeElement.name === "code"`)
	b.keys(h.freshCode(secret) + kb.Enter)
	b.until(`location.pathname === "/dashboard" && document.querySelector("h1").textContent === "Envelopes"`)
}

// accountPages are the pages about accounts, each in its states.
func (h *house) accountPages(b *tab) map[string]string {
	h.found(ada)
	h.ask("/dashboard/invitations", "email", "bob@example.com", "level", string(team.TeamSend))
	h.ask("/account/email", "email", "countess@example.com", "current", goodWord)
	h.ask("/sign-up", "name", "Cat Carer", "organisation", "Care", "email", "cat@example.com", "password", goodWord)
	h.ask("/forgotten", "email", ada)
	b.do(chromedp.Navigate(h.server.URL+"/sign-in"), chromedp.SendKeys(chromedp.CSS("[name=email]"), ada), chromedp.SendKeys(chromedp.CSS("[name=password]"), goodWord+"\r"))
	b.until(`location.pathname === "/dashboard"`)
	return map[string]string{
		"sign-up": h.server.URL + "/sign-up", "sign-in": h.server.URL + "/sign-in", "forgotten": h.server.URL + "/forgotten",
		"prove": h.letter(account.ProveAddress, "cat@example.com").Link, "moving": h.letter(account.ProveNewEmail, "countess@example.com").Link,
		"reset": h.letter(account.ResetPassword, ada).Link, "invitation": h.letter(account.Invited, "bob@example.com").Link,
		"account": h.server.URL + "/account", "welcome": h.server.URL + "/account?welcome=1&done=name", "two-factor": h.server.URL + "/account/two-factor",
		"single-sign-on": h.server.URL + "/account/single-sign-on", "invitations": h.server.URL + "/dashboard/invitations?sent=1", "gone": h.server.URL + "/prove/x",
	}
}

func TestThePagesOfAnAccountFitAndKeepTheRulesOfAccess(t *testing.T) {
	h := newHouse(t)
	var err error
	if h.accounts.Passkeys, err = account.NewPasskeys("Chancery", "http://localhost"); err != nil { // so that the pages show them
		t.Fatal(err)
	}
	b := browser(t, desktop())
	rules := axe(t)
	look := func(name string) {
		b.do(desktop())
		b.shoot("account-" + name + "-wide")
		b.do(chromedp.EmulateViewport(320, 640, chromedp.EmulateScale(2), chromedp.EmulateMobile))
		b.shoot("account-" + name + "-small")
		if width := ask[float64](b, `document.documentElement.scrollWidth`); width > 320 {
			t.Errorf("%s is %g pixels wide", name, width)
		}
		ask[bool](b, rules+";true")
		ask[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
		b.accessible(name)
	}
	for name, address := range h.accountPages(b) {
		b.open(address)
		look(name)
	}
	h.secure(ada)
	b.do(chromedp.Navigate(h.server.URL+"/sign-in"), chromedp.SendKeys(chromedp.CSS("[name=email]"), ada), chromedp.SendKeys(chromedp.CSS("[name=password]"), "wrong\r"))
	b.until(`document.getElementById("trouble")`)
	look("sign-in-wrong")
	b.do(chromedp.SendKeys(chromedp.CSS("[name=password]"), goodWord+"\r"))
	b.heading("One more step")
	look("code")
	b.do(chromedp.SendKeys(chromedp.CSS("[name=code]"), h.freshCode(h.secretOf(ada))+"\r"))
	b.until(`location.pathname === "/dashboard"`)
	b.open(h.server.URL + "/account/two-factor")
	look("two-factor-on")
}

func TestTheSecretAsAPictureIsNobodyElses(t *testing.T) {
	h := newHouse(t)
	if reply, _ := h.ask("/account/two-factor/code.png"); reply.Request.URL.Path != "/sign-in" {
		t.Errorf("a stranger gets %s", reply.Status)
	}
	h.found(ada)
	reply, err := h.client.Get(h.server.URL + "/account/two-factor/code.png")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if _, err := png.Decode(reply.Body); err != nil || reply.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v, %v", err, reply.Header)
	}
	h.secure(ada)
	if reply, _ := h.ask("/account/two-factor/code.png"); reply.StatusCode != http.StatusConflict {
		t.Errorf("once it is on, the secret is shown: %s", reply.Status)
	}
}
