package font_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"chancery/pades/font"
)

const hair = 0.01 // points

// letters that people write with, and some that make trouble.
var letters = rapid.RuneFrom([]rune("aZ ëžĐ ß ﬁ Жя Ω ễ\u0301 محمدن ﷺ דכהן\u05b8 प्रियशर्मि สมชายใจดี่ 山田太郎、。한국 🙂\U0001F468\u200D\u202e\u0000\n\t-/12,.()€"))

func TestWrappedLinesFitAndLoseNothing(t *testing.T) {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(letters, 0, 80, -1).Draw(t, "text")
		size := rapid.Float64Range(3, 20).Draw(t, "size")
		room := rapid.Float64Range(size*3, 400).Draw(t, "room")
		said := ""
		for _, line := range font.Regular.Block(text).Wrap(size, room) {
			said += line.Text()
			if line.Width(size) > room+hair {
				t.Errorf("%q is %f wide in %f", line.Text(), line.Width(size), room)
			}
		}
		if want := font.Regular.Line(strings.ReplaceAll(text, "\n", " ")).Text(); squeeze(said) != squeeze(want) {
			t.Errorf("%q became %q", want, said)
		}
	})
}

func TestLineEndsAreKeptAndWordsAreNotCutWithoutNeed(t *testing.T) {
	var got []string
	for _, line := range font.Regular.Block("first\r\nsecond third fourth\n\nfifth").Wrap(10, 75) {
		got = append(got, line.Text())
	}
	if strings.Join(got, "|") != "first|second third|fourth||fifth" {
		t.Errorf("%q", got)
	}
}

func TestScriptsWithoutSpacesAreBrokenBetweenLetters(t *testing.T) {
	for _, text := range []string{"吾輩は猫である。名前はまだ無い。どこで生れたか", "ประเทศไทยมีชื่ออย่างเป็นทางการว่าราชอาณาจักรไทย"} {
		first, _ := utf8.DecodeRuneInString(text)
		needShelf(t, string(first))
		lines := font.Regular.Block(text).Wrap(10, 60)
		if len(lines) < 3 {
			t.Errorf("%d lines", len(lines))
		}
		for _, line := range lines {
			if start, _ := utf8.DecodeRuneInString(line.Text()); strings.ContainsRune("。、ีื่", start) {
				t.Errorf("a line starts with %q", line.Text())
			}
		}
	}
}

func TestFitShrinksToTheRoomAndNoFurther(t *testing.T) {
	for _, text := range []string{"Hi", strings.Repeat("long ", 8), strings.Repeat("long ", 2000), ""} {
		line := font.Regular.Line(text)
		size := line.Fit(100, 3, 12)
		if size < 3 || size > 12 || size > 3 && line.Width(size) > 100+hair || size < 12 && line.Width(size) < 100-hair {
			t.Errorf("%.10q has size %f and is %f wide", text, size, line.Width(size))
		}
	}
}

func TestABlockFitsIntoItsBox(t *testing.T) {
	for _, text := range []string{"Hi", strings.Repeat("long ", 80), strings.Repeat("x", 300), strings.Repeat("山田太郎", 60)} {
		size, lines := font.Regular.Block(text).Fit(150, 60, 3, 11, 1.2)
		if size > 3 && float64(len(lines))*size*1.2 > 60+hair {
			t.Errorf("%.10q: %d lines of size %f", text, len(lines), size)
		}
	}
}

func FuzzDraw(f *testing.F) {
	for name := range names {
		f.Add(name, 12.0)
	}
	f.Add("a\u0300\u0301\u0302\u0303\u200d\ufe0f\U000e0061", 1e9)
	f.Fuzz(func(t *testing.T, text string, room float64) {
		if len(text) > 2000 {
			return
		}
		lines := font.Regular.Block(text).Wrap(10, room)
		lines = append(lines, font.Flowing.Line(text), font.Pen.Line(text))
		if file := page(lines...); len(file) > 2<<20+2000*len(text) {
			t.Errorf("%d bytes of text became %d", len(text), len(file))
		}
	})
}
