// Package pages turns the pages of a PDF into pictures and lines of text, for
// people who read on a screen.
//
// The PDF is opened by PDFium inside a WebAssembly sandbox: no file system, no
// network, a cap on memory and a limit on time. Every call gets a sandbox of its
// own (4 ms), so nothing of one document can reach another. The engine takes
// some 50 MB while it runs; it is started by the first call and put away again
// when nobody has asked for a while.
//
// Pictures and text are remembered under the key of their file, up to a number
// of bytes, the least recently used forgotten first.
package pages

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"chancery/problem"
)

// Widths are the pixel widths in which a page is drawn: a phone, a desktop, and
// a sharp desktop.
var Widths = []int{800, 1200, 1600}

// Defaults of Config.
const (
	defaultSandboxes = 2
	defaultIdle      = time.Minute
	defaultRemember  = 24 << 20
	defaultPageTime  = 10 * time.Second
)

// Config of Pages. Only Cache is worth setting for most.
type Config struct {
	Cache     string        // directory for the compiled engine; without one every start takes seconds instead of 0.1 s
	Sandboxes int           // how many pages are drawn at a time; 2
	Idle      time.Duration // the engine is put away after so long without a call; one minute
	Remember  int64         // bytes of pictures and text kept; 24 MiB
	PageTime  time.Duration // most time for one page; 10 s
}

// File is a PDF that is read only when it must be.
type File struct {
	Key  string                                // names these very bytes, such as the digest of a revision
	Read func(context.Context) ([]byte, error) // the bytes
}

// Picture of one page.
type Picture struct {
	Type  string // image/png or image/jpeg
	Bytes []byte
}

// Line is a run of words on one baseline, in points from the top left corner of the page as displayed.
type Line struct {
	Text string  `json:"text"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w"`
	H    float64 `json:"h"`
}

// Pages draws and reads pages. It is safe for concurrent use.
type Pages struct {
	garage   *garage
	slots    chan struct{}
	pageTime time.Duration
	flights  singleflight.Group

	mu   sync.Mutex
	kept *shelf
}

var (
	errEncrypted = problem.Invalid("pdf_encrypted", "The document is protected by a password.")
	errDamaged   = problem.Invalid("pdf_damaged", "The document is damaged and cannot be shown.")
	errComplex   = problem.Invalid("pdf_too_complex", "A page of the document is too complex to be shown.")
	errNoPage    = problem.Missing("page_missing", "There is no such page.")
)

// New returns Pages whose engine starts with the first call.
func New(c Config) *Pages {
	return &Pages{
		garage:   &garage{cache: c.Cache, idle: orElse(c.Idle, defaultIdle)},
		slots:    make(chan struct{}, orElse(c.Sandboxes, defaultSandboxes)),
		pageTime: orElse(c.PageTime, defaultPageTime),
		kept:     newShelf(orElse(c.Remember, defaultRemember)),
	}
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Render draws a page (1 is the first) with everything on it that prints,
// signatures and filled fields included. The width becomes the next of Widths.
//
// The problems are pdf_encrypted, pdf_damaged, pdf_too_complex and page_missing.
func (p *Pages) Render(ctx context.Context, f File, page, width int) (Picture, error) {
	width = step(width)
	found, err := p.once(ctx, fmt.Sprintf("%s %d %d", f.Key, page, width), func(ctx context.Context) (any, int, error) {
		var picture Picture
		err := p.open(ctx, f, func(s *sheet) (err error) {
			picture, err = s.draw(page, width)
			return err
		})
		return picture, len(picture.Bytes), err
	})
	if err != nil {
		return Picture{}, fmt.Errorf("render page %d of %s: %w", page, f.Key, err)
	}
	return found.(Picture), nil
}

// Text reads a page (1 is the first) in the order of its content. A scanned page
// has no lines. The problems are those of Render.
func (p *Pages) Text(ctx context.Context, f File, page int) ([]Line, error) {
	found, err := p.once(ctx, fmt.Sprintf("%s %d text", f.Key, page), func(ctx context.Context) (any, int, error) {
		var lines []Line
		err := p.open(ctx, f, func(s *sheet) (err error) {
			lines, err = s.read(page)
			return err
		})
		return lines, weigh(lines), err
	})
	if err != nil {
		return nil, fmt.Errorf("read page %d of %s: %w", page, f.Key, err)
	}
	return found.([]Line), nil
}

// Warm compiles the engine into the cache, so that the first reader does not
// wait for it, and puts it away again. It takes seconds and some 300 MB the first
// time, and a moment ever after.
func (p *Pages) Warm() error {
	e, err := p.garage.take()
	if err != nil {
		return err
	}
	p.garage.give(e, false)
	p.garage.rest()
	return nil
}

// Close puts the engine away after the calls that are under way. A later call would start it again.
func (p *Pages) Close() error {
	for range cap(p.slots) {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
	}
	return p.garage.close()
}

func step(width int) int {
	for _, w := range Widths {
		if w >= width {
			return w
		}
	}
	return slices.Max(Widths)
}

func weigh(lines []Line) int {
	const perLine = 64 // bytes of a Line without its text
	total := 0
	for _, l := range lines {
		total += perLine + len(l.Text)
	}
	return total
}
