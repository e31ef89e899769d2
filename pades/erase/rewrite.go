package erase

import (
	"bytes"
	"compress/zlib"
	"maps"
	"slices"

	"chancery/pades/pdf"
)

// rewritten is the content without the letters that go.
func (c *content) rewritten() []byte {
	places := append(slices.Collect(maps.Keys(c.gone)), slices.Collect(maps.Keys(c.quiet))...)
	slices.Sort(places)
	var out []byte
	rest := 0
	x := pdf.NewLexer(c.data, true)
	for _, at := range slices.Compact(places) {
		x.Seek(at)
		_, operator, operands, err := operation(x, c.data)
		if err != nil { // it was read before
			continue
		}
		out = append(out, c.data[rest:at]...)
		rest = x.Pos()
		if c.quiet[at] {
			out = silent(out, operands)
			continue
		}
		out = shorter(out, operator, operands, c.gone[at])
	}
	return append(out, c.data[rest:]...)
}

// silent is a BDC operator without the text that stands for what it encloses.
func silent(out []byte, operands []pdf.Object) []byte {
	for _, o := range operands {
		if d, is := o.(pdf.Dict); is {
			o = without(d)
		}
		out = append(pdf.Append(out, o), ' ')
	}
	return append(out, "BDC"...)
}

func without(d pdf.Dict) pdf.Dict {
	out := d.Clone()
	for _, key := range []pdf.Name{"ActualText", "Alt", "E"} {
		delete(out, key)
	}
	return out
}

// shorter is an operator that shows text, as TJ, with steps in the place of what goes.
func shorter(out []byte, operator string, operands []pdf.Object, gone *loss) []byte {
	switch operator {
	case "\"":
		for i, set := range []string{" Tw ", " Tc T* "} {
			out = append(pdf.AppendReal(out, numbers(operands[:len(operands)-1], 2)[i]), set...)
		}
	case "'":
		out = append(out, "T* "...)
	}
	shown, isList := operands[len(operands)-1].(pdf.Array)
	if !isList {
		shown = pdf.Array{operands[len(operands)-1]}
	}
	l := list{}
	count := 0
	for _, piece := range shown {
		words, is := piece.(pdf.String)
		if !is {
			l.move(number(piece))
			continue
		}
		for at := 0; at < len(words); at += gone.code {
			if by, goes := gone.by[count]; goes {
				l.move(by)
			} else {
				l.say(words[at:min(at+gone.code, len(words))])
			}
			count++
		}
	}
	return append(l.write(out), " TJ"...)
}

// list is a TJ array in the making.
type list struct{ pieces pdf.Array }

func (l *list) move(by float64) {
	if last := len(l.pieces) - 1; last >= 0 {
		if before, is := l.pieces[last].(float64); is {
			l.pieces[last] = before + by
			return
		}
	}
	l.pieces = append(l.pieces, by)
}

func (l *list) say(code pdf.String) {
	if last := len(l.pieces) - 1; last >= 0 {
		if before, is := l.pieces[last].(pdf.String); is {
			l.pieces[last] = append(before, code...)
			return
		}
	}
	l.pieces = append(l.pieces, slices.Clone(code))
}

func (l *list) write(out []byte) []byte {
	out = append(out, '[')
	for i, piece := range l.pieces {
		if i > 0 {
			out = append(out, ' ')
		}
		if by, is := piece.(float64); is {
			out = pdf.AppendReal(out, by)
			continue
		}
		out = pdf.Append(out, piece)
	}
	return append(out, ']')
}

// packed is a stream of these bytes. What else its dictionary says stays.
func packed(d pdf.Dict, data []byte) *pdf.Stream {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(data) // into memory: cannot fail
	_ = z.Close()
	d = d.Clone()
	for _, key := range []pdf.Name{"DecodeParms", "Length", "DL"} {
		delete(d, key)
	}
	d["Filter"] = pdf.Name("FlateDecode")
	return &pdf.Stream{Dict: d, Data: out.Bytes()}
}
