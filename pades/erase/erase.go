// Package erase takes letters off the pages of a PDF: out of the operators that
// show them (ISO 32000-2, 9.4.3), so that nobody sees or finds them any more.
// Everything else on the page stays, byte for byte and in its place: what followed
// a letter on its line is shifted by the letter's width.
//
// Which letters is said by their origins, so it does not matter how fonts encode
// them or how text is cut into operators. They are found again by walking through
// the content as a viewer does. Text of forms (8.10) is found too.
package erase

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"io"
	"math"

	"chancery/pades/pdf"
	"chancery/pades/update"
)

// Mark is the origin of a letter that goes.
type Mark struct {
	Page int     `json:"page"` // counted from 0
	X    float64 `json:"x"`    // in default user space
	Y    float64 `json:"y"`

	// Words is for a letter that readers take from a replacement text (14.9.4): not
	// the letter that is drawn there goes, but the replacement.
	Words bool `json:"words,omitempty"`
}

// Limits of a walk.
const (
	MaxMarks     = 50_000
	maxOperators = 5_000_000 // over all pages with marks
	maxForms     = 12        // within each other
)

// ErrStuck means that a mark was met by no letter: the text is drawn in a way that
// this package does not follow, such as vertical writing.
var ErrStuck = errors.New("a letter could not be found in the page's content")

// Letters appends an update to the file that shows its pages without the letters.
// What they were can still be read in the bytes before; whoever needs them gone
// writes the file anew.
//
// units are the points per unit of the pages that have others than the usual
// (UserUnit), which readers of text do not mind.
func Letters(ctx context.Context, r io.ReaderAt, size int64, marks []Mark) (file []byte, units map[int]float64, err error) {
	f, err := pdf.Open(r, size)
	if err != nil {
		return nil, nil, err
	}
	pages, err := f.Pages()
	if err != nil {
		return nil, nil, err
	}
	units = map[int]float64{}
	wanted := map[int][]Mark{}
	for _, m := range marks {
		if m.Page < 0 || m.Page >= len(pages) || len(marks) > MaxMarks {
			return nil, nil, fmt.Errorf("%w: page %d of %d", ErrStuck, m.Page, len(pages))
		}
		wanted[m.Page] = append(wanted[m.Page], m)
	}
	e := &erasure{ctx: ctx, file: f, forms: map[int]*content{}}
	for i, p := range pages {
		if len(wanted[i]) == 0 {
			continue
		}
		if err := e.page(p, wanted[i]); err != nil {
			return nil, nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		if p.UserUnit != 1 {
			units[i] = p.UserUnit
		}
	}
	file, err = e.write(r, size)
	return file, units, err
}

// erasure is the work on one file.
type erasure struct {
	ctx   context.Context
	file  *pdf.File
	pages []*content
	forms map[int]*content // by object number
	steps int
}

// content is a stream of operators with what goes of it.
type content struct {
	data  []byte
	gone  map[int]*loss // by the place of the operator that shows them
	quiet map[int]bool  // places of BDC operators whose replacement text goes with them
	page  *pdf.Page     // or
	form  pdf.Ref
	dict  pdf.Dict // of the form
}

// loss is what an operator shows no more.
type loss struct {
	code int             // bytes of a code
	by   map[int]float64 // what is put in the place of the letters, by their number
}

func newContent(data []byte) *content {
	return &content{data: data, gone: map[int]*loss{}, quiet: map[int]bool{}}
}

func (c *content) cut(at, number int, by float64, code int) {
	if c.gone[at] == nil {
		c.gone[at] = &loss{code, map[int]float64{}}
	}
	c.gone[at].by[number] = by
}

func (e *erasure) page(p pdf.Page, marks []Mark) error {
	data, err := e.contents(p.Dict["Contents"])
	if err != nil {
		return err
	}
	c := newContent(data)
	c.page = &p
	resources, err := e.resources(p)
	if err != nil {
		return err
	}
	hits := newHits(marks)
	if err := e.walk(c, resources, identity, hits, 0); err != nil {
		return err
	}
	if missed, all := hits.missed(); all > 0 {
		return fmt.Errorf("%w: %d of %d, the first at %.1f %.1f", ErrStuck, all, len(marks), missed.X, missed.Y)
	}
	e.pages = append(e.pages, c)
	return nil
}

// contents are the streams of a page, with white space between (7.8.2).
func (e *erasure) contents(o pdf.Object) ([]byte, error) {
	o, err := e.file.Get(o)
	if err != nil {
		return nil, err
	}
	list, isList := o.(pdf.Array)
	if !isList {
		list = pdf.Array{o}
	}
	var all []byte
	for _, item := range list {
		item, err := e.file.Get(item)
		if err != nil {
			return nil, err
		}
		if s, is := item.(*pdf.Stream); is {
			data, err := e.file.Decode(s)
			if err != nil {
				return nil, err
			}
			all = append(append(all, data...), '\n')
		}
	}
	return all, nil
}

// resources of a page may be inherited (7.7.3.4).
func (e *erasure) resources(p pdf.Page) (pdf.Dict, error) {
	at := p.Dict
	for range pdf.MaxDepth {
		if at["Resources"] != nil {
			return e.file.Dict(at["Resources"])
		}
		parent, err := e.file.Dict(at["Parent"])
		if err != nil || parent == nil {
			return nil, err
		}
		at = parent
	}
	return nil, nil
}

// write appends the streams that have changed.
func (e *erasure) write(r io.ReaderAt, size int64) ([]byte, error) {
	before := make([]byte, size)
	if _, err := r.ReadAt(before, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	root, _, err := e.file.Root()
	if err != nil {
		return nil, err
	}
	state := update.State{
		Size: size, Base: e.file.Base, StartXref: e.file.StartXref, XrefStream: e.file.XrefStream,
		NextObject: e.file.NextObject(), Root: root, OpenLine: true,
	}
	h := sha256.New()
	_, _ = h.Write(before)
	sum := h.Sum(nil)
	state.ID = [2][]byte{sum[:16], sum[:16]}
	if state.Hash, err = h.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return nil, err
	}
	if info, is := e.file.Trailer["Info"].(pdf.Ref); is {
		state.Info = &info
	}
	u := update.New(state)
	for _, c := range e.pages {
		dict := c.page.Dict.Clone()
		dict["Contents"] = u.Add(packed(pdf.Dict{}, c.rewritten()))
		u.Put(c.page.Ref, dict)
	}
	for _, c := range e.forms {
		if len(c.gone)+len(c.quiet) > 0 {
			u.Put(c.form, packed(c.dict, c.rewritten()))
		}
	}
	more, _, err := u.End()
	return append(before, more...), err
}

// hits finds the mark that a letter's origin meets. Several letters may meet one:
// bold text is sometimes drawn twice.
type hits struct {
	cells map[[2]int][]int
	marks []Mark
	found []bool
}

// cell is the side of the squares that marks are sorted into, in points.
const cell = 4.0

func newHits(marks []Mark) *hits {
	h := &hits{cells: map[[2]int][]int{}, marks: marks, found: make([]bool, len(marks))}
	for i, m := range marks {
		at := [2]int{int(math.Floor(m.X / cell)), int(math.Floor(m.Y / cell))}
		h.cells[at] = append(h.cells[at], i)
	}
	return h
}

// hit tells whether a letter with this origin, of this size, goes, or what stands
// for it.
func (h *hits) hit(x, y, size float64) (letter, words bool) {
	slack := min(0.02+0.04*size, cell)
	col, row := int(math.Floor(x/cell)), int(math.Floor(y/cell))
	for dx := -1; dx <= 1; dx++ {
		for dy := -1; dy <= 1; dy++ {
			for _, i := range h.cells[[2]int{col + dx, row + dy}] {
				if m := h.marks[i]; math.Hypot(m.X-x, m.Y-y) <= slack {
					h.found[i], letter, words = true, letter || !m.Words, true
				}
			}
		}
	}
	return letter, words
}

func (h *hits) missed() (first Mark, all int) {
	for i, found := range h.found {
		if !found {
			if all == 0 {
				first = h.marks[i]
			}
			all++
		}
	}
	return first, all
}
