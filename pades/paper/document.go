// Package paper writes the documents we make ourselves: plain A4 pages with
// headings, paragraphs, rows and tables. It reports where it put the places to
// sign, so that fields can go there.
//
//	d := paper.New("Services agreement", now)
//	d.Title("Services agreement")
//	d.Paragraph("…")
//	place := d.SignatureLine("For the client")
//	file := d.Bytes()
//
// Text may be in any script that package font has letters for; the file carries
// those it uses. The same calls give the same bytes.
package paper

import (
	"fmt"
	"time"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// The page: A4 in points, and what stays white around the text.
const (
	Width  = 595.28
	Height = 841.89
	margin = 60.0
	foot   = 56.0
	column = Width - 2*margin
)

// Leading is the distance of lines as a multiple of the size.
const leading = 1.35

const (
	titleSize   = 20.0
	headingSize = 12.5
	bodySize    = 10.0
	tableSize   = 8.5
	footSize    = 8.0
)

// Place is where something is, in points from the top left corner of its page.
type Place struct {
	Page                int // counted from 0
	X, Y, Width, Height float64
}

// Document is a text on its way to paper. Its methods add to the end.
type Document struct {
	title   string
	created time.Time
	writer  *writer
	letters *font.Case
	pages   [][]byte // content streams
	y       float64  // how far down the page the next line may start
	margin  string   // note at the foot of every page
}

// New starts a document whose properties carry title and created.
func New(title string, created time.Time) *Document {
	d := &Document{title: title, created: created, writer: newWriter()}
	d.letters = font.NewCase(d.writer.reserve)
	d.PageBreak()
	return d
}

// Footnote puts a line at the foot of every page, beside the page number.
func (d *Document) Footnote(text string) { d.margin = text }

// PageBreak starts a new page.
func (d *Document) PageBreak() {
	d.pages = append(d.pages, nil)
	d.y = margin
}

// Space leaves points free.
func (d *Document) Space(points float64) { d.y += points }

// Title is the document's name in large letters.
func (d *Document) Title(text string) {
	d.lines(text, font.Bold, titleSize)
	d.Space(8)
}

// Heading starts a section. It stays with at least three lines of what follows.
func (d *Document) Heading(text string) {
	d.Space(10)
	d.need(headingSize*leading + 3*bodySize*leading)
	d.lines(text, font.Bold, headingSize)
	d.Space(3)
}

// Paragraph is running text; line ends in it are kept.
func (d *Document) Paragraph(text string) {
	d.lines(text, font.Regular, bodySize)
	d.Space(5)
}

// Note is a paragraph in slanted letters.
func (d *Document) Note(text string) {
	d.lines(text, font.Italic, bodySize-1)
	d.Space(5)
}

func (d *Document) lines(text string, style font.Style, size float64) {
	for _, line := range style.Block(text).Wrap(size, column) {
		d.need(size * leading)
		d.draw(line, size, margin, column, d.y+size)
		d.y += size * leading
	}
}

// need breaks the page unless points are left on it.
func (d *Document) need(points float64) bool {
	if d.y+points <= Height-foot-margin/4 {
		return false
	}
	d.PageBreak()
	return true
}

// draw sets a line with its baseline at y from the top of the page, in a column
// from x on, on the side where it starts.
func (d *Document) draw(line font.Line, size, x, width, y float64) {
	if line.RightToLeft() {
		x += width - line.Width(size)
	}
	page := &d.pages[len(d.pages)-1]
	*page = d.letters.Draw(*page, line, size, x, Height-y)
}

// label sets a short text as it is.
func (d *Document) label(style font.Style, text string, size, x, y float64) {
	page := &d.pages[len(d.pages)-1]
	*page = d.letters.Draw(*page, style.Line(text), size, x, Height-y)
}

// rule draws a thin line.
func (d *Document) rule(x, y, width float64) {
	page := &d.pages[len(d.pages)-1]
	*page = fmt.Appendf(*page, "q 0.6 G 0.5 w %.2f %.2f m %.2f %.2f l S Q\n", x, Height-y, x+width, Height-y)
}

// SignatureLine is a line to sign on with a label under it. The place lies
// above the line.
func (d *Document) SignatureLine(label string) Place {
	const width, height = 220.0, 58.0
	d.need(height + 30)
	p := Place{Page: len(d.pages) - 1, X: margin, Y: d.y, Width: width, Height: height}
	d.rule(margin, d.y+height+1, width)
	d.label(font.Regular, label, bodySize-1, margin, d.y+height+12)
	d.y += height + 26
	return p
}

// Blank is a labelled place to fill in, on one line.
func (d *Document) Blank(label string, width float64) Place {
	const height = 18.0
	d.need(height + 8)
	x := margin + 130
	p := Place{Page: len(d.pages) - 1, X: x, Y: d.y, Width: min(width, margin+column-x), Height: height}
	d.label(font.Regular, label, bodySize, margin, d.y+13)
	d.rule(x, d.y+height, p.Width)
	d.y += height + 8
	return p
}

// Tick is a place for a checkbox with its text beside it.
func (d *Document) Tick(label string) Place {
	const side = 12.0
	const beside = column - side - 8
	lines := font.Regular.Block(label).Wrap(bodySize, beside)
	d.need(float64(len(lines)) * bodySize * leading)
	p := Place{Page: len(d.pages) - 1, X: margin, Y: d.y, Width: side, Height: side}
	for _, line := range lines {
		d.draw(line, bodySize, margin+side+8, beside, d.y+bodySize)
		d.y += bodySize * leading
	}
	d.Space(6)
	return p
}

// box names the page's outline for the page tree.
func box() pdf.Array { return pdf.Array{0, 0, Width, Height} }
