package pades

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"chancery/pades/pdf"
	"chancery/problem"
)

// rewriting numbers objects from 1 in the order in which they are met, breadth
// first and key by key, so that the same content always becomes the same file.
type rewriting struct {
	ctx     context.Context
	file    *pdf.File
	strip   *stripping
	root    pdf.Ref
	catalog pdf.Dict
	pages   map[int]pdf.Page // by object number
	limit   int64            // bytes of the result

	buf     []byte
	numbers map[int]int // new by old; 0 for what the file does not have
	queue   []pdf.Ref   // old, by new number less one
	offsets []int       // likewise
}

func (w *rewriting) run() error {
	root, err := w.renumber(w.root)
	if err != nil {
		return err
	}
	if err := w.reachable(); err != nil {
		return err
	}
	trailer := pdf.Dict{"Root": root}
	if old, ok := w.file.Trailer["Info"].(pdf.Ref); ok {
		info, err := w.renumber(old)
		if err != nil {
			return err
		}
		if info != nil {
			trailer["Info"] = info
		}
		if err := w.reachable(); err != nil {
			return err
		}
	}
	return w.close(trailer)
}

// reachable writes what is queued, and what that leads to.
func (w *rewriting) reachable() error {
	for len(w.offsets) < len(w.queue) {
		old := w.queue[len(w.offsets)]
		if err := w.ctx.Err(); err != nil {
			return fmt.Errorf("rewrite object %v: %w", old, err)
		}
		if len(w.offsets) >= pdf.MaxObjects || int64(len(w.buf)) > w.limit {
			return problem.Invalid("pdf_too_complex", "This PDF is too complex to be cleaned of its active content.").
				Because(fmt.Errorf("%d objects in %d bytes", len(w.offsets), len(w.buf)))
		}
		o, err := w.stripped(old)
		if err != nil {
			return fmt.Errorf("rewrite object %v: %w", old, err)
		}
		w.offsets = append(w.offsets, len(w.buf))
		w.buf = pdf.AppendIndirect(w.buf, pdf.Ref{Num: len(w.offsets)}, o)
	}
	return nil
}

// stripped is the object as it goes into the new file.
func (w *rewriting) stripped(old pdf.Ref) (pdf.Object, error) {
	if old.Num == w.root.Num {
		return w.converted(w.catalog)
	}
	o, err := w.file.Load(old)
	if err != nil {
		return nil, err
	}
	if page, ok := w.pages[old.Num]; ok {
		return w.converted(w.strip.page(page))
	}
	s, ok := o.(*pdf.Stream)
	if !ok {
		return w.converted(o)
	}
	data, err := w.file.Whole(s)
	if err != nil {
		return nil, err
	}
	d := s.Dict.Clone()
	delete(d, "Length") // it is written with the data, never as a reference
	kept, err := w.converted(d)
	if err != nil {
		return nil, err
	}
	return &pdf.Stream{Dict: kept.(pdf.Dict), Data: data}, nil
}

func (w *rewriting) converted(o pdf.Object) (pdf.Object, error) {
	kept, err := w.strip.object(o)
	if err != nil {
		return nil, err
	}
	return w.renumber(kept)
}

// renumber gives every reference its new number and queues what has none yet.
// What the file does not have becomes null, and a null member no member
// (ISO 32000-2, 7.3.7 and 7.3.10).
func (w *rewriting) renumber(o pdf.Object) (pdf.Object, error) {
	var err error
	switch v := o.(type) {
	case pdf.Ref:
		return w.reference(v)
	case pdf.Array:
		out := make(pdf.Array, len(v))
		for i, item := range v {
			if out[i], err = w.renumber(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case pdf.Dict:
		out := make(pdf.Dict, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			value, err := w.renumber(v[key])
			if err != nil {
				return nil, err
			}
			if value != nil {
				out[key] = value
			}
		}
		return out, nil
	}
	return o, nil
}

func (w *rewriting) reference(old pdf.Ref) (pdf.Object, error) {
	num, met := w.numbers[old.Num]
	if !met {
		used, err := w.file.InUse(old.Num)
		if err != nil {
			return nil, err
		}
		if used {
			w.queue = append(w.queue, old)
			num = len(w.queue)
		}
		w.numbers[old.Num] = num
	}
	if num == 0 {
		return nil, nil
	}
	return pdf.Ref{Num: num}, nil
}

func (w *rewriting) close(trailer pdf.Dict) error {
	digest := sha256.Sum256(w.buf)
	id, err := identifier(w.file, digest[:])
	if err != nil {
		return err
	}
	trailer["ID"] = pdf.Array{pdf.String(id[0]), pdf.String(id[1])}
	trailer["Size"] = len(w.offsets) + 1
	start := len(w.buf)
	w.buf = fmt.Appendf(w.buf, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, at := range w.offsets {
		w.buf = fmt.Appendf(w.buf, "%010d 00000 n \n", at)
	}
	w.buf = append(w.buf, "trailer\n"...)
	w.buf = pdf.Append(w.buf, trailer)
	w.buf = fmt.Appendf(w.buf, "\nstartxref\n%d\n%%%%EOF\n", start)
	return nil
}
