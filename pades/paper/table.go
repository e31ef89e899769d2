package paper

import (
	"fmt"

	"chancery/pades/font"
)

// Row is a name and what it stands for.
type Row struct{ Key, Value string }

// Rows lists names and values in two columns.
func (d *Document) Rows(rows ...Row) {
	columns := []Column{{Share: 3}, {Share: 7}}
	for _, r := range rows {
		d.row(widths(columns), []string{r.Key, r.Value}, bodySize, nil)
	}
	d.Space(6)
}

// Column is a heading and how much of the page it takes beside the others.
type Column struct {
	Title string
	Share float64
}

// Table sets cells in columns. Its head is repeated on every page, and a row
// that is longer than a page goes on on the next: no text is ever cut off.
func (d *Document) Table(columns []Column, rows [][]string) {
	w := widths(columns)
	head := func() { d.head(columns, w) }
	d.need(4 * tableSize * leading)
	head()
	for _, cells := range rows {
		d.row(w, cells, tableSize, head)
		d.rule(margin, d.y-1, column)
	}
	d.Space(8)
}

func widths(columns []Column) []float64 {
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	out := make([]float64, len(columns))
	for i, c := range columns {
		out[i] = column * c.Share / sum
	}
	return out
}

func (d *Document) head(columns []Column, w []float64) {
	const height = tableSize*leading + 3
	page := &d.pages[len(d.pages)-1]
	*page = fmt.Appendf(*page, "q 0.92 g %.2f %.2f %.2f %.2f re f Q\n", margin, Height-d.y-height, column, height)
	x := margin
	for i, c := range columns {
		d.label(font.Bold, c.Title, tableSize, x+cellGap/2, d.y+tableSize+1)
		x += w[i]
	}
	d.y += height + 2
}

const cellGap = 6.0

// row sets its cells line by line. It starts on a new page when it fits there
// and not here.
func (d *Document) row(w []float64, cells []string, size float64, head func()) {
	wrapped, most := make([][]font.Line, len(w)), 0
	for i := range w {
		if i < len(cells) {
			wrapped[i] = font.Regular.Block(cells[i]).Wrap(size, w[i]-cellGap)
			most = max(most, len(wrapped[i]))
		}
	}
	const bodyHeight = Height - margin - foot - 60
	if all := float64(most)*size*leading + 4; all < bodyHeight && d.need(all) && head != nil {
		head()
	}
	for i := range most {
		if d.need(size*leading) && head != nil {
			head()
		}
		d.rowLine(w, wrapped, i, size)
	}
	d.Space(4)
}

func (d *Document) rowLine(w []float64, wrapped [][]font.Line, i int, size float64) {
	x := margin
	for c, lines := range wrapped {
		if i < len(lines) {
			d.draw(lines[i], size, x+cellGap/2, w[c]-cellGap, d.y+size)
		}
		x += w[c]
	}
	d.y += size * leading
}
