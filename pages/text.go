package pages

import (
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
)

// maxChars of one page are read; a page of a telephone book has 20,000.
const maxChars = 100_000

// wideGap, in heights of a line, is where the next column begins.
const wideGap = 1.5

// read returns the lines of a page in the order of its content.
func (s *sheet) read(page int) ([]Line, error) {
	which, err := s.at(page)
	if err != nil {
		return nil, err
	}
	look, err := s.look(which)
	if err != nil {
		return nil, err
	}
	found, err := s.box.GetPageTextStructured(&requests.GetPageTextStructured{Page: which, Mode: requests.GetPageTextStructuredModeChars})
	if err != nil {
		return nil, unreadable(err)
	}
	w := writer{look: look}
	for _, char := range found.Chars[:min(len(found.Chars), maxChars)] {
		w.take(char)
	}
	w.finish()
	return w.lines, nil
}

// writer gathers characters into lines.
type writer struct {
	look  look
	lines []Line
	text  strings.Builder
	box   box
	space bool
}

func (w *writer) take(char *responses.GetPageTextStructuredChar) {
	switch {
	case char.Text == "\n" || char.Text == "\r":
		w.finish()
		return
	case strings.TrimFunc(char.Text, blank) == "":
		w.space = true
		return
	}
	place := w.look.place(char.PointPosition)
	if w.text.Len() > 0 && place.apart(w.box) {
		w.finish()
	}
	if w.space && w.text.Len() > 0 {
		w.text.WriteByte(' ')
	}
	w.space = false
	w.text.WriteString(char.Text)
	w.box = w.box.with(place)
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufffe' }

func (w *writer) finish() {
	if w.text.Len() > 0 {
		b := w.box
		w.lines = append(w.lines, Line{Text: w.text.String(), X: cents(b.left), Y: cents(b.top), W: cents(b.right - b.left), H: cents(b.bottom - b.top)})
	}
	w.text.Reset()
	w.box, w.space = box{}, false
}

func cents(v float64) float64 { return math.Round(100*v) / 100 }

// box in points from the top left corner of the page as displayed.
type box struct{ left, top, right, bottom float64 }

func (b box) with(c box) box {
	if b == (box{}) {
		return c
	}
	return box{min(b.left, c.left), min(b.top, c.top), max(b.right, c.right), max(b.bottom, c.bottom)}
}

// apart tells whether b stands so far right of the line that a new one begins, or left of its end.
func (b box) apart(line box) bool {
	height := max(line.bottom-line.top, b.bottom-b.top)
	return b.left-line.right > wideGap*height || b.right < line.left
}

// look is how a page is turned to be displayed: the affine map from the PDF's
// coordinates to points from the top left corner.
type look struct{ a, b, c, d, e, f float64 }

func (l look) place(p responses.CharPosition) box {
	x1, y1 := l.at(p.Left, p.Top)
	x2, y2 := l.at(p.Right, p.Bottom)
	return box{min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)}
}

func (l look) at(x, y float64) (float64, float64) { return l.a*x + l.c*y + l.e, l.b*x + l.d*y + l.f }

// look asks where three points of the page are displayed. They are asked for at
// a hundred times the size, because the answers are whole numbers.
func (s *sheet) look(page requests.Page) (look, error) {
	const fine, far = 100, 1000
	size, err := s.box.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil {
		return look{}, unreadable(err)
	}
	at := func(x, y float64) (float64, float64) {
		var where *responses.FPDF_PageToDevice
		if err == nil {
			where, err = s.box.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
				Page: page, SizeX: int(size.Width * fine), SizeY: int(size.Height * fine), PageX: x, PageY: y,
			})
		}
		if err != nil {
			return 0, 0
		}
		return float64(where.DeviceX) / fine, float64(where.DeviceY) / fine
	}
	e, f := at(0, 0)
	a, b := at(far, 0)
	c, d := at(0, far)
	if err != nil {
		return look{}, unreadable(err)
	}
	return look{(a - e) / far, (b - f) / far, (c - e) / far, (d - f) / far, e, f}, nil
}
