package font

import (
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// charstring writes one glyph's outline in steps from point to point.
type charstring struct {
	b        []byte
	x, y     int        // where the pen is, rounded as it was written
	from     [2]float64 // where it is in truth
	pending  byte       // operator whose operands are being collected
	operands int
}

// mostOperands of one operator (Technical Note 5177, appendix B).
const mostOperands = 48

func (c *charstring) draw(segments sfnt.Segments) []byte {
	for _, s := range segments {
		p0, p1, p2 := at(s.Args[0]), at(s.Args[1]), at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			c.flush()
			c.step(opMove, p0)
			c.flush()
		case sfnt.SegmentOpLineTo:
			c.step(opLine, p0)
		case sfnt.SegmentOpQuadTo:
			a, b := cubic(c.from, p0, p1)
			c.step(opCurve, a, b, p1)
		case sfnt.SegmentOpCubeTo:
			c.step(opCurve, p0, p1, p2)
		}
	}
	c.flush()
	return append(c.b, opEnd)
}

// at is a point in thousandths of the size, y up.
func at(p fixed.Point26_6) [2]float64 { return [2]float64{float64(p.X) / 64, -float64(p.Y) / 64} }

// cubic gives the control points of the same curve one degree higher.
func cubic(from, control, to [2]float64) (a, b [2]float64) {
	for i := range a {
		a[i] = from[i] + 2*(control[i]-from[i])/3
		b[i] = to[i] + 2*(control[i]-to[i])/3
	}
	return a, b
}

// step adds operands to the operator before, where it is the same.
func (c *charstring) step(operator byte, points ...[2]float64) {
	if c.pending != operator || c.operands+2*len(points) > mostOperands-1 { // the first has the width too
		c.flush()
	}
	c.pending = operator
	for _, p := range points {
		x, y := int(math.Round(p[0])), int(math.Round(p[1]))
		c.number(x - c.x)
		c.number(y - c.y)
		c.x, c.y = x, y
		c.operands += 2
	}
	c.from = points[len(points)-1]
}

func (c *charstring) flush() {
	if c.operands > 0 {
		c.b = append(c.b, c.pending)
	}
	c.pending, c.operands = 0, 0
}

func (c *charstring) number(v int) {
	v = max(math.MinInt16, min(math.MaxInt16, v))
	switch {
	case v >= -107 && v <= 107:
		c.b = append(c.b, byte(v+139))
	case v >= 108 && v <= 1131:
		c.b = append(c.b, byte((v-108)>>8)+247, byte(v-108))
	case v >= -1131 && v <= -108:
		c.b = append(c.b, byte((-v-108)>>8)+251, byte(-v-108))
	default:
		c.b = append(c.b, 28, byte(v>>8), byte(v))
	}
}
