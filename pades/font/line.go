package font

import (
	"iter"

	"github.com/go-text/typesetting/bidi"
	gotext "github.com/go-text/typesetting/font"
)

// Line is one line of text, shaped. Its measures are in units of the font size.
type Line struct {
	text  []rune         // as it is set
	stood map[int]string // what stood where there are squares now
	runs  []run          // from left to right
	width float64
	rtl   bool
}

// run is a part of a line in one face and direction, its glyphs from left to right.
type run struct {
	face   *face
	glyphs []glyph
	level  bidi.Level
}

type glyph struct {
	id            gotext.GID
	x, y, advance float64 // x counts from the line's start
	from, to      int     // the runes that this glyph and its neighbours stand for
	reads         string  // what this glyph alone stands for; empty if a neighbour tells
}

// Line shapes text as one line.
func (s Style) Line(text string) Line {
	runes := []rune(clean(text))
	return s.line(runes, rightToLeft(runes), s.chooserFor(runes))
}

// Width is how wide the line is at size points.
func (l Line) Width(size float64) float64 { return l.width * size }

// RightToLeft tells whether the line starts at the right.
func (l Line) RightToLeft() bool { return l.rtl }

// Text is what the line says.
func (l Line) Text() string { return l.original(0, len(l.text)) }

// Fit is the largest size, at most most and at least least, at which the line is
// no wider than room points.
func (l Line) Fit(room, least, most float64) float64 {
	if l.width == 0 {
		return most
	}
	return min(most, max(least, room/l.width))
}

// original is the text of a part, with what stood where squares are.
func (l Line) original(from, to int) string {
	if len(l.stood) == 0 {
		return string(l.text[from:to])
	}
	out := ""
	for i := from; i < to; i++ {
		if stood, ok := l.stood[i]; ok {
			out += stood
		} else {
			out += string(l.text[i])
		}
	}
	return out
}

// clusters are the glyphs that belong together.
func (r run) clusters() iter.Seq[[]glyph] {
	return func(yield func([]glyph) bool) {
		for rest := r.glyphs; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].from == rest[0].from {
				n++
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// placed gives every glyph its place in the line.
func (l Line) placed() Line {
	for _, r := range l.runs {
		for i := range r.glyphs {
			r.glyphs[i].x += l.width
			l.width += r.glyphs[i].advance
		}
	}
	return l
}

// Reach is how far the faces of the line go above and below the baseline.
func (l Line) Reach() (above, below float64) {
	above, below = 0.7, 0.2
	for _, r := range l.runs {
		above, below = max(above, r.face.facts.ascent/1000), max(below, -r.face.facts.descent/1000)
	}
	return above, below
}
