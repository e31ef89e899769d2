package pades

import (
	"errors"
	"slices"

	"chancery/pades/pdf"
	"chancery/problem"
)

// tagging gives our fields their places in the structure of a tagged document, so
// that screen readers come to them and the document stays what PDF/UA wants
// (ISO 32000-2, 14.7.5; ISO 14289-1, 7.18.4). Each field gets a Form element at
// the end of the document, and a key by which it finds its element.
//
// A nil tagging is that of a document without structure, or of one whose structure
// is damaged or not understood. There the fields are artefacts: half an entry
// would be worse than none.
type tagging struct {
	file   *pdf.File
	root   pdf.Ref // of the structure
	tree   pdf.Dict
	under  pdf.Ref  // the one element of the root, or the root itself
	parent pdf.Dict // what under is
	kids   pdf.Array
	keys   pdf.Dict // node at the top of the parent tree
	next   int64    // free key of the parent tree
	forms  []formElement
}

// maxKey bounds the keys of the parent tree. Those of honest files count pages and
// annotations.
const maxKey = 1 << 30

func openTags(f *pdf.File, pages []pdf.Page) (*tagging, error) {
	t := &tagging{file: f}
	ok, err := t.read(pages)
	if damage := (*problem.Problem)(nil); errors.As(err, &damage) {
		return nil, nil
	}
	if err != nil || !ok {
		return nil, err
	}
	return t, nil
}

// read tells whether the document has a structure that can be added to.
func (t *tagging) read(pages []pdf.Page) (bool, error) {
	_, catalog, err := t.file.Root()
	if err != nil {
		return false, err
	}
	marks, err := t.file.Dict(catalog["MarkInfo"])
	if err != nil {
		return false, err
	}
	marked, err := t.file.Get(marks["Marked"])
	if err != nil || marked != true {
		return false, err
	}
	var ok bool
	if t.root, ok = catalog["StructTreeRoot"].(pdf.Ref); !ok {
		return false, nil
	}
	if t.tree, err = t.file.Dict(t.root); err != nil || t.tree == nil {
		return false, err
	}
	if t.keys, err = t.file.Dict(t.tree["ParentTree"]); err != nil {
		return false, err
	}
	if ok, err := t.findKey(pages); err != nil || !ok {
		return false, err
	}
	return t.findParent()
}

// findKey takes a key above all that are in use, since the keys of a number tree
// ascend (ISO 32000-2, 7.9.7).
func (t *tagging) findKey(pages []pdf.Page) (bool, error) {
	last, ok, err := t.lastKey()
	if err != nil || !ok {
		return false, err
	}
	said, _, err := t.file.Int(t.tree["ParentTreeNextKey"])
	if err != nil {
		return false, err
	}
	t.next = max(last+1, said)
	for _, page := range pages {
		own, ok, err := t.file.Int(page.Dict["StructParents"])
		if err != nil {
			return false, err
		}
		if ok {
			t.next = max(t.next, own+1)
		}
	}
	return t.next < maxKey, nil
}

// lastKey is the highest of the parent tree. It is not ok for a tree whose top
// holds neither entries nor further nodes, or both, or has them out of order.
func (t *tagging) lastKey() (int64, bool, error) {
	nums, err := t.file.Array(t.keys["Nums"])
	if err != nil {
		return 0, false, err
	}
	nodes, err := t.file.Array(t.keys["Kids"])
	if err != nil || (nums == nil) == (nodes == nil) || len(nums)%2 != 0 {
		return 0, false, err
	}
	last := int64(-1)
	for i := 0; i < len(nums); i += 2 {
		key, ok := nums[i].(int64)
		if !ok || key <= last {
			return 0, false, nil
		}
		last = key
	}
	for _, node := range nodes {
		key, ok, err := t.limit(node)
		if err != nil || !ok || key <= last {
			return 0, false, err
		}
		last = key
	}
	return last, true, nil
}

// limit is the highest key below a node, as the node says.
func (t *tagging) limit(node pdf.Object) (int64, bool, error) {
	d, err := t.file.Dict(node)
	if err != nil {
		return 0, false, err
	}
	limits, err := t.file.Array(d["Limits"])
	if err != nil || len(limits) != 2 {
		return 0, false, err
	}
	return t.file.Int(limits[1])
}

// groups are the kinds of elements that may hold anything.
var groups = []pdf.Name{"Document", "Part", "Art", "Sect", "Div"}

// findParent takes the element that holds the whole document, where there is one,
// and else the root.
func (t *tagging) findParent() (bool, error) {
	t.under, t.parent = t.root, t.tree
	top, err := t.children(t.tree)
	if err != nil || len(top) == 0 {
		return false, err
	}
	if only, ok := top[0].(pdf.Ref); ok && len(top) == 1 {
		d, err := t.file.Dict(only)
		if err != nil || d["S"] == nil {
			return false, err
		}
		if kind, _ := d["S"].(pdf.Name); slices.Contains(groups, kind) {
			t.under, t.parent = only, d
		}
	}
	t.kids, err = t.children(t.parent)
	return true, err
}

// children is /K as a list: it may be one kid or an array of them.
func (t *tagging) children(d pdf.Dict) (pdf.Array, error) {
	o, err := t.file.Get(d["K"])
	if err != nil || o == nil {
		return nil, err
	}
	if list, ok := o.(pdf.Array); ok {
		return list, nil
	}
	return pdf.Array{d["K"]}, nil
}
