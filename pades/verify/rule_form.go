package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// form compares the two /AcroForm dictionaries: the form may gain signature
// fields and what they need, and nothing else.
func (t *transition) form() error {
	was, is := t.older.form.dict, t.newer.form.dict
	if is == nil && was == nil {
		return nil
	}
	if is == nil {
		t.reject(Change{Kind: Form, Sentence: "The form was taken out of the document."})
		return nil
	}
	for _, key := range keysOf(was, is) {
		if key == "Fields" || t.same(was[key], is[key]) {
			continue
		}
		ok, err := t.formKey(key, was[key], is[key])
		if err != nil {
			return err
		}
		if !ok {
			t.reject(Change{Kind: Form, Object: numberOf(t.newer.form.ref), Sentence: formSentence(key)})
		}
	}
	return t.fieldList(was["Fields"], is["Fields"])
}

func numberOf(o pdf.Object) int {
	ref, _ := o.(pdf.Ref)
	return ref.Num
}

func formSentence(key pdf.Name) string {
	switch key {
	case "XFA":
		return "The second form of the document (XFA) was changed."
	case "NeedAppearances":
		return "Viewers are asked to draw all fields anew."
	case "DR":
		return "Fonts or pictures of the form were replaced."
	}
	return fmt.Sprintf("A setting of the form was changed (%.40s).", key)
}

// formKey tells whether one setting of the form may change as it did.
func (t *transition) formKey(key pdf.Name, was, is pdf.Object) (bool, error) {
	switch key {
	case "SigFlags":
		was, err1 := t.before.get(was)
		is, err2 := t.after.get(is)
		old, ok1 := was.(int64)
		now, ok2 := is.(int64)
		return (ok1 || was == nil) && ok2 && old&^now == 0 && now&^3 == 0, firstOf(err1, err2)
	case "NeedAppearances":
		is, err := t.after.get(is)
		return !t.strict && is != pdf.Object(true), err
	case "DR":
		return t.resources(was, is)
	case "DA":
		_, text := is.(pdf.String)
		return !t.strict && was == nil && text, nil
	}
	return false, nil
}

// resources lets fonts and pictures come, and none change, unless what lists
// them is in use elsewhere: there a new one may fill a hole.
func (t *transition) resources(was, is pdf.Object) (bool, error) {
	old, err1 := t.before.dict(was)
	now, err2 := t.after.dict(is)
	if err := firstOf(err1, err2); err != nil || t.strict {
		return false, err
	}
	for key, value := range old {
		if t.same(value, now[key]) {
			continue
		}
		before, err1 := t.before.dict(value)
		after, err2 := t.after.dict(now[key])
		if err := firstOf(err1, err2); err != nil {
			return false, err
		}
		if after == nil {
			return false, nil
		}
		for name, resource := range before {
			if !t.same(resource, after[name]) {
				return false, nil
			}
		}
	}
	return now != nil, nil
}

// fieldList wants all old fields in their order, and behind them or between them
// only new signature fields.
func (t *transition) fieldList(was, is pdf.Object) error {
	old, err1 := t.before.array(was)
	now, err2 := t.after.array(is)
	if err := firstOf(err1, err2); err != nil {
		return err
	}
	added, ok := t.additions(old, now)
	if !ok {
		t.reject(Change{Kind: Form, Object: numberOf(t.newer.form.ref), Sentence: "A field was taken out of the form, or the fields were put in another order."})
		return nil
	}
	for _, o := range added {
		if err := t.newField(o); err != nil {
			return err
		}
	}
	return t.err
}

// additions lists what now has besides all of old in the same order.
func (t *transition) additions(old, now pdf.Array) (added pdf.Array, ok bool) {
	i := 0
	for _, o := range now {
		if i < len(old) && t.same(old[i], o) {
			i++
			continue
		}
		added = append(added, o)
	}
	return added, i == len(old)
}
