package pades

import (
	"fmt"
	"math"

	"chancery/pades/font"
)

// largestName is the size of a typed name, in points, however large its field.
const largestName = 54.0

// into draws ink within a box of the content's space, as large as fits.
func (d drawing) into(b []byte, letters *font.Case, x, y, width, height float64) []byte {
	switch {
	case d.typed != "":
		return d.write(b, letters, x, y, width, height)
	case d.picture != nil || len(d.strokes) > 0:
		w := min(width, height*d.aspect)
		h := w / d.aspect
		x, y = x+(width-w)/2, y+(height-h)/2
		if d.picture != nil {
			return fmt.Appendf(b, "q %.4f 0 0 %.4f %.4f %.4f cm /Ink Do Q\n", w, h, x, y)
		}
		return d.lines(b, x, y, w, h)
	}
	return b
}

// write sets a name in the middle of its box.
func (d drawing) write(b []byte, letters *font.Case, x, y, width, height float64) []byte {
	line := d.hand.Line(d.typed)
	above, below := line.Reach()
	size := line.Fit(width, smallest, min(height/(above+below), largestName))
	return letters.Draw(b, line, size, x+(width-line.Width(size))/2, y+(height-size*(above-below))/2)
}

// lines draws each stroke as one smooth curve with round ends.
func (d drawing) lines(b []byte, x, y, w, h float64) []byte {
	b = fmt.Appendf(b, "%.3f w 1 J 1 j\n", min(2.4, max(0.7, h/36)))
	for _, stroke := range d.strokes {
		points := make([]Point, 0, len(stroke))
		for _, p := range stroke {
			at := Point{X: x + p.X*w, Y: y + (1-p.Y)*h}
			if n := len(points); n == 0 || math.Hypot(at.X-points[n-1].X, at.Y-points[n-1].Y) >= hair {
				points = append(points, at)
			}
		}
		b = smooth(b, points)
	}
	return b
}

// hair is a distance between points that nobody sees, in points.
const hair = 0.05

// smooth draws a curve through all points (a Catmull-Rom spline, as Bézier curves)
// that turns where the points turn, so that it stays among them: no piece leaves the
// box that its two ends span.
func smooth(b []byte, points []Point) []byte {
	if len(points) == 0 {
		return b
	}
	b = fmt.Appendf(b, "%.2f %.2f m\n", points[0].X, points[0].Y)
	if len(points) == 1 { // a dot: a line of no length with round ends
		b = fmt.Appendf(b, "%.2f %.2f l\n", points[0].X, points[0].Y)
	}
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		leave, reach := along(points, i-1), along(points, i)
		b = fmt.Appendf(b, "%.2f %.2f %.2f %.2f %.2f %.2f c\n",
			from.X+leave.X, from.Y+leave.Y, to.X-reach.X, to.Y-reach.Y, to.X, to.Y)
	}
	return append(b, "S\n"...)
}

// along is the way of the curve at a point, as long as the handles of its pieces.
func along(points []Point, i int) Point {
	before, at, after := points[max(i-1, 0)], points[i], points[min(i+1, len(points)-1)]
	return Point{X: gentle(at.X-before.X, after.X-at.X), Y: gentle(at.Y-before.Y, after.Y-at.Y)}
}

// gentle is a sixth of two steps together, at most half of either, and nothing
// where they go opposite ways.
func gentle(first, second float64) float64 {
	if first*second <= 0 {
		return 0
	}
	most := min(math.Abs(first), math.Abs(second)) / 2
	return max(-most, min(most, (first+second)/6))
}
