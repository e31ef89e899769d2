package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// filledKeys may change when a field is filled in. Our own programs need three;
// others also write how a value looks.
var (
	strictKeys   = map[pdf.Name]bool{"V": true, "AP": true, "AS": true}
	tolerantKeys = map[pdf.Name]bool{"V": true, "AP": true, "AS": true, "I": true, "F": true, "DA": true, "Q": true, "Ff": true, "RV": true, "M": true, "MK": true, "DR": true}
)

// field judges a field or widget that was written again.
func (t *transition) field(num int, f *field, was, is pdf.Dict) error {
	page, err := t.older.pageOf(was)
	if err != nil {
		return err
	}
	owner := f.fieldOf()
	c := Change{Kind: Filled, Object: num, Field: owner.name, Page: page}
	if owner.kind == "Sig" {
		c.Kind = Signed
		if owner.dict["V"] != nil {
			c.Sentence = fmt.Sprintf("The signature in %q was changed or taken away.", owner.name)
			t.reject(c)
			return nil
		}
		return t.sign(c, f, was, is)
	}
	c.Sentence = fmt.Sprintf("The field %q was filled in.", owner.name)
	if by, locked := t.policy.lockedBy(owner.name); locked {
		c.Sentence = fmt.Sprintf("The field %q was changed, although the signature in %q locks it.", owner.name, by)
		t.reject(c)
		return nil
	}
	if key, ok := t.onlyFilled(was, is); !ok {
		c.Sentence = fmt.Sprintf("The field %q was changed in more than its value (%.40s).", owner.name, key)
		t.reject(c)
		return nil
	}
	fresh, err := t.freshLooks(was["AP"], is["AP"])
	if err != nil {
		return err
	}
	if !fresh {
		c.Sentence = fmt.Sprintf("The field %q shows something that belongs to another part of the document.", owner.name)
		t.reject(c)
		return nil
	}
	t.allow(c)
	return nil
}

// onlyFilled tells whether nothing changed but what filling in changes, and that
// in kind. key is the first that did.
func (t *transition) onlyFilled(was, is pdf.Dict) (key pdf.Name, ok bool) {
	allowed := tolerantKeys
	if t.strict {
		allowed = strictKeys
	}
	for _, key := range keysOf(was, is) {
		if !t.same(was[key], is[key]) && (!allowed[key] || !t.fits(key, is[key]) || key == "F" && shows(was[key]) != shows(is[key])) {
			return key, false
		}
	}
	return "", true
}

// shows tells from an annotation's flags whether it is seen on screen: it is
// neither invisible, hidden nor without a view (ISO 32000-2, table 167).
func shows(flags pdf.Object) bool {
	n, _ := flags.(int64)
	return n&(1<<0|1<<1|1<<5) == 0
}

// fits tells whether a new value is of the kind that the key of a field has. A
// dictionary that is a field and something else could change its meaning there.
func (t *transition) fits(key pdf.Name, o pdf.Object) bool {
	o, err := t.after.get(o)
	if fatal(err) {
		t.err = err
	}
	if err != nil {
		return false
	}
	if o == nil {
		return true
	}
	switch key {
	case "F", "Q", "Ff":
		n, ok := o.(int64)
		return ok && n >= 0
	case "DA", "M":
		_, ok := o.(pdf.String)
		return ok
	case "AS":
		_, ok := o.(pdf.Name)
		return ok
	case "AP", "MK", "DR":
		_, ok := o.(pdf.Dict)
		return ok
	}
	switch o := o.(type) { // V, I, RV
	case pdf.Dict:
		return false
	case pdf.Array:
		return scalars(o)
	}
	return true
}

func scalars(a pdf.Array) bool {
	for _, o := range a {
		switch o.(type) {
		case pdf.Dict, pdf.Array, pdf.Ref:
			return false
		}
	}
	return true
}
