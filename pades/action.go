package pades

import (
	"slices"

	"chancery/pades/pdf"
)

// activeActions run something or send something away (ISO 32000-2, 12.6.4).
var activeActions = []pdf.Name{"JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "RichMediaExecute"}

// strippedActions do more than to show another place of the document or, after
// a question, a web page.
var strippedActions = append([]pdf.Name{
	"ResetForm", "Movie", "Sound", "GoToE", "GoToR", "Hide", "SetOCGState", "Thread", hiddenAnnotation,
}, activeActions...)

// keptActions go, too, where something else than a click would start them.
var keptActions = []pdf.Name{"GoTo", "URI", "Named", "Trans", "GoTo3DView", "GoToDp"}

// active tells whether o is an action to leave out, and notes its kind.
func (s *stripping) active(o pdf.Object) (bool, error) {
	kind, err := s.action(o)
	if err != nil || !slices.Contains(strippedActions, kind) {
		return false, err
	}
	return true, s.note(o)
}

// note remembers the kinds of an action that goes and of those chained to it.
func (s *stripping) note(o pdf.Object) error {
	if ref, ok := o.(pdf.Ref); ok {
		if s.noted[ref.Num] {
			return nil
		}
		s.noted[ref.Num] = true
	}
	o, err := s.file.Get(o)
	if err != nil {
		return err
	}
	chained, _ := o.(pdf.Array)
	if d, ok := o.(pdf.Dict); ok {
		kind, err := s.action(d)
		if err != nil {
			return err
		}
		if known(kind) {
			s.kinds[string(kind)] = true
		}
		chained = pdf.Array{d["Next"]}
	}
	for _, next := range chained {
		if err := s.note(next); err != nil {
			return err
		}
	}
	return nil
}

func known(kind pdf.Name) bool {
	return slices.Contains(strippedActions, kind) || slices.Contains(keptActions, kind)
}

// triggers tells whether o says what happens by itself: a dictionary of actions.
// A font of a page may have the name AA as well.
func (s *stripping) triggers(o pdf.Object) (bool, error) {
	o, err := s.file.Get(o)
	if err != nil {
		return false, err
	}
	events, _ := o.(pdf.Dict)
	found := false
	for _, value := range events {
		kind, err := s.action(value)
		if err != nil {
			return false, err
		}
		if known(kind) {
			found = true
			if err := s.note(value); err != nil {
				return false, err
			}
		}
	}
	return found, nil
}

// script tells whether o can be the source of a program: a string or a stream
// of text. A picture or a font of a page may have the name JS as well.
func (s *stripping) script(o pdf.Object) (bool, error) {
	o, err := s.file.Get(o)
	if err != nil {
		return false, err
	}
	switch v := o.(type) {
	case pdf.Dict:
		return false, nil
	case *pdf.Stream:
		if v.Dict["Subtype"] != nil {
			return false, nil
		}
	}
	s.kinds["JavaScript"] = true
	return true, nil
}

// kind of action that d is, or of a hidden annotation.
func (s *stripping) kind(d pdf.Dict) (pdf.Name, error) {
	unseen, err := hidden(s.file, d)
	if err != nil {
		return "", err
	}
	if unseen {
		field, err := isField(s.file, d)
		if err == nil && !field {
			return hiddenAnnotation, nil
		}
		return "", err
	}
	if !looksLikeAction(d) {
		return "", nil
	}
	return s.file.Name(d["S"])
}

// looksLikeAction: a part of the document's structure has a kind (S) and a
// parent (P) as well.
func looksLikeAction(d pdf.Dict) bool {
	return d["P"] == nil && (d["Type"] == nil || d["Type"] == pdf.Name("Action"))
}

// action is the kind of action that o is; "" when it is none.
func (s *stripping) action(o pdf.Object) (pdf.Name, error) {
	ref, indirect := o.(pdf.Ref)
	if kind, ok := s.actions[ref.Num]; indirect && ok {
		return kind, nil
	}
	o, err := s.file.Get(o)
	if err != nil {
		return "", err
	}
	var kind pdf.Name
	if d, ok := o.(pdf.Dict); ok {
		if kind, err = s.kind(d); err != nil {
			return "", err
		}
	}
	if indirect {
		s.actions[ref.Num] = kind
	}
	return kind, nil
}
