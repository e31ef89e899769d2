package erase

import (
	"bytes"
	"fmt"
	"math"

	"chancery/pades/pdf"
	"chancery/problem"
)

// matrix is a b c d e f as PDF writes it (8.3.3).
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times does m first, then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) at(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// state is the part of the graphics state that places text (9.3).
type state struct {
	ctm                matrix
	font               *font
	size               float64
	chars, words       float64 // spacing
	scale              float64
	leading, rise      float64
	line               matrix  // where the line starts
	along, alongViewer float64 // how far along the line we are, and where viewers with whole widths think that we are
}

// walker goes through one content stream.
type walker struct {
	*erasure
	c         *content
	lexer     *pdf.Lexer
	resources pdf.Dict
	fonts     map[pdf.Name]*font
	hits      *hits
	depth     int

	state
	saved  []state
	marked []int // places of the BDC operators that are open; -1 for BMC
}

// maxOperands of an operator; only arrays hold more.
const maxOperands = 64

// maxSaved states.
const maxSaved = 512

func (e *erasure) walk(c *content, resources pdf.Dict, ctm matrix, h *hits, depth int) error {
	w := &walker{
		erasure: e, c: c, lexer: pdf.NewLexer(c.data, true), resources: resources, fonts: map[pdf.Name]*font{}, hits: h, depth: depth,
		state: state{ctm: ctm, scale: 1, line: identity},
	}
	for {
		more, err := w.next()
		if err != nil || !more {
			return err
		}
	}
}

// next reads one operator with its operands and does it.
func (w *walker) next() (more bool, err error) {
	if w.steps++; w.steps > maxOperators {
		return false, problem.Invalid("pdf_too_complex", "A page of this PDF is too complex to take its tags off.")
	}
	if w.steps%1024 == 0 && w.ctx.Err() != nil {
		return false, w.ctx.Err()
	}
	start, operator, operands, err := operation(w.lexer, w.c.data)
	if err != nil || operator == "" {
		return false, err
	}
	if operator == "BI" {
		return true, skipImage(w.lexer, w.c.data)
	}
	return true, w.do(start, operator, operands)
}

// operation reads operands and the operator behind them; "" at the end.
func operation(x *pdf.Lexer, data []byte) (start int, operator string, operands []pdf.Object, err error) {
	start = -1
	for {
		if x.SkipSpace() != nil || x.Pos() >= len(data) {
			return start, "", nil, nil
		}
		if start < 0 {
			start = x.Pos()
		}
		if c := data[x.Pos()]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '\'' || c == '"' {
			word, err := x.Word()
			switch {
			case err != nil:
				return start, "", nil, err
			case word == "true" || word == "false" || word == "null":
				operands = append(operands, word == "true")
				continue
			}
			return start, word, operands, nil
		}
		o, err := x.Object()
		if err != nil {
			return start, "", nil, fmt.Errorf("content at %d: %w", x.Pos(), err)
		}
		if operands = append(operands, o); len(operands) > maxOperands {
			operands = operands[1:]
		}
	}
}

// skipImage passes an inline image (8.9.7): its data end before EI between white space.
func skipImage(x *pdf.Lexer, data []byte) error {
	for {
		_, word, _, err := operation(x, data)
		if err != nil || word == "" {
			return err
		}
		if word == "ID" {
			break
		}
	}
	for at := x.Pos(); ; {
		found := bytes.Index(data[at:], []byte("EI"))
		if found < 0 {
			x.Seek(len(data))
			return nil
		}
		at += found + 2
		if isWhite(data[at-3]) && (at == len(data) || isWhite(data[at]) && isPlain(data[at:min(len(data), at+16)])) {
			x.Seek(at)
			return nil
		}
	}
}

func isWhite(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// isPlain tells that this may be operators and is not more of a picture.
func isPlain(data []byte) bool {
	for _, c := range data {
		if c > 126 || c < 32 && !isWhite(c) {
			return false
		}
	}
	return true
}

// numbers are the last n operands, as far as they are numbers.
func numbers(operands []pdf.Object, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		if at := len(operands) - n + i; at >= 0 {
			out[i] = number(operands[at])
		}
	}
	return out
}

func number(o pdf.Object) float64 {
	switch v := o.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

func name(operands []pdf.Object, fromEnd int) pdf.Name {
	if len(operands) < fromEnd {
		return ""
	}
	n, _ := operands[len(operands)-fromEnd].(pdf.Name)
	return n
}

// do is one operator. start is where its operands begin.
func (w *walker) do(start int, operator string, operands []pdf.Object) error {
	one := func() float64 { return numbers(operands, 1)[0] }
	switch operator {
	case "q":
		if len(w.saved) < maxSaved {
			w.saved = append(w.saved, w.state)
		}
	case "Q":
		if last := len(w.saved) - 1; last >= 0 {
			w.state, w.saved = w.saved[last], w.saved[:last]
		}
	case "cm":
		w.ctm = matrix(numbers(operands, 6)).times(w.ctm)
	case "BT":
		w.newLine(identity)
	case "Tf":
		w.size = one()
		return w.choose(name(operands, 2))
	case "Tc":
		w.chars = one()
	case "Tw":
		w.words = one()
	case "Tz":
		w.scale = one() / 100
	case "TL":
		w.leading = one()
	case "Ts":
		w.rise = one()
	case "Td", "TD":
		by := numbers(operands, 2)
		if operator == "TD" {
			w.leading = -by[1]
		}
		w.newLine(matrix{1, 0, 0, 1, by[0], by[1]}.times(w.line))
	case "Tm":
		w.newLine(matrix(numbers(operands, 6)))
	case "T*":
		w.down()
	case "Tj", "TJ", "'", "\"":
		return w.show(start, operator, operands)
	case "gs":
		return w.external(name(operands, 1))
	case "Do":
		return w.form(name(operands, 1))
	case "BMC":
		w.marked = append(w.marked, -1)
	case "BDC":
		w.marked = append(w.marked, start)
	case "EMC":
		w.marked = w.marked[:max(0, len(w.marked)-1)]
	}
	return nil
}

func (w *walker) newLine(m matrix) { w.line, w.along, w.alongViewer = m, 0, 0 }

func (w *walker) down() { w.newLine(matrix{1, 0, 0, 1, 0, -w.leading}.times(w.line)) }

// external takes a font out of a graphics state dictionary (8.4.5).
func (w *walker) external(key pdf.Name) error {
	all, err := w.file.Dict(w.resources["ExtGState"])
	if err != nil {
		return err
	}
	gs, err := w.file.Dict(all[key])
	if err != nil {
		return err
	}
	chosen, err := w.file.Array(gs["Font"])
	if err != nil || len(chosen) != 2 {
		return err
	}
	w.size = number(chosen[1])
	w.font, err = w.readFont(chosen[0])
	return err
}

func (w *walker) choose(key pdf.Name) error {
	if known, is := w.fonts[key]; is {
		w.font = known
		return nil
	}
	all, err := w.file.Dict(w.resources["Font"])
	if err != nil {
		return err
	}
	if w.font, err = w.readFont(all[key]); err != nil {
		return err
	}
	w.fonts[key] = w.font
	return nil
}

// form goes into a form, which has its own resources or those around it.
func (w *walker) form(key pdf.Name) error {
	all, err := w.file.Dict(w.resources["XObject"])
	if err != nil {
		return err
	}
	ref, indirect := all[key].(pdf.Ref)
	o, err := w.file.Get(all[key])
	if err != nil {
		return err
	}
	s, is := o.(*pdf.Stream)
	if !is || !indirect || w.depth >= maxForms {
		return nil
	}
	if kind, err := w.file.Name(s.Dict["Subtype"]); err != nil || kind != "Form" {
		return err
	}
	c := w.forms[ref.Num]
	if c == nil {
		data, err := w.file.Decode(s)
		if err != nil {
			return err
		}
		c = newContent(data)
		c.form, c.dict = ref, s.Dict
		w.forms[ref.Num] = c
	}
	resources := w.resources
	if s.Dict["Resources"] != nil {
		if resources, err = w.file.Dict(s.Dict["Resources"]); err != nil {
			return err
		}
	}
	turned, err := w.file.Array(s.Dict["Matrix"])
	if err != nil {
		return err
	}
	ctm := w.ctm
	if len(turned) == 6 {
		ctm = matrix(numbers(turned, 6)).times(ctm)
	}
	return w.walk(c, resources, ctm, w.hits, w.depth+1)
}

// show goes over the letters that an operator shows.
func (w *walker) show(start int, operator string, operands []pdf.Object) error {
	if operator == "'" || operator == "\"" {
		if operator == "\"" {
			spacing := numbers(operands[:max(0, len(operands)-1)], 2)
			w.words, w.chars = spacing[0], spacing[1]
		}
		w.down()
	}
	if w.font == nil || len(operands) == 0 {
		return nil
	}
	shown, isList := operands[len(operands)-1].(pdf.Array)
	if !isList {
		shown = pdf.Array{operands[len(operands)-1]}
	}
	count := 0
	for _, piece := range shown {
		words, is := piece.(pdf.String)
		if !is {
			by := -number(piece) / 1000 * w.size * w.scale
			w.along, w.alongViewer = w.along+by, w.alongViewer+by
			continue
		}
		for _, g := range w.font.glyphs(words) {
			w.glyph(start, count, g)
			count++
		}
	}
	return nil
}

// glyph marks a letter that goes and moves on.
func (w *walker) glyph(start, count int, g glyph) {
	// Viewers that take widths as whole numbers are a little behind.
	x, y := w.line.times(w.ctm).at(w.alongViewer, w.rise)
	all := w.line.times(w.ctm)
	height := math.Abs(w.size) * math.Hypot(all[2], all[3])
	letter, words := w.hits.hit(x, y, height)
	if letter {
		w.c.cut(start, count, w.step(g), w.font.step())
	}
	if words {
		for _, at := range w.marked {
			if at >= 0 {
				w.c.quiet[at] = true
			}
		}
	}
	w.along += (g.width/1000*w.size + w.gap(g)) * w.scale
	w.alongViewer += (math.Trunc(g.width)/1000*w.size + w.gap(g)) * w.scale
}

func (s state) gap(g glyph) float64 {
	if g.space {
		return s.chars + s.words
	}
	return s.chars
}

// step is what moves the text on as the letter did, in a TJ array.
func (s state) step(g glyph) float64 {
	if s.size == 0 {
		return 0
	}
	return -g.width - s.gap(g)*1000/s.size
}
