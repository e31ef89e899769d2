package web_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"chancery/envelope"
)

// drawWith moves the mouse over the pad along a few waves.
func (b *tab) drawWith(selector string) {
	b.t.Helper()
	box := ask[map[string]float64](b, `(r => ({x: r.x, y: r.y, w: r.width, h: r.height}))(document.querySelector("`+selector+`").getBoundingClientRect())`)
	at := func(i, n int) (float64, float64) {
		f := float64(i) / float64(n)
		return box["x"] + box["w"]*(.15+.7*f), box["y"] + box["h"]*(.5-.3*math.Sin(9*f)*(1-f/2))
	}
	for line := range 2 {
		x, y := at(0, 1)
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y+float64(9*line), chromedp.ButtonType(input.MouseButtonLeft), chromedp.ClickCount(1)))
		for i := 1; i <= 30; i++ {
			x, y = at(i, 30)
			b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y+float64(9*line), chromedp.ButtonType(input.MouseButtonLeft)))
		}
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x, y+float64(9*line), chromedp.ButtonType(input.MouseButtonLeft), chromedp.ClickCount(1)))
	}
}

// fieldOf is the selector of recipient 0's field of a kind.
func (s *scene) fieldOf(kind envelope.FieldKind) string {
	for _, f := range s.e.FieldsOf(s.e.Recipients[0]) {
		if f.Kind == kind {
			return `[data-field="` + f.ID + `"]`
		}
	}
	s.t.Fatalf("no field of kind %s", kind)
	return ""
}

func TestAPersonSignsByDrawingOnADesktop(t *testing.T) {
	s := newScene(t)
	b := browser(t, desktop())
	b.open(s.link(0))
	b.shoot("wide-1-open")
	next := chromedp.Click(chromedp.CSS("#next"))

	b.do(next)
	b.until(`document.activeElement.dataset.ink === "initials"`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.getElementById("ink").open`)
	b.do(chromedp.Sleep(300 * time.Millisecond))
	b.drawWith("#pad")
	b.shoot("wide-2-dialog")
	b.do(chromedp.Click(chromedp.CSS("#ink-use")))
	b.until(`!document.getElementById("ink").open && document.querySelector(".ink.filled svg")`)

	b.do(next)
	b.until(`document.activeElement.placeholder === "Place"`)
	b.keys("Brno")
	b.do(chromedp.Click(chromedp.CSS(s.fieldOf(envelope.CheckboxField))), chromedp.Click(chromedp.CSS(s.fieldOf(envelope.SignatureField))))
	b.until(`document.querySelectorAll(".ink.filled").length === 2`)
	b.do(chromedp.Sleep(600 * time.Millisecond))
	b.shoot("wide-3-filled")
	if said := ask[string](b, `document.getElementById("progress").textContent`); said != "5 of 6 done" {
		t.Errorf("the bar says %q", said)
	}
	b.do(next)
	b.until(`document.activeElement.id === "consent"`)
	b.keys(" ")
	b.until(`document.getElementById("progress").textContent === "All done"`)
	b.do(chromedp.Sleep(600 * time.Millisecond))
	b.shoot("wide-4-consent")
	b.do(next)
	b.until(`document.querySelector("h1").textContent === "You have signed"`)
	b.shoot("wide-5-signed")

	acts := s.did()
	last := acts[len(acts)-1]
	if last.Kind != envelope.Sign || len(last.Ink.Strokes) != 2 || len(last.Ink.Strokes[0]) < 10 || last.Ink.Aspect < 1 || last.Ink.Aspect > 8 {
		t.Fatalf("the desk got %+v", last)
	}
	if acts[0].Kind != envelope.View || len(acts) != 2 {
		t.Errorf("looking came as %+v", acts[0])
	}
}

func TestAPersonSignsByKeyboardAloneOnATelephone(t *testing.T) {
	s := newScene(t)
	b := browser(t, phone())
	b.open(s.link(0))
	b.shoot("phone-1-open")

	// Every stop of the Tab key, until everything has been filled.
	for range 40 {
		b.keys(kb.Tab)
		switch ask[string](b, `(e => e.id === "next" ? "next" : e.dataset.ink || e.type || "")(document.activeElement)`) {
		case "initials":
			b.keys(kb.Enter)
			b.until(`document.getElementById("ink").open`)
			b.until(`document.activeElement.name === "way"`)
			b.keys(kb.ArrowRight)
			b.until(`!document.querySelector("[data-way=type]").hidden`)
			b.keys(kb.Tab)
			b.until(`document.activeElement.id === "typed"`)
			b.shoot("phone-2-dialog")
			b.keys(kb.Enter)
			b.until(`!document.getElementById("ink").open && document.activeElement.dataset.ink === "initials"`)
		case "signature":
			b.keys(kb.Enter)
		case "text":
			b.keys("Brno")
			b.do(chromedp.Sleep(500 * time.Millisecond))
			b.shoot("phone-3-text")
		case "checkbox":
			b.keys(" ")
		}
		if ask[string](b, `document.getElementById("progress").textContent`) == "All done" {
			break
		}
	}
	b.do(chromedp.Sleep(500 * time.Millisecond))
	b.shoot("phone-4-done")
	b.until(`document.getElementById("progress").textContent === "All done"`)
	b.keys(kb.Tab)
	b.until(`document.activeElement.id === "done"`)
	b.keys(kb.Enter)
	b.until(`document.querySelector("h1").textContent === "You have signed"`)
	b.shoot("phone-5-signed")
	acts := s.did()
	if last := acts[len(acts)-1]; last.Kind != envelope.Sign || last.Ink.Typed != "Ann Client" {
		t.Fatalf("the desk got %+v", last)
	}
}

func TestAPersonWithoutAnyFieldSignsWithAPicture(t *testing.T) {
	s := newScene(t, func(e *envelope.Envelope) { e.Fields = e.Fields[5:] })
	photo := image.NewGray(image.Rect(0, 0, 3000, 1500)) // larger than the page sends
	photo.Set(5, 5, color.White)
	file := filepath.Join(t.TempDir(), "signature.png")
	var out bytes.Buffer
	if err := errors.Join(png.Encode(&out, photo), os.WriteFile(file, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	b := browser(t, phone())
	b.open(s.link(0))
	b.do(chromedp.Click(chromedp.CSS("#next")))
	b.until(`document.activeElement.classList.contains("loose")`)
	b.keys(kb.Enter)
	b.until(`document.getElementById("ink").open`)
	b.do(chromedp.Click(chromedp.CSS("[value=upload]")), chromedp.SetUploadFiles(chromedp.CSS("#upload"), []string{file}))
	b.until(`!document.getElementById("shown").hidden`)
	b.shoot("phone-upload")
	b.do(chromedp.Click(chromedp.CSS("#ink-use")))
	b.until(`document.querySelector(".loose.filled img")`)
	b.do(chromedp.Click(chromedp.CSS("#consent")), chromedp.Click(chromedp.CSS("#done")))
	b.until(`document.querySelector("h1").textContent === "You have signed"`)
	sent, _, err := image.DecodeConfig(bytes.NewReader(s.pictures[0]))
	if err != nil || sent.Width != 1200 || sent.Height != 600 {
		t.Errorf("the page sent a picture of %d × %d, %v", sent.Width, sent.Height, err)
	}
}

func TestTheServerSaysWhichFieldIsWrong(t *testing.T) {
	s := newScene(t, func(e *envelope.Envelope) { e.Fields = append(e.Fields[:1:1], e.Fields[3:]...) })
	b := browser(t, desktop())
	b.open(s.link(0))
	b.do(chromedp.Click(chromedp.CSS(s.fieldOf(envelope.SignatureField))))
	b.until(`document.getElementById("ink").open`)
	b.do(chromedp.Click(chromedp.CSS("[value=type]")), chromedp.Click(chromedp.CSS("#ink-use")))
	b.until(`document.querySelector(".ink.filled")`)
	b.do(chromedp.Click(chromedp.CSS(s.fieldOf(envelope.InitialsField))), chromedp.Click(chromedp.CSS("#consent")))
	ask[bool](b, `f = document.querySelector('`+s.fieldOf(envelope.TextField)+`'), f.value = "a\u202eb", f.dispatchEvent(new Event("input")), true`)
	b.do(chromedp.Click(chromedp.CSS("#done")))
	b.until(`document.getElementById("trouble").textContent`)
	b.until(`document.activeElement.ariaInvalid === "true" && document.getElementById("progress").textContent.includes("not allowed")`)
	b.shoot("wide-refused")
	if last := s.did()[len(s.did())-1]; last.Kind == envelope.Sign {
		t.Errorf("the desk took %+v", last)
	}
}

func TestAMailScannerLeavesNoTrace(t *testing.T) {
	s := newScene(t)
	s.get(s.link(0))
	s.ask(http.MethodHead, s.link(0), "", "")
	b := browser(t, desktop())
	b.open(s.link(0))
	// What scripts of a scanner can do: scroll, and send events nobody made.
	ask[bool](b, `scrollTo(0, 500), document.body.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true})), document.querySelector("#next").click(), true`)
	b.do(chromedp.Sleep(time.Second))
	if acts := s.did(); len(acts) != 0 {
		t.Fatalf("the desk got %+v", acts)
	}
	b.keys(kb.Tab)
	for deadline := time.Now().Add(patience); len(s.did()) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if acts := s.did(); len(acts) != 1 || acts[0].Kind != envelope.View {
		t.Fatalf("after a person's key the desk got %+v", acts)
	}
	b.open(s.link(0))
	b.keys(kb.Tab)
	b.do(chromedp.Sleep(500 * time.Millisecond))
	if acts := s.did(); len(acts) != 1 {
		t.Fatalf("looking again came as %+v", acts)
	}
}

func TestTheTextOfAPageIsThereToBeReadAndSelected(t *testing.T) {
	s := newScene(t)
	b := browser(t, desktop())
	b.open(s.link(0))
	text := ask[string](b, `(() => { getSelection().selectAllChildren(document.querySelector(".lines")); return getSelection().toString() })()`)
	if !strings.Contains(text, "Services agreement") || !strings.Contains(text, "with due care and skill") {
		t.Fatalf("selected: %q", text)
	}
	// A line lies over its picture: as wide as the print, to a few pixels.
	width := ask[float64](b, `[...document.querySelectorAll(".lines text")].find(t => t.textContent.startsWith("This agreement")).getBoundingClientRect().width`)
	if width < 600 || width > 640 {
		t.Errorf("the line is %f pixels wide", width)
	}
	if moved := ask[float64](b, `performance.getEntriesByType("layout-shift").reduce((sum, e) => sum + e.value, 0)`); moved > 0.01 {
		t.Errorf("the page jumped by %f", moved)
	}
}
