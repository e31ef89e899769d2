package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is a Chromium of its own, in which one person sits.
type tab struct {
	t   *testing.T
	ctx context.Context
	hub string // address that paths are of
}

func browser(t *testing.T, hub string) *tab {
	t.Helper()
	need(t, "chromium")
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, hub: hub}
	b.do(chromedp.EmulateViewport(1280, 900))
	return b
}

// browserPatience is how long a step in the browser may take on a busy machine: the first
// picture of a page is drawn by code that is compiled then.
const browserPatience = 2 * time.Minute

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		ctx := b.ctx
		if chromedp.FromContext(ctx).Target != nil { // the first step starts the browser, which lives as long as its context
			limited, cancel := context.WithTimeout(ctx, browserPatience)
			defer cancel()
			ctx = limited
		}
		if err := chromedp.Do(ctx, step); err != nil {
			b.shoot("failed-" + b.t.Name())
			b.t.Fatalf("in the browser: %v", err)
		}
	}
}

func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.shoot("failed-" + b.t.Name())
		b.t.Fatalf("ask the browser for %s: %v", expression, err)
	}
	return value
}

// until waits for a JavaScript expression to become true, on this page or the next.
func (b *tab) until(expression string) {
	b.t.Helper()
	err := await(browserPatience, func() error {
		holds, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !holds {
			err = fmt.Errorf("it does not hold")
		}
		return err // while one page follows another the browser answers with an error
	})
	if err != nil {
		b.shoot("failed-" + b.t.Name())
		b.t.Fatalf("wait for %s: %v; the page says %.600s", expression, err, ask[string](b, `document.body.innerText`))
	}
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.hub + path))
	b.until(`document.readyState === "complete"`)
}

// fill enters words into places of the page, by name, as a person who types would.
func (b *tab) fill(places ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(places); i += 2 {
		place := chromedp.CSS("main [name=" + places[i] + "]")
		ask[bool](b, fmt.Sprintf(`document.querySelector("main [name=%s]").value = "", true`, places[i]))
		b.do(chromedp.SendKeys(place, places[i+1]))
	}
}

// press clicks the button that has these words, and waits for words on what follows.
func (b *tab) press(button, then string) {
	b.t.Helper()
	ask[bool](b, fmt.Sprintf(`[...document.querySelectorAll("button, summary, a")].find(e => e.innerText.includes(%q)).click(), true`, button))
	b.reads(then)
}

// reads waits until the page says these words.
func (b *tab) reads(words string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.body?.innerText.includes(%q)`, words))
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return ask[string](b, fmt.Sprintf(`document.querySelector(%q).textContent`, selector))
}

// shoot leaves a screenshot for people to look at, in $CHANCERY_ARTEFACTS if set.
func (b *tab) shoot(name string) {
	dir := os.Getenv("CHANCERY_ARTEFACTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "chancery-screens")
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Logf("screenshot %s: %v", name, err)
	}
}
