package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// freshLooks wants every new appearance to be a new object: one that exists
// belongs to something else, or to the same field already.
func (t *transition) freshLooks(was, is pdf.Object) (bool, error) {
	if t.same(was, is) {
		return true, nil
	}
	old, err1 := t.before.dict(was)
	now, err2 := t.after.dict(is)
	if err := firstOf(err1, err2); err != nil {
		return false, err
	}
	known := map[pdf.Ref]bool{}
	if err := t.before.streamsIn(old, known); err != nil {
		return false, err
	}
	shown := map[pdf.Ref]bool{}
	if err := t.after.streamsIn(now, shown); err != nil {
		return false, err
	}
	for ref := range shown {
		if !known[ref] && !t.fresh[ref.Num] {
			return false, nil
		}
	}
	return true, nil
}

// streamsIn collects the appearances of an /AP dictionary, one for each way of
// looking at it or a dictionary of states.
func (v view) streamsIn(looks pdf.Dict, into map[pdf.Ref]bool) error {
	for _, o := range looks {
		if ref, ok := o.(pdf.Ref); ok {
			target, err := v.get(ref)
			if err != nil {
				return err
			}
			if _, isDict := target.(pdf.Dict); !isDict {
				into[ref] = true
				continue
			}
		}
		states, err := v.dict(o)
		if err != nil {
			return err
		}
		for _, state := range states {
			if ref, ok := state.(pdf.Ref); ok {
				into[ref] = true
			}
		}
	}
	return nil
}

// looks judges an /AP dictionary, or one of its states, that is an object of its
// own.
func (t *transition) looks(num int, f *field, was, is pdf.Dict) error {
	owner := f.fieldOf()
	c := Change{Kind: Filled, Object: num, Field: owner.name, Sentence: fmt.Sprintf("The look of the field %q was changed.", owner.name)}
	by, locked := t.policy.lockedBy(owner.name)
	fresh, err := t.freshLooks(was, is)
	switch {
	case err != nil:
		return err
	case owner.kind == "Sig" && !t.signing(owner):
		c.Kind, c.Sentence = Signed, fmt.Sprintf("What the signature in %q shows was changed.", owner.name)
		t.reject(c)
	case locked:
		c.Sentence = fmt.Sprintf("The look of the field %q was changed, although the signature in %q locks it.", owner.name, by)
		t.reject(c)
	case !fresh || t.uses.of(num) > 1:
		c.Sentence = fmt.Sprintf("The field %q shows something that belongs to another part of the document.", owner.name)
		t.reject(c)
	default:
		t.allow(c)
	}
	return nil
}

// signing tells whether the field had no signature and has one now.
func (t *transition) signing(f *field) bool {
	now := t.newer.form.byNum[f.num]
	return f.num != 0 && f.dict["V"] == nil && now != nil && now.dict["V"] != nil
}

// value judges the value of a field that is an object of its own.
func (t *transition) value(num int, f *field, is pdf.Object) error {
	owner := f.fieldOf()
	c := Change{Kind: Filled, Object: num, Field: owner.name, Sentence: fmt.Sprintf("The field %q was filled in.", owner.name)}
	if by, locked := t.policy.lockedBy(owner.name); locked {
		c.Sentence = fmt.Sprintf("The field %q was changed, although the signature in %q locks it.", owner.name, by)
		t.reject(c)
		return nil
	}
	if _, text := is.(pdf.String); !text || t.uses.of(num) > 1 {
		t.reject(t.about(num, Object, "The value of a field was replaced that something else uses, too."))
		return nil
	}
	t.allow(c)
	return nil
}
