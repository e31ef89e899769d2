package font_test

import (
	"math"
	"strings"
	"testing"

	"chancery/pades/font"
)

func TestTextIsDrawnInTheSimplestWayThatShowsIt(t *testing.T) {
	for name, tt := range map[string]struct {
		text   string
		covers bool
		holds  string // what the content stream must contain
	}{
		"Western European is set in a font":       {"Zoë (Æ) – 5 €", true, " Tj"},
		"Polish is drawn as outlines":             {"Łódź", true, " c\n"},
		"Greek is drawn as outlines":              {"Ελένη", true, " c\n"},
		"Cyrillic is drawn as outlines":           {"Ольга", true, " c\n"},
		"a letter with its accent apart is whole": {"Zoe\u0308", true, "<5a6feb>"},
		"Japanese becomes boxes":                  {"山田", false, " re S"},
		"an emoji becomes a box":                  {"Ann 🙂", false, " re S"},
	} {
		drawn := string(font.Regular.Draw(nil, tt.text, 12, 0, 0))
		if font.Covers(tt.text) != tt.covers {
			t.Errorf("%s: covers is %t", name, !tt.covers)
		}
		if !strings.Contains(drawn, tt.holds) {
			t.Errorf("%s: %q", name, drawn)
		}
	}
}

func TestWidthsAreThoseOfTheStandardFonts(t *testing.T) {
	for style, want := range map[font.Style]float64{font.Regular: 22.78, font.Bold: 24.45, font.Script: 22.22} {
		if got := style.Width("Hello", 10); math.Abs(got-want) > 0.01 {
			t.Errorf("style %d: %.2f, want %.2f", style, got, want)
		}
	}
}

func TestWrappedLinesFitAndLoseNothing(t *testing.T) {
	for _, text := range []string{
		"", "one", strings.Repeat("word ", 50), strings.Repeat("x", 500), "a " + strings.Repeat("Ж", 90) + " b", "first\nsecond\n\nfourth",
	} {
		const room = 100
		lines := font.Regular.Wrap(text, 10, room)
		for _, line := range lines {
			if font.Regular.Width(line, 10) > room+0.01 {
				t.Errorf("%q is wider than its room", line)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Errorf("%q became %q", text, lines)
		}
	}
}

func TestFitShrinksToTheRoomAndNoFurther(t *testing.T) {
	if got := font.Regular.Fit("Hi", 1000, 3, 12); got != 12 {
		t.Errorf("a short line has size %f", got)
	}
	size := font.Regular.Fit(strings.Repeat("long ", 8), 100, 3, 12)
	if w := font.Regular.Width(strings.Repeat("long ", 8), size); size <= 3 || w > 100.01 {
		t.Errorf("size %f is %f wide", size, w)
	}
	if got := font.Regular.Fit(strings.Repeat("long ", 2000), 100, 3, 12); got != 3 {
		t.Errorf("an endless line has size %f", got)
	}
}
