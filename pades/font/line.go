package font

import (
	"iter"
	"slices"
	"sync"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
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

// setter holds what shaping keeps from one text to the next.
type setter struct {
	segmenter shaping.Segmenter
	shaper    shaping.HarfbuzzShaper
	bidi      bidi.Paragraph
	faces     map[*face]*gotext.Face // large, and only for one to use at a time
}

func (t *setter) face(f *face) *gotext.Face {
	if t.faces[f] == nil {
		t.faces[f] = gotext.NewFace(f.font)
	}
	return t.faces[f]
}

var setters = sync.Pool{New: func() any { return &setter{faces: map[*face]*gotext.Face{}} }}

// chooserFor a text, or nil when the style's own face has all of it.
func (s Style) chooserFor(text []rune) *chooser {
	if plain(text, s.own()) {
		return nil
	}
	return choose(s, text)
}

func (s Style) line(text []rune, rtl bool, c *chooser) Line {
	if len(text) == 0 {
		return Line{rtl: rtl}
	}
	t := setters.Get().(*setter)
	defer setters.Put(t)
	if f := s.own(); c == nil {
		l := Line{text: text}
		l.add(t, shaping.Input{
			Text: text, RunEnd: len(text), Face: t.face(f),
			Direction: di.DirectionLTR, Script: firstScript(text), Language: "en",
		}, f, 0)
		return l.placed()
	}
	l := Line{rtl: rtl}
	l.text, l.stood = c.replaced(text)
	whole := shaping.Input{Text: l.text, RunEnd: len(l.text), Direction: di.DirectionLTR, Language: "en"}
	level := t.levels(l.text, rtl)
	if rtl {
		whole.Direction = di.DirectionRTL
	}
	c.setter = t
	for _, in := range t.segmenter.Split(whole, c) {
		l.add(t, in, c.byFont[in.Face.Font], level(in.RunStart))
	}
	reorder(l.runs)
	return l.placed()
}

// plain tells whether text runs from left to right in letters that do not change
// with their neighbours, all of which f has.
func plain(text []rune, f *face) bool {
	for _, r := range text {
		simple := r < 0x0300 || r >= 0x0370 && r < 0x0530 || r >= 0x1E00 && r < 0x2000 || r > 0x2010 && r < 0x2028 || r == '€' || r == square
		if !simple || !f.has(r) {
			return false
		}
	}
	return true
}

func firstScript(text []rune) language.Script {
	for _, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			return s
		}
	}
	return language.Latin
}

// rightToLeft tells the direction of a paragraph by its first letter that has one
// (Unicode Annex 9, P2).
func rightToLeft(text []rune) bool {
	for _, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			return leftward[s]
		}
	}
	return false
}

// leftward are the living scripts that are written from right to left.
var leftward = map[language.Script]bool{
	language.Arabic: true, language.Hebrew: true, language.Syriac: true, language.Thaana: true, language.Nko: true,
	language.Adlam: true, language.Hanifi_Rohingya: true, language.Samaritan: true, language.Mandaic: true,
}

// levels are the embedding levels of Unicode's bidirectional algorithm. The answer
// is to be asked for places that only rise.
func (t *setter) levels(text []rune, rtl bool) func(int) bidi.Level {
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	runs, next := t.bidi.Segment(text, base), 0
	return func(at int) bidi.Level {
		for next < runs.NumRuns() && at >= runs.Run(next).End {
			next++
		}
		if next == runs.NumRuns() {
			return 0
		}
		return runs.Run(next).Level
	}
}

// reorder turns runs from the order of reading to that of the eye: from the
// highest level down, whatever is at least that high is reversed (Annex 9, L2).
func reorder(runs []run) {
	highest := bidi.Level(0)
	for _, r := range runs {
		highest = max(highest, r.level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && runs[j].level >= level {
				j++
			}
			slices.Reverse(runs[i:j])
			i = max(i, j-1)
		}
	}
}

// add shapes a run; its glyphs count from the run's start until placed.
func (l *Line) add(t *setter, in shaping.Input, f *face, level bidi.Level) {
	upem := int(f.font.Upem())
	in.Size = fixed.I(upem)
	out := t.shaper.ShapeNoExtents(in)
	em := float64(upem) * 64
	r := run{face: f, level: level, glyphs: make([]glyph, len(out.Glyphs))}
	for i, g := range out.Glyphs {
		r.glyphs[i] = glyph{
			id: g.GlyphID, x: float64(g.XOffset) / em, y: float64(g.YOffset) / em, advance: float64(g.Advance) / em,
			from: g.TextIndex(), to: min(g.TextIndex()+g.RunesCount(), in.RunEnd),
		}
	}
	for part := range r.clusters() {
		l.read(r, part)
	}
	l.runs = append(l.runs, r)
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

// read shares the text of a cluster out among its glyphs: to each a letter where
// they stand in the same order, and else all to the first.
func (l *Line) read(r run, cluster []glyph) {
	from, to := cluster[0].from, cluster[0].to
	if len(cluster) != to-from || len(cluster) > 1 && !inOrder(r, cluster, l.text[from:to]) {
		cluster[0].reads = l.original(from, to)
		return
	}
	for i := range cluster {
		at := from + i
		if r.level%2 == 1 {
			at = to - 1 - i
		}
		cluster[i].reads = l.original(at, at+1)
	}
}

// inOrder tells whether glyphs stand in the order of their letters. A glyph that is
// no letter's usual one is a letter's other form and says nothing.
func inOrder(r run, cluster []glyph, text []rune) bool {
	for i, g := range cluster {
		at := i
		if r.level%2 == 1 {
			at = len(text) - 1 - i
		}
		for k, letter := range text {
			if nominal, ok := r.face.font.NominalGlyph(letter); ok && nominal == g.id && k != at && letter != text[at] {
				return false
			}
		}
	}
	return true
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
