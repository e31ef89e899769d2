package web_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab of a Chromium of its own; what goes wrong in it ends the test.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// browser starts a Chromium, or skips the test where there is none.
func browser(t *testing.T, size chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	const program = "/usr/bin/chromium"
	if _, err := os.Stat(program); err != nil {
		t.Skip("no Chromium at " + program)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("force-prefers-reduced-motion", true), // or a click lands where its place was before the page glided on
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.do(size)
	return b
}

func desktop() chromedp.Action[chromedp.Void] { return chromedp.EmulateViewport(1280, 900) }

func phone() chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch)
}

// patience is how long a step in the browser may take on a busy machine.
const patience = 30 * time.Second

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, step := range steps {
		ctx := b.ctx
		if chromedp.FromContext(ctx).Target != nil { // the first step starts the browser, which lives as long as its context
			limited, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			ctx = limited
		}
		if err := chromedp.Do(ctx, step); err != nil {
			b.shoot("failed-" + b.t.Name())
			b.t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

// until waits for a JavaScript expression to become true, on this page or the next.
func (b *tab) until(expression string) {
	b.t.Helper()
	var holds bool
	var err error
	for deadline := time.Now().Add(patience); !holds && time.Now().Before(deadline); {
		// While one page follows another the browser answers with an error.
		holds, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		time.Sleep(20 * time.Millisecond)
	}
	if !holds {
		b.shoot("failed-" + b.t.Name())
		b.t.Fatalf("wait for %s: %v", expression, err)
	}
}

func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("ask for %s: %v", expression, err)
	}
	return value
}

// open goes to a page and waits until its pictures and texts are there.
func (b *tab) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	b.until(`document.readyState === "complete" && document.querySelectorAll(".lines").length === document.querySelectorAll(".paper").length`)
}

// keys presses keys, whatever has the focus.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
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
