package font

import (
	"bytes"
	"sync"

	gotext "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/math/fixed"

	"chancery/pades/pdf"
)

// parsed gives the immutable parsed font behind a style. The sources are
// compiled in, so a mistake in them is ours.
func parsed(ttf []byte) func() *gotext.Font {
	return sync.OnceValue(func() *gotext.Font {
		face, err := gotext.ParseTTF(bytes.NewReader(ttf))
		if err != nil {
			panic("font: " + err.Error())
		}
		return face.Font
	})
}

var (
	regular = parsed(goregular.TTF)
	bold    = parsed(gobold.TTF)
	italic  = parsed(goitalic.TTF)
)

func (s Style) face() *gotext.Face {
	switch s {
	case Bold:
		return gotext.NewFace(bold())
	case Italic, Script:
		return gotext.NewFace(italic())
	}
	return gotext.NewFace(regular())
}

func outlined(text string, s Style) bool {
	face := s.face()
	for _, r := range text {
		if _, ok := face.NominalGlyph(r); !ok {
			return false
		}
	}
	return true
}

// line is shaped text in units of the font size.
type line struct {
	glyphs []placed
	width  float64
	face   *gotext.Face
}

// placed is a glyph, or an empty box where the font has none.
type placed struct {
	id   gotext.GID
	box  bool
	x, y float64
}

const boxWidth = 0.6 // of the font size

// shape lays the glyphs of text out, run by run of what the font has.
func shape(text string, s Style) line {
	l := line{face: s.face()}
	var run []rune
	for _, r := range text {
		if _, ok := l.face.NominalGlyph(r); ok {
			run = append(run, r)
			continue
		}
		l.shapeRun(run)
		run = nil
		l.glyphs = append(l.glyphs, placed{box: true, x: l.width})
		l.width += boxWidth
	}
	l.shapeRun(run)
	return l
}

func (l *line) shapeRun(run []rune) {
	if len(run) == 0 {
		return
	}
	upem := float64(l.face.Upem())
	var shaper shaping.HarfbuzzShaper
	out := shaper.Shape(shaping.Input{
		Text: run, RunEnd: len(run), Face: l.face, Size: fixed.I(int(upem)),
		// The Go fonts have no script that is written from right to left.
		Direction: di.DirectionLTR,
		Script:    language.LookupScript(run[0]),
		Language:  language.NewLanguage("en"),
	})
	em := upem * 64
	for _, g := range out.Glyphs {
		l.glyphs = append(l.glyphs, placed{id: g.GlyphID, x: l.width + float64(g.XOffset)/em, y: float64(g.YOffset) / em})
		l.width += float64(g.Advance) / em
	}
}

// drawOutlines fills the glyphs as paths. The text itself goes along as
// ActualText, so that it can still be found and read aloud.
func drawOutlines(b []byte, text string, s Style, size, x, y float64) []byte {
	l := shape(text, s)
	b = append(b, "/Span "...)
	b = pdf.Append(b, pdf.Dict{"ActualText": pdf.Text(text)})
	b = append(b, " BDC\n"...)
	for _, g := range l.glyphs {
		if g.box {
			b = operands(b, x+(g.x+0.08)*size, y, (boxWidth-0.16)*size, 0.66*size)
			b = append(b, " re S\n"...)
			continue
		}
		p := pen{scale: size / float64(l.face.Upem()), x: x + g.x*size, y: y + g.y*size}
		outline, _ := l.face.GlyphDataOutline(g.id)
		b = p.draw(b, outline.Segments)
	}
	return append(b, "EMC\n"...)
}

// pen turns font units into points.
type pen struct {
	scale, x, y  float64
	lastX, lastY float64
}

func (p *pen) at(s opentype.SegmentPoint) (x, y float64) {
	return p.x + float64(s.X)*p.scale, p.y + float64(s.Y)*p.scale
}

func (p *pen) draw(b []byte, segments []opentype.Segment) []byte {
	for _, s := range segments {
		x0, y0 := p.at(s.Args[0])
		x1, y1 := p.at(s.Args[1])
		x2, y2 := p.at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			b = append(operands(b, x0, y0), " m\n"...)
			p.lastX, p.lastY = x0, y0
		case opentype.SegmentOpLineTo:
			b = append(operands(b, x0, y0), " l\n"...)
			p.lastX, p.lastY = x0, y0
		case opentype.SegmentOpQuadTo:
			// PDF has cubic curves only: the same curve one degree higher.
			c0x, c0y := p.lastX+2*(x0-p.lastX)/3, p.lastY+2*(y0-p.lastY)/3
			c1x, c1y := x1+2*(x0-x1)/3, y1+2*(y0-y1)/3
			b = append(operands(b, c0x, c0y, c1x, c1y, x1, y1), " c\n"...)
			p.lastX, p.lastY = x1, y1
		case opentype.SegmentOpCubeTo:
			b = append(operands(b, x0, y0, x1, y1, x2, y2), " c\n"...)
			p.lastX, p.lastY = x2, y2
		}
	}
	if len(segments) == 0 {
		return b
	}
	return append(b, " f\n"...)
}
