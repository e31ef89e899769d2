package verify

import (
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// transition compares a revision with the one before it. Every object that the
// revision touches must be explained by a rule; what no rule explains was not
// permitted (ISO 32000-2, 12.8.2.2).
type transition struct {
	*comparison
	number  int    // of the newer revision, from 1
	older   *model // what the objects were for
	newer   *model // what they are for now
	policy  policy
	strict  bool
	uses    *uses
	fresh   map[int]bool  // numbers that did not exist before
	changed map[int]bool  // numbers that did, and now are something else
	widgets map[int]bool  // new widgets that a rule allowed
	shownOn map[int]shown // for words only
	list    []Change
}

// add lists a change. Of very many the allowed ones are left out first, so that
// what was rejected is always told.
func (t *transition) add(c Change) {
	c.Revision = t.number
	if n := len(t.list); n < maxChanges || !c.Allowed && n < 2*maxChanges {
		t.list = append(t.list, c)
	}
}

// allow records a change that a rule explains. Whether the signatures permit
// its kind at all is decided here and nowhere else.
func (t *transition) allow(c Change) {
	c.Allowed = t.policy.allows(c.Kind)
	if !c.Allowed {
		c.Sentence += " The document's certification does not permit that."
	}
	t.add(c)
}

func (t *transition) reject(c Change) {
	c.Allowed = false
	t.add(c)
}

// sound tells whether nothing was rejected.
func (t *transition) sound() bool {
	return !slices.ContainsFunc(t.list, func(c Change) bool { return !c.Allowed })
}

// judge goes through everything that the revision touches.
func (t *transition) judge() error {
	if err := t.sort(); err != nil {
		return err
	}
	if err := t.composition(); err != nil {
		return err
	}
	// The form and its fields first: they say which new widgets a page may show.
	if err := t.document(); err != nil {
		return err
	}
	nums, err := t.inOrder()
	if err != nil {
		return err
	}
	for _, num := range nums {
		if err := t.explain(num); err != nil {
			return err
		}
		if t.err != nil {
			return t.err
		}
	}
	return t.err
}

// explain finds the rule for one changed object.
func (t *transition) explain(num int) error {
	was, err1 := t.before.load(num)
	is, err2 := t.after.load(num)
	for _, err := range []error{err1, err2} {
		if fatal(err) {
			return err
		}
	}
	if err1 != nil || err2 != nil {
		t.reject(t.about(num, Object, "An object was replaced, and cannot be read."))
		return nil
	}
	if t.same(was, is) {
		return nil // written again without a difference
	}
	r, err := t.older.of(num)
	if err != nil {
		return err
	}
	return t.apply(num, r, was, is)
}

func (t *transition) apply(num int, r role, was, is pdf.Object) error {
	d, ok1 := was.(pdf.Dict)
	n, ok2 := is.(pdf.Dict)
	dicts := ok1 && ok2
	switch {
	case r.part == catalogPart:
		return nil // the document's rule has compared it; signatures refer to it, too
	case r.part == formPart, r.part == fieldListPart, r.part == evidencePart, r.part == extensionsPart, r.part == resourcesPart:
		return t.once(num, r) // the document's rule has compared them, wherever they stand
	case r.part == fieldPart && dicts:
		return t.field(num, r.field, d, n)
	case r.part == looksPart && dicts:
		return t.looks(num, r.field, d, n)
	case r.part == valuePart:
		return t.value(num, r.field, is)
	case r.part == signaturePart:
		t.reject(Change{Kind: Signed, Object: num, Field: r.field.name, Sentence: fmt.Sprintf("The signature in %q was overwritten.", r.field.name)})
		return nil
	case r.part == infoPart && dicts:
		return t.info(num, d, n)
	case r.part == metadataPart:
		return t.metadata(num, is)
	case r.part == fontPart && dicts:
		return t.font(num, d, n)
	case r.part == pageNodePart && dicts:
		t.pageNode(num, d, n)
		return nil
	case r.part == pagePart && dicts:
		return t.page(num, r.page, d, n)
	case r.part == annotsPart:
		return t.annotations(num, r.page, was, is)
	}
	t.reject(t.about(num, Object, "An object of the document was replaced."))
	return nil
}

// once insists that nothing else uses an object that a rule lets change.
func (t *transition) once(num int, r role) error {
	if t.uses.of(num) > 1 {
		t.reject(t.about(num, Object, "A part of the form was replaced that something else in the document uses, too."))
	}
	return nil
}
