package font

import (
	"math"
	"slices"
	"strings"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
)

// chooser picks a face for every letter of a text. Letters of one script share a
// face wherever one has them all: a name must not change its looks at an accent.
type chooser struct {
	style  Style
	faces  map[language.Script]*face
	byFont map[*gotext.Font]*face
	setter *setter        // who asks
	rest   map[rune]*face // of characters that the face of their script lacks; nil for none
	script language.Script
}

func choose(style Style, text []rune) *chooser {
	c := &chooser{
		style: style, faces: map[language.Script]*face{}, byFont: map[*gotext.Font]*face{}, rest: map[rune]*face{},
	}
	needed := map[language.Script][]rune{}
	script := language.Common
	for _, r := range text {
		if s := language.LookupScript(r); s != language.Inherited {
			script = s
		}
		if script != language.Common && !ignorable(r) {
			needed[script] = append(needed[script], r)
		}
	}
	for script, runes := range needed {
		slices.Sort(runes)
		c.faces[script] = c.covering(slices.Compact(runes), region(text))
	}
	return c
}

// covering is the best face that has all of runes, or else the one with the first.
func (c *chooser) covering(runes []rune, region string) *face {
	own := c.style.preferred()
	for _, f := range own {
		if !slices.ContainsFunc(runes, func(r rune) bool { return !f.has(r) }) {
			return f
		}
	}
	all := func(s *spine) bool { return !slices.ContainsFunc(runes, func(r rune) bool { return !s.has(r) }) }
	if f := c.style.offShelf(all, region); f != nil {
		return f
	}
	for _, f := range own {
		if f.has(runes[0]) {
			return f
		}
	}
	return c.style.offShelf(func(s *spine) bool { return s.has(runes[0]) }, region)
}

// offShelf is the face that serves and comes closest to the style, or nil.
func (s Style) offShelf(serves func(*spine) bool, region string) *face {
	var torn []*spine // that turned out unreadable
	for {
		var best *spine
		closest := math.MaxInt
		for _, spine := range shelf() {
			if distance := s.distance(spine, region); distance < closest && serves(spine) && !slices.Contains(torn, spine) {
				best, closest = spine, distance
			}
		}
		if best == nil {
			return nil
		}
		if f := best.take(); f != nil {
			return f
		}
		torn = append(torn, best)
	}
}

// distance tells how far a font is from the style: in weight, and a hand is
// rather slanted or has serifs than neither.
func (s Style) distance(spine *spine, region string) (d int) {
	if !spine.suits(region) {
		d += 8
	}
	if spine.bold != (s == Bold) {
		d += 4
	}
	serifs := strings.HasPrefix(spine.family, "Noto Serif") || strings.HasPrefix(spine.family, "Noto Naskh")
	if families[s] == "" {
		if spine.italic {
			d += 16
		}
		return d
	}
	if !spine.italic {
		d += 2
	}
	if !serifs {
		d++
	}
	return d
}

// SetScript and ResolveFace let the segmenter ask (shaping.FontmapScript).
func (c *chooser) SetScript(s language.Script) { c.script = s }

func (c *chooser) ResolveFace(r rune) *gotext.Face {
	f := c.faceOf(r, c.script)
	if f == nil {
		f = c.style.common()
	}
	c.byFont[f.font] = f
	return c.setter.face(f)
}

// faceOf is the face for r in a text of this script, or nil when none has it.
func (c *chooser) faceOf(r rune, script language.Script) *face {
	if f := c.faces[script]; f != nil && f.has(r) {
		return f
	}
	for _, f := range c.style.preferred() {
		if f.has(r) {
			return f
		}
	}
	f, ok := c.rest[r]
	if !ok {
		f = c.style.offShelf(func(s *spine) bool { return s.has(r) }, "")
		c.rest[r] = f
	}
	return f
}
