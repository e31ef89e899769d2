package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"chancery/account"
	"chancery/id"
	"chancery/postgres"
	"chancery/team"
	"chancery/webhooks"
)

// state is a page in one of its states, as one user sees it.
type state struct {
	name string
	who  account.User
	path string
	then string // done on it: the selector of a button that is pressed
}

// furnished is a house in which everything has happened that the pages show, and
// every page of it in each of its states.
func furnished(t *testing.T) (*house, []state) {
	h := newHouse(t)
	h.found(ada)
	head, sandbox := h.head()
	fresh := h.member(sandbox, "Fred Fresh", team.OwnCreate)
	waiting := h.member(sandbox, "Wanda Waits", team.TeamRead)
	rejected := h.member(sandbox, "Rex Rejected", team.TeamSend)
	rita := h.operator()
	h.must(h.store.SetMember(t.Context(), team.Member{Team: h.founded(rita).ID, User: rita.ID, Level: team.Administrator}))
	applied := map[string]team.Application{}
	for _, u := range []account.User{waiting, rejected, head} {
		a := team.Application{ID: id.New(id.Application), Organisation: u.Organisation, User: u.ID, CreatedAt: h.clock(), Form: team.ApplicationForm{
			Company: "Donaudampfschifffahrtsgesellschaft " + u.Name, Address: "1 Mill Lane\nLondon", Name: u.Name, Role: "Engineer",
			UseCases: strings.Repeat("Leases of boats. ", 20), Experience: "None"}}
		h.must(h.store.Apply(t.Context(), a))
		applied[u.ID] = a
	}
	_, err := h.decide(t.Context(), applied[rejected.ID].ID, team.Rejected, "Which company is that?")
	h.must(err)
	_, err = h.decide(t.Context(), applied[head.ID].ID, team.Approved, "")
	h.must(err)

	trial := h.member(newStranger(h), "Tina Trial", team.Administrator)
	states := []state{{"teams-trial", trial, "/dashboard/teams", ""}, {"usage-trial", trial, "/dashboard/usage", ""}, {"api-trial", trial, "/dashboard/api", ""}}
	h.subscribe(sandbox.Organisation, 4)
	h.secure(ada)
	sales := h.below(sandbox, "Sales of the Donaudampfschifffahrtsgesellschaft")
	field := h.below(sales, "Field")
	h.must(h.store.SetMember(t.Context(), team.Member{Team: sales.ID, User: rejected.ID, Level: team.Administrator}))
	h.must(h.store.CreateKey(t.Context(), team.Key{ID: id.New(id.Key), Team: sandbox.ID, User: head.ID, Name: "Order system", Scopes: []team.Scope{team.ScopeSend, team.ScopeRead}, ExpiresAt: h.clock().Add(time.Hour)}, team.HashKey("a")))
	gone := id.New(id.Key)
	h.must(h.store.CreateKey(t.Context(), team.Key{ID: gone, Team: sandbox.ID, Name: "Till"}, team.HashKey("b")))
	h.must(h.store.RevokeKey(t.Context(), sandbox.ID, gone))
	e, real := h.sent(sandbox, head.ID), h.sent(field, head.ID)
	for range 2 {
		h.sent(sales, head.ID)
	}
	secret, err := webhooks.NewSecret(strings.NewReader(strings.Repeat("s", 32)))
	h.must(err)
	hook := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://hooks.example.com/a/very/long/address/of/an/endpoint/that/nobody/can/read?token=0123456789", Tags: []string{"only <for> us & you", longTag}, Secrets: []postgres.Secret{{Value: secret.Reveal()}}}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, hook))
	told := h.sent(sandbox, head.ID)
	h.answered(sandbox.ID, hook, "Internal Server Error: "+strings.Repeat("x", 300))
	off := postgres.Endpoint{ID: id.New(id.Endpoint), URL: "https://hooks.example.com/off", Types: []string{"envelope.sent"}, Children: true, Secrets: hook.Secrets}
	h.must(h.store.CreateEndpoint(t.Context(), sandbox.ID, off))
	h.must(h.store.DisableEndpoint(t.Context(), sandbox.ID, off.ID, postgres.WhyFailing))
	var calls []postgres.Request
	for i := range 60 {
		c := postgres.Request{ID: id.New(id.Request), Team: sandbox.ID, Key: gone, At: h.clock(), Method: "POST", Route: "/v1/webhook-endpoints/{id}/rotate-secret", Status: 200, Took: 12 * time.Millisecond}
		if i%7 == 0 {
			c.Status, c.Problem = 422, "sandbox_recipient_not_preset"
		}
		calls = append(calls, c)
	}
	h.must(h.store.KeepRequests(t.Context(), calls))
	states = append(states, h.connectStates(sales, head, sandbox)...)
	at := "/dashboard/teams/" + sandbox.ID
	return h, append(states,
		state{"teams", head, "/dashboard/teams", ""}, state{"teams-refused", head, "/dashboard/teams", `form[action="/dashboard/teams"] button`},
		state{"team-sandbox", head, at, ""}, state{"team-production", head, "/dashboard/teams/" + sales.ID, ""}, state{"team-saved", head, at, `form[action$="/description"] button`},
		state{"team-read", fresh, at, ""}, state{"team-overseen", waiting, "/dashboard/teams/" + field.ID, ""},
		state{"list-below", waiting, "/dashboard?of=children", ""}, state{"list-tag", head, "/dashboard?tag=" + url.QueryEscape(longTag), ""}, state{"list-tag-none", head, "/dashboard?tag=" + strings.Repeat("x", 50), ""}, state{"envelope-below", waiting, "/dashboard/envelopes/" + real.ID, ""}, state{"envelope-own", head, "/dashboard/envelopes/" + e.ID, ""},
		state{"activity", head, "/dashboard/activity?of=children", ""}, state{"activity-none", rita, "/dashboard/activity", ""},
		state{"usage", head, "/dashboard/usage", ""}, state{"usage-before", head, "/dashboard/usage?month=2026-01", ""},
		state{"api", head, "/dashboard/api", ""}, state{"api-fresh", fresh, "/dashboard/api", ""}, state{"api-rejected", rejected, "/dashboard/api", ""},
		state{"access", fresh, "/dashboard/api/access", ""}, state{"access-waits", waiting, "/dashboard/api/access", ""}, state{"access-rejected", rejected, "/dashboard/api/access", ""}, state{"access-granted", head, "/dashboard/api/access", ""},
		state{"keys", head, "/dashboard/api/keys", ""}, state{"keys-none", fresh, "/dashboard/api/keys", ""},
		state{"config-lacks", fresh, "/dashboard/api/config", ""}, state{"config", head, "/dashboard/api/config", ""}, state{"config-made", head, "/dashboard/api/config", `form[action$="/config"] button`},
		state{"log", head, "/dashboard/api/log", ""}, state{"log-none", head, "/dashboard/api/log?text=nothing", ""},
		state{"hooks", head, "/dashboard/api/webhooks", ""}, state{"hook", head, "/dashboard/api/webhooks/" + hook.ID, ""}, state{"hook-delivery", head, "/dashboard/api/webhooks/" + hook.ID + "/deliveries/evt_" + strings.TrimPrefix(told.ID, "env_") + "_1." + hook.ID, ""}, state{"hook-off", head, "/dashboard/api/webhooks/" + off.ID, ""}, state{"hook-secret", head, "/dashboard/api/webhooks/" + off.ID, `form[action$="/rotate"] button`},
		state{"operator", rita, "/operator", ""}, state{"operator-application", rita, "/operator/applications/" + applied[waiting.ID].ID, ""}, state{"operator-refused", rita, "/operator/applications/" + applied[waiting.ID].ID, `button.danger`},
		state{"operator-decided", rita, "/operator/applications/" + applied[rejected.ID].ID, ""}, state{"operator-subscriptions", rita, "/operator/subscriptions", ""},
	)
}

// founded is a sandbox for the organisation of a user who has none.
func (h *house) founded(u account.User) team.Team {
	h.t.Helper()
	made := team.Team{ID: id.New(id.Team), Organisation: u.Organisation, Name: "Trial", Kind: team.Sandbox}
	h.must(h.store.CreateTeam(h.t.Context(), made))
	return made
}

// visit opens the page in that state: required places are filled with a word first.
func (b *tab) visit(h *house, s state) {
	b.t.Helper()
	b.open(h.server.URL + "/verify") // a page that needs nobody, on which the cookie is set
	ask[string](b, fmt.Sprintf(`document.cookie = "chancery=%s; path=/"`, h.session(s.who)))
	b.open(h.server.URL + s.path)
	if s.then != "" {
		ask[bool](b, `document.querySelectorAll("input[name=name][required]").forEach(i => { if (!i.value) i.value = "Some name" }), true`)
		ask[bool](b, `document.querySelectorAll("input[name=record]").forEach(i => { i.value = "1" }), true`)
		ask[bool](b, fmt.Sprintf(`document.querySelector(%q).click(), true`, s.then))
		b.until(`document.querySelector("[role=status], [role=alert]") && document.readyState === "complete"`)
	}
	if title := ask[string](b, `document.title`); strings.Contains(title, "nothing here") || strings.Contains(title, "went wrong") || strings.Contains(title, "not possible") {
		b.t.Errorf("%s shows %q", s.name, title)
	}
}

func TestEveryPageOfTheDashboardFitsATelephone(t *testing.T) {
	h, states := furnished(t)
	b := browser(t, desktop())
	for _, s := range states {
		b.do(desktop())
		b.visit(h, s)
		b.whole("dash-" + s.name + "-1280")
		b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
		b.whole("dash-" + s.name + "-360")
		if width := ask[float64](b, `document.documentElement.scrollWidth`); width > 360 {
			t.Errorf("%s is %g pixels wide: %s", s.name, width, ask[string](b, `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 361 && !e.closest(".scroll, pre")).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join(" | ")`))
		}
	}
}

// whole leaves a screenshot of the page from its top to its end.
func (b *tab) whole(name string) {
	b.t.Helper()
	height := ask[float64](b, `document.documentElement.scrollHeight`)
	width := ask[float64](b, `innerWidth`)
	b.do(chromedp.EmulateViewport(int64(width), min(int64(height), 4000)))
	b.shoot(name)
}

func TestEveryPageOfTheDashboardIsAccessible(t *testing.T) {
	rules := axe(t)
	h, states := furnished(t)
	b := browser(t, desktop())
	for _, s := range states {
		b.visit(h, s)
		ask[bool](b, rules+";true")
		for _, scheme := range []string{"light", "dark"} {
			b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				return err
			}))
			ask[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
			b.accessible(s.name + ", " + scheme)
		}
	}
	t.Logf("%d states of pages, each in light and in dark", len(states))
}

// Every control can be reached by the keyboard alone, in the order of the page, and
// shows that it has the focus.
func TestEveryControlOfTheDashboardIsReachedByKeyboard(t *testing.T) {
	h, states := furnished(t)
	b := browser(t, desktop())
	for _, s := range states {
		b.visit(h, s)
		want := ask[int](b, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter(e => e.checkVisibility() && !e.disabled).length`)
		ask[bool](b, `window.seen = new Set(), window.bare = [], document.addEventListener("focusin", e => { seen.add(e.target); if (getComputedStyle(e.target).outlineStyle === "none" && !e.target.matches(":not(:focus-visible)")) bare.push(e.target.outerHTML.slice(0, 80)) }), document.activeElement?.blur(), true`)
		for range want + 12 { // a time has several parts that the key walks through
			b.keys("\t")
		}
		if got := ask[int](b, `seen.size`); got < want {
			t.Errorf("%s: %d of %d controls are reached; not: %s", s.name, got, want, ask[string](b, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => e.checkVisibility() && !seen.has(e)).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join(" | ")`))
		}
		if bare := ask[string](b, `bare.join(" | ")`); bare != "" {
			t.Errorf("%s: nobody sees the focus on %s", s.name, bare)
		}
	}
}
