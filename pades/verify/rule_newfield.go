package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// newFieldKeys are those that a new signature field may have. It has no actions,
// no kids and no parent.
var newFieldKeys = map[pdf.Name]bool{
	"Type": true, "Subtype": true, "FT": true, "T": true, "TU": true, "TM": true, "P": true, "Rect": true, "F": true, "Ff": true,
	"V": true, "AP": true, "Lock": true, "SV": true, "MK": true, "DA": true, "H": true, "Border": true, "StructParent": true, "NM": true, "M": true, "BS": true, "DR": true, "Q": true,
}

// newField judges a field that the form did not have.
func (t *transition) newField(o pdf.Object) error {
	num := numberOf(o)
	d, err := t.after.dict(o)
	if err != nil {
		return err
	}
	name, err := t.after.text(d["T"])
	if err != nil {
		return err
	}
	c := Change{Kind: Form, Object: num, Field: name, Sentence: fmt.Sprintf("The field %q was added.", name)}
	if !t.properNewField(num, name, d) {
		t.reject(c)
		return nil
	}
	shown, err := t.after.visible(d)
	if err != nil {
		return err
	}
	c.Kind = Signed
	if shown && (t.policy.certified || t.strict) {
		c.Sentence = fmt.Sprintf("A signature field that shows something was added (%q).", name)
		t.reject(c)
		return nil
	}
	stamp := false
	if d["V"] != nil {
		if stamp, err = t.newSignature(num, name, d["V"]); err != nil {
			return err
		}
	}
	if stamp {
		c.Kind = Stamped
	}
	if t.strict && !stamp {
		t.reject(c)
		return nil
	}
	t.widgets[num] = true
	t.allow(c)
	return nil
}

func (t *transition) properNewField(num int, name string, d pdf.Dict) bool {
	if num == 0 || !t.fresh[num] || d["FT"] != pdf.Object(pdf.Name("Sig")) || name == "" {
		return false
	}
	for key := range d {
		if !newFieldKeys[key] {
			return false
		}
	}
	for _, f := range t.older.form.fields {
		if f.name == name {
			return false
		}
	}
	return true
}

// visible tells whether a widget shows anything: it has a place and either looks
// or a border or background that a viewer draws.
func (v view) visible(d pdf.Dict) (bool, error) {
	rect, err := v.array(d["Rect"])
	if err != nil {
		return false, err
	}
	if len(rect) == 4 {
		var n [4]float64
		for i := range n {
			o, err := v.get(rect[i])
			if err != nil {
				return false, err
			}
			if r := real(o); r != nil {
				n[i] = *r
			}
		}
		if n[0] == n[2] || n[1] == n[3] {
			return false, nil
		}
	}
	colours, err := v.dict(d["MK"])
	if err != nil {
		return false, err
	}
	looks, err := v.dict(d["AP"])
	return len(looks) > 0 || colours["BG"] != nil || colours["BC"] != nil, err
}
