// Package font draws one line of text into a PDF content stream, in any script,
// without ever failing.
//
// Text that fits WinAnsi (Western European) is set in one of the standard
// fonts, which no file needs to embed (ISO 32000-2, 9.6.2.2). Other text is shaped and
// drawn as outlines of the Go fonts, which know Latin, Greek and Cyrillic. What
// neither knows becomes an empty box; Covers tells beforehand.
package font

import (
	"bytes"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"chancery/pades/pdf"
)

// Style is one of the four faces a line can have.
type Style int

const (
	Regular Style = iota
	Bold
	Italic // of the same family as Regular
	Script // slanted serifs, for names that stand for a hand
)

// resource names are our own, so that they meet no font of the uploaded form.
var resource = [...]pdf.Name{Regular: "ChReg", Bold: "ChBold", Italic: "ChItal", Script: "ChScript"}

var baseFont = [...]pdf.Name{Regular: "Helvetica", Bold: "Helvetica-Bold", Italic: "Helvetica-Oblique", Script: "Times-Italic"}

// Resource is the name under which content streams ask for the style's font.
func (s Style) Resource() pdf.Name { return resource[s] }

// Styles lists all styles.
func Styles() []Style { return []Style{Regular, Bold, Italic, Script} }

// Dict is the font object of a style.
func (s Style) Dict() pdf.Dict {
	return pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"),
		"BaseFont": baseFont[s], "Encoding": pdf.Name("WinAnsiEncoding"),
	}
}

// winAnsi encodes s when all of it fits.
func winAnsi(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok || b < ' ' || b == 0x7f {
			return nil, false
		}
		out = append(out, b)
	}
	return out, true
}

// Covers tells whether every character of s can be drawn as itself.
func Covers(s string) bool {
	s = norm.NFC.String(s)
	if _, ok := winAnsi(s); ok {
		return true
	}
	return outlined(s, Regular)
}

// Width is how wide s is at size points.
func (s Style) Width(text string, size float64) float64 {
	text = norm.NFC.String(text)
	encoded, ok := winAnsi(text)
	if !ok {
		return shape(text, s).width * size
	}
	sum := 0
	for _, b := range encoded {
		sum += s.advance(b)
	}
	return float64(sum) * size / 1000
}

// Draw appends a line of text whose baseline starts at x, y. The colour is the
// fill colour of the moment.
func (s Style) Draw(b []byte, text string, size, x, y float64) []byte {
	text = norm.NFC.String(text)
	encoded, ok := winAnsi(text)
	if !ok {
		return drawOutlines(b, text, s, size, x, y)
	}
	b = append(b, "BT\n"...)
	b = pdf.Append(b, resource[s])
	b = operands(b, size)
	b = append(b, " Tf"...)
	b = operands(b, x, y)
	b = append(b, " Td "...)
	b = pdf.Append(b, pdf.String(encoded))
	return append(b, " Tj\nET\n"...)
}

func operands(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = append(b, ' ')
		b = pdf.AppendReal(b, v)
	}
	return b
}

// Fit is the largest size, at most most and at least least, at which text is no
// wider than room points.
func (s Style) Fit(text string, room, least, most float64) float64 {
	w := s.Width(text, 1)
	if w == 0 {
		return most
	}
	return min(most, max(least, room/w))
}

// Wrap breaks text into lines no wider than room points at size. A word that is
// wider than a line is cut.
func (s Style) Wrap(text string, size, room float64) []string {
	var lines []string
	for paragraph := range bytes.SplitSeq([]byte(text), []byte("\n")) {
		lines = append(lines, s.wrapParagraph(string(paragraph), size, room)...)
	}
	return lines
}

func (s Style) wrapParagraph(text string, size, room float64) (lines []string) {
	line := ""
	for word := range bytes.FieldsSeq([]byte(text)) {
		pieces := s.cut(string(word), size, room)
		for i, piece := range pieces {
			joined := piece
			if line != "" {
				joined = line + " " + piece
			}
			if i > 0 || (line != "" && s.Width(joined, size) > room) {
				lines = append(lines, line)
				joined = piece
			}
			line = joined
		}
	}
	return append(lines, line)
}

func (s Style) cut(word string, size, room float64) (pieces []string) {
	for s.Width(word, size) > room {
		runes := []rune(word)
		n := len(runes) - 1
		for n > 1 && s.Width(string(runes[:n]), size) > room {
			n--
		}
		if n < 1 {
			break
		}
		pieces, word = append(pieces, string(runes[:n])), string(runes[n:])
	}
	return append(pieces, word)
}
