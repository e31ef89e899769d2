package web_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"chancery/account"
	"chancery/web"
)

// onLocalhost opens the house under the one name without https for which browsers make passkeys.
func newHouseOnLocalhost(t *testing.T) (*house, string) {
	t.Helper()
	h := newHouse(t)
	public := strings.Replace(h.server.URL, "127.0.0.1", "localhost", 1)
	passkeys, err := account.NewPasskeys("Chancery", public)
	if err != nil || passkeys == nil {
		t.Fatal("there are no passkeys for localhost", err)
	}
	h.accounts.Passkeys = passkeys
	return h, public
}

// authenticator gives the browser a device that knows its owner, or does not.
func (b *tab) authenticator(verified bool) {
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: verified, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
}

func TestAPasskeySignsInWithoutAPasswordAndInPlaceOfACode(t *testing.T) {
	h, public := newHouseOnLocalhost(t)
	h.found(ada)
	secret, _ := h.secure(ada)
	b := browser(t, desktop())
	b.authenticator(true)

	b.open(public + "/sign-in")
	b.fill("email", ada)
	b.fill("password", goodWord+"\r")
	b.heading("One more step")
	b.do(chromedp.SendKeys(chromedp.CSS("[name=code]"), h.freshCode(secret)+"\r"))
	b.until(`location.pathname === "/dashboard"`)
	b.open(public + "/account/two-factor")
	b.until(`document.querySelector("form[data-passkey=make]:not([hidden])")`)
	b.do(chromedp.SendKeys(chromedp.CSS("[data-passkey=make] [name=name]"), "My telephone"), chromedp.SendKeys(chromedp.CSS("[data-passkey=make] [name=password]"), "Wrong7 lantern\r"))
	b.until(`document.querySelector("[data-passkey=make] [role=alert]").textContent.includes("not your password")`)
	b.do(chromedp.SendKeys(chromedp.CSS("[data-passkey=make] [name=password]"), "\b\b\b\b\b\b\b\b\b\b\b\b\b\b"+goodWord+"\r"))
	b.until(`document.querySelector("main").textContent.includes("The passkey is added")`)
	b.shoot("account-passkey-added")
	if !slices.Contains(h.got(ada), account.PasskeyAdded) {
		t.Errorf("Ada got %v", h.got(ada))
	}

	b.press("Sign out")
	b.heading("Sign in")
	b.until(`document.querySelector("form[data-passkey=use]:not([hidden])")`)
	b.shoot("account-passkey-sign-in")
	b.press("Sign in with a passkey")
	b.until(`location.pathname === "/dashboard"`)

	b.press("Sign out")
	b.heading("Sign in")
	b.fill("email", ada)
	b.fill("password", goodWord+"\r")
	b.heading("One more step")
	b.press("Use a passkey")
	b.until(`location.pathname === "/dashboard"`)

	b.open(public + "/account/two-factor")
	b.press("Remove")
	b.until(`document.querySelector("main").textContent.includes("opens nothing any more")`)
	b.press("Sign out")
	b.heading("Sign in")
	b.press("Sign in with a passkey")
	b.until(`document.querySelector("[data-passkey=use] [role=alert]").textContent.includes("not known here")`)
}

func TestAPasskeyNeedsTwoFactorAuthenticationAndTheOwnersPassword(t *testing.T) {
	h, _ := newHouseOnLocalhost(t)
	h.found(ada)
	user, err := h.store.UserByEmail(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.accounts.OfferPasskey(t.Context(), user, goodWord, account.Origin{}); err == nil {
		t.Error("it is offered without two-factor authentication")
	}
	h.secure(ada)
	if _, err := h.accounts.OfferPasskey(t.Context(), user, "Wrong7 lantern", account.Origin{}); err == nil {
		t.Error("it is offered without the password")
	}
	asked, err := h.accounts.OfferPasskey(t.Context(), user, goodWord, account.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]string{"nonsense": "{}", "again": "{}"} {
		if err := h.accounts.AddPasskey(t.Context(), user, "x", asked.Token, []byte(answer), account.Origin{}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestPasskeysAreOfferedWhereBrowsersMakeThem(t *testing.T) {
	for public, want := range map[string]bool{
		"https://sign.example.com": true, "https://sign.example.com:8443/": true, "http://localhost:8080": true,
		"http://sign.example.com": false, "http://127.0.0.1:8080": false, "https://[::1]": false,
	} {
		if made, err := account.NewPasskeys("Chancery", public); err != nil || (made != nil) != want {
			t.Errorf("%s: %t, %v", public, made != nil, err)
		}
	}
	h := newHouse(t, func(c *web.Config) {})
	if _, page := h.ask("/sign-in"); strings.Contains(page, "data-passkey") {
		t.Error("the page offers what is not there")
	}
}
