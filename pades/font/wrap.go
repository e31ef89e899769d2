package font

import (
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

// Block is text that may take several lines. Line ends in it are kept.
type Block struct {
	style      Style
	paragraphs []paragraph
}

// paragraph is measured once, and then broken for as many sizes as are tried.
type paragraph struct {
	text    []rune
	rtl     bool
	chooser *chooser  // for all lines alike; nil where one face has all
	upTo    []float64 // width of the runes before each place, in units of the size
	breaks  []bool    // a line may end before this place (Unicode Annex 14)
	letters []bool    // a letter starts at this place (Annex 29)
}

// Block measures text.
func (s Style) Block(text string) Block {
	b := Block{style: s}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	for part := range strings.SplitSeq(text, "\n") {
		b.paragraphs = append(b.paragraphs, s.paragraph([]rune(strings.Join(strings.Fields(clean(part)), " "))))
	}
	return b
}

func (s Style) paragraph(text []rune) paragraph {
	p := paragraph{text: text, rtl: rightToLeft(text), chooser: s.chooserFor(text)}
	n := len(text)
	p.upTo, p.breaks, p.letters = make([]float64, n+1), make([]bool, n+1), make([]bool, n+1)
	if n == 0 {
		return p
	}
	for at, width := range s.line(text, p.rtl, p.chooser).widths(text) {
		p.upTo[at+1] = p.upTo[at] + width
	}
	var seg segmenter.Segmenter
	seg.Init(text)
	for next := seg.LineIterator(); next.Next(); {
		line := next.Line()
		p.breaks[line.Offset+len(line.Text)] = true
	}
	for next := seg.GraphemeIterator(); next.Next(); {
		p.letters[next.Grapheme().Offset] = true
	}
	p.letters[n] = true
	return p
}

// widths shares the width of the line out among the runes of the text.
func (l Line) widths(text []rune) []float64 {
	set := make([]float64, len(l.text))
	for _, r := range l.runs {
		for _, g := range r.glyphs {
			set[g.from] += g.advance
		}
	}
	if len(l.stood) == 0 {
		return set
	}
	out := make([]float64, 0, len(text))
	for i, width := range set { // back to the runes before squares took their place
		out = append(out, width)
		if stood, ok := l.stood[i]; ok {
			out = append(out, make([]float64, len([]rune(stood))-1)...)
		}
	}
	return out
}

// Wrap breaks the text into lines no wider than room points at size. What has no
// place to break is cut between two letters.
func (b Block) Wrap(size, room float64) []Line {
	var lines []Line
	for _, p := range b.paragraphs {
		for at := 0; at < len(p.text) || at == 0; {
			var l Line
			l, at = p.next(b.style, at, room/size)
			lines = append(lines, l)
			if len(p.text) == 0 {
				break
			}
		}
	}
	return lines
}

// Fit finds the largest size, at most most and at least least, at which the lines
// fit into width by height points. leading is the distance of lines in sizes.
func (b Block) Fit(width, height, least, most, leading float64) (size float64, lines []Line) {
	const step = 0.5
	for size = most; size > least; size -= step {
		if float64(b.count(size, width))*size*leading <= height {
			break
		}
	}
	size = max(size, least)
	return size, b.Wrap(size, width)
}

func (b Block) count(size, room float64) (n int) {
	for _, p := range b.paragraphs {
		n++
		for at := p.end(0, room/size); at < len(p.text); at = p.end(at, room/size) {
			n++
		}
	}
	return n
}

// next shapes the line that starts at from. A line on its own can be wider than
// the same letters in the paragraph, where they joined others: then it ends earlier.
func (p paragraph) next(s Style, from int, room float64) (Line, int) {
	for to := p.end(from, room); ; {
		l := s.line(p.trimmed(from, to), p.rtl, p.chooser)
		if l.width <= room+1e-6 {
			return l, to
		}
		shorter := to - 1
		for shorter > from && !p.letters[shorter] {
			shorter--
		}
		if shorter <= from {
			return l, to
		}
		to = shorter
	}
}

func (p paragraph) trimmed(from, to int) []rune {
	for to > from && p.text[to-1] == ' ' {
		to--
	}
	for from < to && p.text[from] == ' ' {
		from++
	}
	return p.text[from:to]
}

// end is where the line that starts at from ends: at the last place to break that
// leaves it within room, or else at the last letter, and after one letter at least.
func (p paragraph) end(from int, room float64) int {
	word, letter := 0, 0
	for at := from + 1; at <= len(p.text); at++ {
		if !p.letters[at] {
			continue
		}
		visible := at
		if p.text[at-1] == ' ' {
			visible--
		}
		if letter > 0 && p.upTo[visible]-p.upTo[from] > room+1e-6 {
			break
		}
		letter = at
		if p.breaks[at] {
			word = at
		}
	}
	if word > from {
		return word
	}
	return max(letter, min(from+1, len(p.text)))
}
