package font

import (
	"fmt"

	"golang.org/x/image/font/sfnt"
)

// SVG is the line as a picture of the given colour, the same as Draw draws it. Its
// units are thousandths of the size.
func (l Line) SVG(colour string) []byte {
	above, below := l.Reach()
	b := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f"><path fill="%s" d="`,
		max(1, 1000*l.width), 1000*(above+below), colour)
	for _, r := range l.runs {
		for _, g := range r.glyphs {
			b = path(b, r.face.outline(g.id), 1000*g.x, 1000*(above-g.y))
		}
	}
	return append(b, `"/></svg>`...)
}

// path appends an outline whose origin is at x, y, with y down.
func path(b []byte, outline sfnt.Segments, x, y float64) []byte {
	letters := map[sfnt.SegmentOp]string{
		sfnt.SegmentOpMoveTo: "M", sfnt.SegmentOpLineTo: "L", sfnt.SegmentOpQuadTo: "Q", sfnt.SegmentOpCubeTo: "C",
	}
	points := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}
	for _, s := range outline {
		b = append(b, letters[s.Op]...)
		for _, p := range s.Args[:points[s.Op]] {
			b = fmt.Appendf(b, "%.0f %.0f ", x+float64(p.X)/64, y+float64(p.Y)/64)
		}
	}
	return b
}
