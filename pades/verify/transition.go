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
	more    int // changes not listed any more
}

func (t *transition) add(c Change) {
	c.Revision = t.number
	if len(t.list) >= maxChanges {
		t.more++
		if c.Allowed {
			return
		}
	}
	if len(t.list) < 2*maxChanges {
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

// inOrder lists the changed objects by number, those of pages last.
func (t *transition) inOrder() ([]int, error) {
	var nums, last []int
	for num := range t.changed {
		r, err := t.older.of(num)
		if err != nil {
			return nil, err
		}
		if r.part == pagePart || r.part == annotsPart {
			last = append(last, num)
		} else {
			nums = append(nums, num)
		}
	}
	slices.Sort(nums)
	slices.Sort(last)
	return append(nums, last...), nil
}

// sort finds out which numbers are new and which objects differ.
func (t *transition) sort() error {
	r := &t.after.revisions[t.after.rev]
	for _, num := range r.touched() {
		is, _ := r.find(num)
		was := t.before.entry(num)
		switch {
		case num == 0 || is == was && t.sameHome(is), !is.live() && !was.live():
		case !is.live():
			t.reject(t.about(num, Object, "An object of the document was deleted."))
		case !t.inside(is, r):
			t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d was put back to something that stands elsewhere in the file.", num)})
		case !was.live():
			t.fresh[num] = true
			if was.kind == free && is.kind == inUse && is.gen < was.gen && t.strict {
				t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d came back under a generation that was given up.", num)})
			}
		default:
			if is.kind == inUse && was.kind == inUse && is.gen != was.gen {
				t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d was replaced by one of another generation.", num)})
			}
			t.changed[num] = true
		}
		if t.err != nil {
			return t.err
		}
	}
	return t.baited()
}

// sameHome: an entry that points into an object stream is the same one only
// while that stream is.
func (t *transition) sameHome(e entry) bool {
	return e.kind != inStream || t.before.entry(int(e.at)) == t.after.entry(int(e.at))
}

// inside tells whether the entry points to something that the revision wrote.
func (t *transition) inside(e entry, r *revision) bool {
	if e.kind == inStream {
		home, ok := r.find(int(e.at))
		return ok && home.kind == inUse && t.inside(home, r) && !t.before.entry(int(e.at)).live()
	}
	at := t.after.base + e.at
	return at >= r.start && at < r.eof
}

// baited looks for new objects that the older revision already pointed to: what
// was signed had a hole that is filled now.
func (t *transition) baited() error {
	if len(t.fresh) > 0 && len(t.uses.opaque) > 0 {
		t.reject(Change{Kind: Structure, Sentence: "Something was added to a document of which a part cannot be read; that part may have waited for it."})
	}
	for num := range t.fresh {
		if t.uses.of(num) > 0 {
			t.reject(t.about(num, Object, "Something appeared that the signed document had pointed to but did not contain."))
		}
	}
	return nil
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
		return t.value(num, r.field, was, is)
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
