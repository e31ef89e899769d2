package font

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"golang.org/x/text/unicode/norm"
)

// clean is text as it is set: whole letters, no control characters, and nothing
// that turns the direction of what stands beside it, so that a name cannot make
// its neighbour read backwards (Unicode TR 36, 2.7).
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != 0xA0 && r != 0x3000:
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return norm.NFC.String(text)
}

// ignorable characters guide the shaping and are not seen: joiners, selectors of
// variants, marks of direction.
func ignorable(r rune) bool {
	return r == 0xAD || r >= 0x200B && r <= 0x200F || r >= 0x2060 && r <= 0x2064 || r >= 0xFE00 && r <= 0xFE0F ||
		r >= 0xE0000 && r <= 0xE0FFF || r == 0x034F || r == 0x061C
}

// square stands for what no font has.
const square = '□'

// replaced puts a square where a character cannot be drawn, one for all that
// belongs to it: the parts of an emoji, a letter with its marks. It returns what
// stood there, by the square's place.
func (c *chooser) replaced(text []rune) ([]rune, map[int]string) {
	var seg segmenter.Segmenter
	seg.Init(text)
	out, stood := make([]rune, 0, len(text)), map[int]string{}
	for next := seg.GraphemeIterator(); next.Next(); {
		cluster := next.Grapheme().Text
		if c.draws(cluster) {
			out = append(out, cluster...)
			continue
		}
		stood[len(out)] = string(cluster)
		out = append(out, square)
	}
	return out, stood
}

func (c *chooser) draws(cluster []rune) bool {
	script := language.LookupScript(cluster[0])
	for _, r := range cluster {
		if !ignorable(r) && c.faceOf(r, script) == nil {
			return false
		}
	}
	return true
}

// Legible tells whether every letter and digit of text can be drawn as itself.
// Signs and pictures may be missing: a name can be read without them.
func Legible(text string) bool {
	text = clean(text)
	var c *chooser
	letters := false
	for _, r := range text {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N) || ignorable(r) {
			continue
		}
		letters = true
		if regular().has(r) {
			continue
		}
		if c == nil {
			c = choose(Regular, []rune(text))
		}
		if c.faceOf(r, language.LookupScript(r)) == nil {
			return false
		}
	}
	return letters
}
