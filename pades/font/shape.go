package font

import (
	"sync"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

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
