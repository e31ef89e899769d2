package verify

import (
	"maps"
	"slices"

	"chancery/pades/pdf"
)

// advance makes the model of the next revision out of this one, when the revision
// touches nothing but new objects and fields without kids: the common case, a
// person who signs. ok is false when the whole model must be read anew.
func (m *model) advance(next view) (*model, bool, error) {
	var changed []*field
	for _, num := range next.revisions[next.rev].touched() {
		r, known := m.roles[num]
		if !known && !m.entry(num).live() {
			continue // new, or nothing
		}
		if r.part == infoPart || r.part == metadataPart {
			continue
		}
		if r.part != fieldPart {
			return nil, false, nil
		}
		f, ok, err := next.refill(r.field)
		if err != nil || !ok {
			return nil, false, err
		}
		changed = append(changed, f)
	}
	out := *m
	out.view = next
	out.form, out.roles = m.form.clone(), maps.Clone(m.roles)
	for _, f := range changed {
		if err := out.replace(f); err != nil {
			return nil, false, err
		}
	}
	return &out, true, nil
}

// refill reads a field again; ok is false when more than its value may differ.
func (v view) refill(old *field) (*field, bool, error) {
	o, err := v.load(old.num)
	d, ok := o.(pdf.Dict)
	if err != nil || !ok {
		return nil, false, err
	}
	if old.dict["Kids"] != nil || d["Kids"] != nil {
		return nil, false, nil
	}
	f := &field{num: old.num, dict: d, parent: old.parent}
	if err := v.describeField(f); err != nil {
		return nil, false, err
	}
	return f, f.name == old.name && f.kind == old.kind && f.named == old.named, nil
}

func (f *form) clone() *form {
	c := *f
	c.fields, c.byNum = slices.Clone(f.fields), maps.Clone(f.byNum)
	return &c
}

// replace puts a field in the place of its older self, with all its roles.
func (m *model) replace(f *field) error {
	old := m.form.byNum[f.num]
	m.form.fields[slices.Index(m.form.fields, old)] = f
	m.form.byNum[f.num] = f
	for num, r := range m.roles {
		if r.field == old {
			delete(m.roles, num)
		}
	}
	return m.fieldRoles(f)
}
