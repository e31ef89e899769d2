// Package font sets text in any script, without ever failing because of a
// character, and embeds the letters it used.
//
// A Style turns text into a Line: shaped, in the order in which it is seen, with a
// width. A Case draws lines into content streams and in the end puts a font into
// the file for each face that was used, with the drawn letters alone:
//
//	letters := font.NewCase(update.Reserve)
//	content = letters.Draw(content, font.Regular.Line("محمد"), 12, 0, 0)
//	resources := letters.Resources()
//	letters.Put(update.Put)
//
// The Go fonts are compiled in and know Latin, Greek and Cyrillic. For the rest
// fonts are looked for in Directories, best those of Noto. A character that no font
// has becomes a small square, whose place still says what stood there; Legible
// tells beforehand.
package font

import (
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
)

// Style is how a line looks.
type Style int

// The styles. The hands stand for handwriting.
const (
	Regular Style = iota
	Bold
	Italic
	Flowing
	Brush
	Pen
)

var (
	regular = sync.OnceValue(func() *face { return parseBytes(goregular.TTF) })
	bold    = sync.OnceValue(func() *face { return parseBytes(gobold.TTF) })
	italic  = sync.OnceValue(func() *face { return parseBytes(goitalic.TTF) })
)

// own is the face of a style: that of its hand, where it is installed.
func (s Style) own() *face {
	if f := hand(s); f != nil {
		return f
	}
	return s.common()
}

// preferred are the faces to try before the shelf is searched.
func (s Style) preferred() []*face {
	all := []*face{s.own()}
	if s == Flowing {
		if f := hand(Brush); f != nil {
			all = append(all, f)
		}
	}
	if own := s.common(); own != all[0] {
		all = append(all, own)
	}
	return all
}

// common is the compiled-in face that stands in for the own one.
func (s Style) common() *face {
	switch s {
	case Regular:
		return regular()
	case Bold:
		return bold()
	}
	return italic()
}
