package pades

import (
	"context"
	"fmt"
	"slices"

	"chancery/pades/pdf"
	"chancery/problem"
)

// activeActions run something or send something away (ISO 32000-2, 12.6.4).
// Going to a page or a web address only happens when a reader clicks.
var activeActions = []pdf.Name{"JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "RichMediaExecute"}

// search visits every reachable object once, outermost first.
type search struct {
	ctx   context.Context
	file  *pdf.File
	found *Inspection
	seen  map[int]bool
	next  []pdf.Ref
	kinds map[pdf.Name]bool
	names map[int]pdf.Name // indirect names that were looked up
}

func (s *search) run() error {
	_, root, err := s.file.Root()
	if err != nil {
		return err
	}
	if err := s.catalog(root); err != nil {
		return err
	}
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
		s.visit(o)
	}
	for kind := range s.kinds {
		s.found.ActiveContent = append(s.found.ActiveContent, string(kind))
	}
	slices.Sort(s.found.ActiveContent)
	return nil
}

// catalog treats apart what only means something there. Usage rights (UR3) are
// a signature of a program's maker, not of a person.
func (s *search) catalog(root pdf.Dict) error {
	perms, err := s.file.Dict(root["Perms"])
	if err != nil {
		return err
	}
	s.found.Signed = s.found.Signed || perms["DocMDP"] != nil
	form, err := s.file.Dict(root["AcroForm"])
	if err != nil {
		return err
	}
	s.found.XFA = form["XFA"] != nil
	if s.found.XFAOnly, err = drawnByProgram(s.file, root); err != nil {
		return err
	}
	for key, value := range root {
		if key != "Perms" {
			s.visit(value)
		}
	}
	return nil
}

// visit looks at one object and queues what it refers to.
func (s *search) visit(o pdf.Object) {
	switch v := o.(type) {
	case pdf.Ref:
		if !s.seen[v.Num] {
			s.seen[v.Num] = true
			s.next = append(s.next, v)
		}
	case pdf.Array:
		for _, item := range v {
			s.visit(item)
		}
	case *pdf.Stream:
		s.visit(v.Dict)
	case pdf.Dict:
		s.judge(v)
		for _, value := range v {
			s.visit(value)
		}
	}
}

func (s *search) judge(d pdf.Dict) {
	if kind := s.name(d["S"]); slices.Contains(activeActions, kind) {
		s.kinds[kind] = true
	}
	if d["JS"] != nil {
		s.kinds["JavaScript"] = true
	}
	if _, ranged := d["ByteRange"].(pdf.Array); ranged && d["Contents"] != nil {
		s.found.Signed = true
	}
}

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
