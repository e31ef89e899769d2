package web_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"chancery/envelope"
	"chancery/web"
)

// everyPage signs in to the dashboard and returns the address of one page of each kind.
func everyPage(s *scene, b *tab) map[string]string {
	s.answerAs(0, envelope.Sign)
	s.bounce(3)
	b.do(chromedp.Navigate(s.server.URL + "/dashboard/open/" + s.links.Mint(web.DashboardLink(s.team.ID, s.now.Add(time.Hour)))))
	b.until(`document.querySelector(".list")`)
	return map[string]string{
		"front": s.server.URL, "verify": s.server.URL + "/verify", "approve": s.link(1), "sign": s.link(3), "waiting": s.link(2), "signed": s.link(0), "nothing": s.server.URL + "/x",
		"list": s.server.URL + "/dashboard", "envelope": s.server.URL + "/dashboard/envelopes/" + s.e.ID,
		"text": s.link(1) + "/text/" + s.e.Documents[0].ID,
	}
}

// manyRoles has a signer, an approver, one who waits, and a second signer with the same fields.
func manyRoles(e *envelope.Envelope) {
	e.Title = "Framework agreement on the delivery of Donaudampfschifffahrtsgesellschaftskapitänsmützen 2026"
	second := e.Recipients[0]
	second.ID, second.Person = "rcp_second", envelope.Person{Name: "Eve Second", Email: "eve@example.com"}
	second.Place = second.ID
	e.Recipients[1].Step, e.Recipients[1].Role, e.Recipients[2].Role = 1, envelope.Approver, envelope.Signer
	e.Recipients = append(e.Recipients, second)
	e.Fields = e.Fields[:5]
	for _, f := range e.Fields {
		f.ID, f.Recipient = f.ID[:len(f.ID)-1]+"0", second.ID
		e.Fields = append(e.Fields, f)
	}
}

// Every page fits a telephone of 320 CSS pixels, the narrowest that WCAG 2.2
// (1.4.10, reflow) asks for.
func TestEveryPageFitsASmallTelephone(t *testing.T) {
	s := newScene(t, manyRoles)
	b := browser(t, desktop())
	for name, address := range everyPage(s, b) {
		b.do(desktop())
		b.open(address)
		b.shoot("page-" + name + "-wide")
		b.do(chromedp.EmulateViewport(320, 640, chromedp.EmulateScale(2), chromedp.EmulateMobile))
		b.open(address)
		b.shoot("page-" + name + "-small")
		if width := ask[float64](b, `document.documentElement.scrollWidth`); width > 320 {
			t.Errorf("%s is %g pixels wide", name, width)
		}
	}
}

// axe is the script of axe-core, which is fetched from npm once.
func axe(t testing.TB) string {
	t.Helper()
	command := exec.Command("../tools/npm-packages", "axe-core@4.13.0")
	command.Stderr = os.Stderr
	folder, err := command.Output()
	if err != nil {
		t.Fatal("install axe-core:", err)
	}
	rules, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(rules)
}

// The rules of axe-core are kept in light and in dark.
func TestEveryPageIsAccessible(t *testing.T) {
	rules := axe(t)
	s := newScene(t, manyRoles)
	b := browser(t, desktop())
	for name, address := range everyPage(s, b) {
		for _, scheme := range []string{"light", "dark"} {
			b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
				})
				return err
			}))
			b.open(address)
			b.shoot("page-" + name + "-" + scheme)
			ask[bool](b, rules+";true")
			ask[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
			b.accessible(name + ", " + scheme)
			if ask[bool](b, `!!document.getElementById("ink")?.showModal() || !!document.getElementById("ink")`) {
				b.accessible(name + " with its dialog, " + scheme)
			}
		}
	}
}

// accessible runs the rules on the page as it is.
func (b *tab) accessible(name string) {
	b.t.Helper()
	ask[bool](b, `window.found = "", axe.run().then(r => window.found = JSON.stringify(r.violations.map(v => v.help + ": " + v.nodes.map(n => n.html)))), true`)
	b.until(`window.found`)
	var found []string
	if err := json.Unmarshal([]byte(ask[string](b, `window.found`)), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("%s: %s", name, f)
	}
}
