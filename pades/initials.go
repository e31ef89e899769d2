package pades

import (
	"strings"
	"unicode"

	"github.com/go-text/typesetting/segmenter"
)

const maxInitials = 3

// InitialsOf are the first letters of a name's words, at most three, each with the
// marks that belong to it. Letters that join their neighbours are set apart.
func InitialsOf(name string) string {
	var out []string
	joins := false
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == '・' || r == '·' }) {
		if letter := firstLetter(word); letter != "" && len(out) < maxInitials {
			out = append(out, strings.ToUpper(letter))
			joins = joins || unicode.In([]rune(letter)[0], unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mongolian)
		}
	}
	if joins {
		return strings.Join(out, " ")
	}
	return strings.Join(out, "")
}

// firstLetter is the first letter that is spoken: Thai and Lao write some vowels
// before the consonant they follow.
func firstLetter(word string) string {
	var seg segmenter.Segmenter
	seg.Init([]rune(word))
	for next := seg.GraphemeIterator(); next.Next(); {
		letter := next.Grapheme().Text
		if r := letter[0]; r >= 0x0E40 && r <= 0x0E44 || r >= 0x0EC0 && r <= 0x0EC4 {
			continue
		}
		if !unicode.IsLetter(letter[0]) {
			return ""
		}
		return string(letter)
	}
	return ""
}
