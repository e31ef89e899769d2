package font

import (
	"math"
	"slices"

	"chancery/pades/pdf"
)

// Draw appends a line whose baseline starts at x, y. The colour is the fill
// colour of the moment.
func (c *Case) Draw(b []byte, l Line, size, x, y float64) []byte {
	for _, r := range l.runs {
		if len(r.glyphs) == 0 {
			continue
		}
		f := c.sortsFor(r)
		d := drawing{b: b, sorts: f, size: size, x: x, y: y}
		d.begin()
		d.run(l, r)
		b = d.end()
	}
	return b
}

// drawing writes the text operators of one run.
type drawing struct {
	b      []byte
	sorts  *sorts
	size   float64
	x, y   float64
	dot    float64 // where the next glyph would stand, in units of the size
	rise   float64
	inside bool // of a string within TJ's array
	array  bool
}

func (d *drawing) begin() {
	d.b = append(d.b, "BT\n"...)
	d.b = pdf.Append(d.b, d.sorts.name)
	d.b = append(operands(d.b, d.size), " Tf"...)
}

func (d *drawing) end() []byte {
	d.close()
	if d.rise != 0 {
		d.b = append(d.b, "0 Ts\n"...)
	}
	return append(d.b, "ET\n"...)
}

// run writes cluster by cluster. One that cannot be split into letters, such as a
// syllable whose vowel stands before its consonant, tells its text as a whole. Text
// that is written to the left needs no such telling: its letters stand in the order
// in which they are seen, and every reader turns them round, with what it is told.
func (d *drawing) run(l Line, r run) {
	d.dot = r.glyphs[0].x
	d.b = append(operands(d.b, d.x+d.dot*d.size, d.y), " Td\n"...)
	for cluster := range r.clusters() {
		whole := r.level%2 == 0 && whole(cluster)
		if whole {
			d.close()
			d.b = append(d.b, "/Span "...)
			d.b = pdf.Append(d.b, pdf.Dict{"ActualText": pdf.Text(l.original(cluster[0].from, cluster[0].to))})
			d.b = append(d.b, " BDC\n"...)
		}
		for _, g := range cluster {
			d.glyph(g)
		}
		if whole {
			d.close()
			d.b = append(d.b, "EMC\n"...)
		}
	}
}

// whole tells whether a cluster reads only as a whole: readers take a mark that is
// raised for a part of another line.
func whole(cluster []glyph) bool {
	return len(cluster) > 1 && slices.ContainsFunc(cluster, func(g glyph) bool { return g.reads == "" || g.y != 0 })
}

func (d *drawing) glyph(g glyph) {
	if math.Abs(g.y-d.rise) > 1e-4 {
		d.close()
		d.rise = g.y
		d.b = append(operands(d.b, d.rise*d.size), " Ts\n"...)
	}
	if !d.array {
		d.b, d.array = append(d.b, '['), true
	}
	// Half a thousandth of the size is less than any printer can show.
	if shift := (d.dot - g.x) * 1000; math.Abs(shift) >= 0.5 {
		d.closeString()
		d.b = append(operands(d.b, math.Round(shift)), ' ')
		d.dot -= math.Round(shift) / 1000
	}
	if !d.inside {
		d.b, d.inside = append(d.b, '<'), true
	}
	const digits = "0123456789abcdef"
	code := d.sorts.code(g.id, g.reads)
	d.b = append(d.b, digits[code>>12&15], digits[code>>8&15], digits[code>>4&15], digits[code&15])
	d.dot += d.sorts.face.width(g.id) / 1000
}

func (d *drawing) closeString() {
	if d.inside {
		d.b, d.inside = append(d.b, '>'), false
	}
}

func (d *drawing) close() {
	d.closeString()
	if d.array {
		d.b, d.array = append(d.b, "] TJ\n"...), false
	}
}

func operands(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = pdf.AppendReal(append(b, ' '), v)
	}
	return b
}
