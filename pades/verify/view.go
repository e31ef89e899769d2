package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// view is the file as it was at one of its revisions. Views share the parsed
// objects, so looking at many costs little more than looking at one.
type view struct {
	*file
	rev int // index into revisions
}

// entry finds where the object is, in the newest revision that has it.
func (v view) entry(num int) entry {
	for i := v.rev; i >= 0; i-- {
		if e, ok := v.revisions[i].find(num); ok {
			return e
		}
	}
	return entry{}
}

func (v view) trailer() pdf.Dict { return v.revisions[v.rev].trailer }

// root is the document catalog.
func (v view) root() (pdf.Ref, pdf.Dict, error) {
	ref, ok := v.trailer()["Root"].(pdf.Ref)
	if !ok {
		return pdf.Ref{}, nil, damaged(fmt.Errorf("the trailer has no /Root"))
	}
	d, err := v.dict(ref)
	if err == nil && d == nil {
		err = damaged(fmt.Errorf("there is no catalog %v", ref))
	}
	return ref, d, err
}

// load reads one indirect object. One that the file does not have is null
// (ISO 32000-2, 7.3.10).
func (v view) load(num int) (pdf.Object, error) {
	o, err := v.object(num)
	return o.value, err
}

func (v view) object(num int) (object, error) {
	e := v.entry(num)
	switch e.kind {
	case inUse:
		o, err := v.objectAt(v.base + e.at)
		if err == nil && o.ref.Num != num {
			err = damaged(fmt.Errorf("object %v is at the place of %d", o.ref, num))
		}
		return o, err
	case inStream:
		return v.compressed(e, num)
	}
	return object{}, nil
}

// get follows a reference, and references to references.
func (v view) get(o pdf.Object) (pdf.Object, error) {
	for range maxDepth {
		ref, ok := o.(pdf.Ref)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = v.load(ref.Num); err != nil {
			return nil, err
		}
	}
	return nil, damaged(fmt.Errorf("reference %v leads to itself", o))
}

// dict follows o to a dictionary, that of a stream included; anything else is nil.
func (v view) dict(o pdf.Object) (pdf.Dict, error) {
	o, err := v.get(o)
	switch d := o.(type) {
	case pdf.Dict:
		return d, err
	case *stream:
		return d.dict, err
	}
	return nil, err
}

// array follows o to an array; anything else is nil.
func (v view) array(o pdf.Object) (pdf.Array, error) {
	o, err := v.get(o)
	a, _ := o.(pdf.Array)
	return a, err
}

// name follows o to a name; anything else is "".
func (v view) name(o pdf.Object) (pdf.Name, error) {
	o, err := v.get(o)
	n, _ := o.(pdf.Name)
	return n, err
}

// text follows o to a text string.
func (v view) text(o pdf.Object) (string, error) {
	o, err := v.get(o)
	s, _ := o.(pdf.String)
	return text(s), err
}
