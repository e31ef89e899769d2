package pades

import (
	"slices"

	"chancery/pades/pdf"
	"chancery/pades/update"
)

// formElement stands for one field.
type formElement struct {
	ref, widget, page pdf.Ref
	key               int64
	label             string
}

// add makes an element for a field and gives its key.
func (t *tagging) add(u *update.Update, f placed) *int64 {
	if t == nil {
		return nil
	}
	key := t.next
	t.next++
	t.forms = append(t.forms, formElement{ref: u.Reserve(), widget: f.Ref, page: f.Page, key: key, label: f.Label})
	return &key
}

// put writes the elements and what leads to them.
func (p *placing) putTags() error {
	t, u := p.tags, p.update
	if t == nil {
		return nil
	}
	kids, nums := slices.Clone(t.kids), pdf.Array{}
	for _, e := range t.forms {
		u.Put(e.ref, e.dict(t.under))
		kids, nums = append(kids, e.ref), append(nums, e.key, e.ref)
	}
	tree, parent := t.tree.Clone(), t.parent.Clone()
	if t.under == t.root {
		parent = tree
	}
	parent["K"] = kids
	tree["ParentTreeNextKey"] = t.next
	keys, err := t.grown(u, nums)
	if err != nil {
		return err
	}
	if own, ok := tree["ParentTree"].(pdf.Ref); !ok {
		tree["ParentTree"] = keys
	} else if err := p.replace(own, keys); err != nil {
		return err
	}
	if t.under != t.root {
		if err := p.replace(t.under, parent); err != nil {
			return err
		}
	}
	return p.replace(t.root, tree)
}

// grown is the top of the parent tree with our keys: among its entries, or in one
// more node behind the others.
func (t *tagging) grown(u *update.Update, nums pdf.Array) (pdf.Dict, error) {
	keys := t.keys.Clone()
	if keys["Nums"] != nil {
		before, err := t.file.Array(keys["Nums"])
		keys["Nums"] = append(slices.Clone(before), nums...)
		return keys, err
	}
	before, err := t.file.Array(keys["Kids"])
	node := u.Add(pdf.Dict{"Nums": nums, "Limits": pdf.Array{t.forms[0].key, t.next - 1}})
	keys["Kids"] = append(slices.Clone(before), node)
	return keys, err
}

func (e formElement) dict(parent pdf.Ref) pdf.Dict {
	d := pdf.Dict{
		"Type": pdf.Name("StructElem"), "S": pdf.Name("Form"), "P": parent, "Pg": e.page,
		"K": pdf.Dict{"Type": pdf.Name("OBJR"), "Obj": e.widget, "Pg": e.page},
	}
	if e.label != "" {
		d["Alt"] = pdf.Text(e.label)
	}
	return d
}
