package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// field is one node of the form: a field, a widget below it, or both in one.
type field struct {
	num    int    // object number; 0 when it stands in its parent's array
	name   string // fully qualified
	kind   pdf.Name
	dict   pdf.Dict
	parent *field
	named  bool // it has a name of its own; a mere widget has not
}

// form is what /AcroForm leads to.
type form struct {
	ref    pdf.Object // as the catalog has it
	dict   pdf.Dict
	fields []*field
	byNum  map[int]*field
	shared map[int]bool // nodes that the form reaches on two ways
	steps  int
}

// readForm visits every node of the form once.
func (v view) readForm(root pdf.Dict) (*form, error) {
	f := &form{ref: root["AcroForm"], byNum: map[int]*field{}, shared: map[int]bool{}}
	var err error
	if f.dict, err = v.dict(f.ref); err != nil {
		return nil, err
	}
	fields, err := v.array(f.dict["Fields"])
	if err != nil {
		return nil, err
	}
	for _, o := range fields {
		if err := v.readField(f, o, nil, 0); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (v view) readField(f *form, o pdf.Object, parent *field, depth int) error {
	if f.steps++; f.steps > maxFields || depth > maxDepth {
		return tooComplex(fmt.Errorf("form of %d nodes, %d deep", f.steps, depth))
	}
	ref, _ := o.(pdf.Ref)
	if ref.Num != 0 && f.byNum[ref.Num] != nil {
		f.shared[ref.Num] = true
		return nil
	}
	d, err := v.dict(o)
	if err != nil || d == nil {
		return err
	}
	node := &field{num: ref.Num, dict: d, parent: parent}
	if err := v.describeField(node); err != nil {
		return err
	}
	f.fields = append(f.fields, node)
	if ref.Num != 0 {
		f.byNum[ref.Num] = node
	}
	kids, err := v.array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := v.readField(f, kid, node, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// describeField finds out the name and the kind, which are inherited.
func (v view) describeField(node *field) error {
	if parent := node.parent; parent != nil {
		node.name, node.kind = parent.name, parent.kind
	}
	if node.dict["T"] != nil {
		own, err := v.text(node.dict["T"])
		if err != nil {
			return err
		}
		node.named = true
		if node.name != "" {
			own = node.name + "." + own
		}
		node.name = own
	}
	if node.dict["FT"] == nil {
		return nil
	}
	var err error
	node.kind, err = v.name(node.dict["FT"])
	return err
}

// fieldOf goes up from a widget to the field it shows.
func (n *field) fieldOf() *field {
	for n.parent != nil && !n.named {
		n = n.parent
	}
	return n
}

// isSignature tells whether the node is a signature field itself.
func (n *field) isSignature() bool { return n.kind == "Sig" && n.fieldOf() == n }

// signatures lists the signature fields that have a value.
func (f *form) signatures() []*field {
	var out []*field
	for _, n := range f.fields {
		if n.isSignature() && n.dict["V"] != nil {
			out = append(out, n)
		}
	}
	return out
}
