package pades

import (
	"context"
	"fmt"
	"slices"

	"chancery/pades/pdf"
	"chancery/problem"
)

// search visits every reachable object once, outermost first.
type search struct {
	ctx   context.Context
	file  *pdf.File
	found *Inspection
	seen  map[int]bool
	next  []pdf.Ref
	names map[int]pdf.Name // indirect names that were looked up
	where string           // the object under the eye
}

func (s *search) run() error {
	for len(s.next) > 0 {
		ref := s.next[len(s.next)-1]
		s.next = s.next[:len(s.next)-1]
		if s.found.Objects++; s.found.Objects > pdf.MaxObjects {
			return problem.Invalid("pdf_too_complex", "This PDF has too many parts to be signed safely.")
		}
		if err := s.ctx.Err(); err != nil {
			return fmt.Errorf("inspect object %v: %w", ref, err)
		}
		o, err := s.file.Load(ref)
		if err != nil {
			return err
		}
		s.where = fmt.Sprintf("object %d", ref.Num)
		if err := s.visit(o); err != nil {
			return err
		}
	}
	return nil
}

// visit looks at one object and queues what it refers to.
func (s *search) visit(o pdf.Object) error {
	switch v := o.(type) {
	case pdf.Ref:
		if !s.seen[v.Num] {
			s.seen[v.Num] = true
			s.next = append(s.next, v)
		}
	case pdf.Array:
		for _, item := range v {
			if err := s.visit(item); err != nil {
				return err
			}
		}
	case *pdf.Stream:
		if err := s.stream(v); err != nil {
			return err
		}
		return s.visit(v.Dict)
	case pdf.Dict:
		if err := s.judge(v); err != nil {
			return err
		}
		for _, value := range v {
			if err := s.visit(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *search) judge(d pdf.Dict) error {
	kind := s.name(d["S"])
	if slices.Contains(activeActions, kind) || looksLikeAction(d) && slices.Contains(strippedActions, kind) {
		s.find("pdf_active_content", string(kind))
	}
	if d["JS"] != nil {
		s.find("pdf_active_content", "JavaScript")
	}
	if _, ranged := d["ByteRange"].(pdf.Array); ranged && d["Contents"] != nil {
		s.find("pdf_already_signed", "")
	}
	if d["EF"] != nil {
		s.find("pdf_embedded_file", "")
	}
	for _, key := range replacements(d) {
		s.find(replacedKinds[key][0], replacedKinds[key][1])
	}
	return s.annotation(d)
}

func (s *search) annotation(d pdf.Dict) error {
	if kind, _ := d["Subtype"].(pdf.Name); d["Rect"] != nil && slices.Contains(mediaAnnotations, kind) {
		s.find("pdf_active_content", string(kind))
	}
	unseen, err := hidden(s.file, d)
	if err != nil || !unseen {
		return err
	}
	field, err := isField(s.file, d)
	if field {
		s.find("pdf_hidden_field", "")
	} else {
		s.find("pdf_hidden_annotation", "")
	}
	return err
}

func (s *search) stream(o *pdf.Stream) error {
	if o.Dict["F"] != nil {
		s.find("pdf_external", "")
	}
	if o.Dict["Subtype"] == pdf.Name("PS") {
		s.find("pdf_active_content", "PostScript")
	}
	var text invisible
	if err := s.file.Weigh(o, &text); err != nil {
		return fmt.Errorf("%s: %w", s.where, err)
	}
	if text.found && (o.Dict["Subtype"] == nil || o.Dict["Subtype"] == pdf.Name("Form")) {
		s.find("pdf_invisible_text", "")
	}
	return nil
}

func (s *search) find(code, kind string) { s.found.find(code, kind, s.where) }

// name follows o to a name. What cannot be read ends the search when its turn
// comes.
func (s *search) name(o pdf.Object) pdf.Name {
	ref, ok := o.(pdf.Ref)
	if !ok {
		name, _ := o.(pdf.Name)
		return name
	}
	name, looked := s.names[ref.Num]
	if !looked {
		name, _ = s.file.Name(ref)
		s.names[ref.Num] = name
	}
	return name
}

// maxLookups bounds how long the table is searched for objects that nothing
// leads to.
const maxLookups = 5_000_000

// unreached looks for a second document among the objects that nothing leads to:
// one more trailer would show it.
func (s *search) unreached() error {
	next := s.file.NextObject()
	if next > pdf.MaxObjects || next*s.file.Revisions() > maxLookups {
		return nil
	}
	for num := 1; num < next; num++ {
		used, err := s.file.InUse(num)
		if s.seen[num] || err != nil || !used {
			continue
		}
		o, err := s.file.Load(pdf.Ref{Num: num})
		if problem.Has(err, "pdf_too_complex") {
			return err
		}
		if d, ok := o.(pdf.Dict); ok && err == nil && d["Type"] == pdf.Name("Catalog") {
			s.found.find("pdf_hidden_content", "", fmt.Sprintf("object %d", num))
		}
	}
	return nil
}
