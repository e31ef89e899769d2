package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// signKeys may change when a field is signed.
var signKeys = map[pdf.Name]bool{"V": true, "AP": true, "F": true, "MK": true, "Ff": true, "DA": true, "M": true}

// sign judges a signature field that had no signature yet.
func (t *transition) sign(c Change, f *field, was, is pdf.Dict) error {
	owner := f.fieldOf()
	for _, key := range keysOf(was, is) {
		strict := t.strict && key != "V" && key != "AP"
		if !t.same(was[key], is[key]) && (!signKeys[key] || strict || key != "V" && !t.fits(key, is[key]) || key == "F" && shows(was[key]) != shows(is[key])) {
			c.Sentence = fmt.Sprintf("The signature field %q was changed in more than its signature (%.40s).", owner.name, key)
			t.reject(c)
			return nil
		}
	}
	now := is
	if f != owner { // a widget: the signature is in the field above it
		n := t.newer.form.byNum[owner.num]
		if n == nil {
			return nil
		}
		now = n.dict
	}
	fresh, err := t.freshLooks(was["AP"], is["AP"])
	if err != nil {
		return err
	}
	if now["V"] == nil || !fresh {
		c.Sentence = fmt.Sprintf("The signature field %q shows something else than before, without having been signed.", owner.name)
		t.reject(c)
		return nil
	}
	stamp, err := t.newSignature(c.Object, owner.name, now["V"])
	if err != nil {
		return err
	}
	return t.signed(c, owner, is, stamp)
}

// signed records a new signature in a field that was waiting for one.
func (t *transition) signed(c Change, owner *field, is pdf.Dict, stamp bool) error {
	c.Sentence = fmt.Sprintf("The field %q was signed.", owner.name)
	if stamp {
		c.Kind, c.Sentence = Stamped, fmt.Sprintf("The document was given a timestamp (%q).", owner.name)
	}
	shown, err := t.after.visible(is)
	if err != nil {
		return err
	}
	by, locked := t.policy.lockedBy(owner.name)
	switch {
	case shown && (t.policy.late[owner.name] || stamp):
		c.Sentence = fmt.Sprintf("The signature in %q shows something at a place that was not there when the document was certified.", owner.name)
		t.reject(c)
	case locked && !stamp:
		c.Sentence = fmt.Sprintf("The field %q was signed, although the signature in %q locks it.", owner.name, by)
		t.reject(c)
	default:
		if !t.strict {
			t.widgets[c.Object] = true // it may have had no place on a page yet
		}
		t.allow(c)
	}
	return nil
}

// newSignature wants a new signature dictionary that covers this very revision,
// and tells whether it is a document timestamp.
func (t *transition) newSignature(num int, name string, o pdf.Object) (stamp bool, err error) {
	ref, ok := o.(pdf.Ref)
	d, err := t.after.dict(o)
	if err != nil {
		return false, err
	}
	end, covers := coverage(d)
	revision, known := t.after.ending(end)
	if !ok || !t.fresh[ref.Num] || !covers || !known || revision != t.after.rev {
		t.reject(Change{Kind: Signed, Object: num, Field: name, Sentence: fmt.Sprintf("The field %q was given something that is no signature of this revision.", name)})
		return false, nil
	}
	return isTimestamp(d), nil
}

// coverage is where the part of the file ends that a signature claims to cover.
func coverage(d pdf.Dict) (end int64, ok bool) {
	a, _ := d["ByteRange"].(pdf.Array)
	if len(a) != 4 {
		return 0, false
	}
	from, ok1 := a[2].(int64)
	size, ok2 := a[3].(int64)
	return from + size, ok1 && ok2 && from >= 0 && size >= 0 && from < 1<<60 && size < 1<<60
}

func isTimestamp(d pdf.Dict) bool {
	return d["SubFilter"] == pdf.Object(pdf.Name("ETSI.RFC3161")) || d["Type"] == pdf.Object(pdf.Name("DocTimeStamp"))
}
