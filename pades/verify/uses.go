package verify

import (
	"cmp"
	"slices"

	"chancery/pades/pdf"
)

// uses counts for each object number how often objects of a revision refer to
// it, dead ones included. It costs one look at every object, once; later
// revisions only change it by what they touch.
type uses struct {
	counts map[int]int
	opaque map[int]bool // objects that cannot be read: nobody knows what they refer to
}

func (u *uses) of(num int) int { return u.counts[num] }

// countUses looks at every object of the revision.
func (v view) countUses() (*uses, error) {
	u := &uses{counts: make(map[int]int, v.entries), opaque: map[int]bool{}}
	type place struct {
		num int
		e   entry
	}
	var all []place
	seen := map[int]bool{}
	for i := v.rev; i >= 0; i-- {
		for _, num := range v.revisions[i].touched() {
			if seen[num] {
				continue
			}
			seen[num] = true
			if e := v.entry(num); e.live() {
				all = append(all, place{num, e})
			}
		}
	}
	// In the order of the file, so that no object stream is opened twice.
	slices.SortFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.e.kind, b.e.kind), cmp.Compare(a.e.at, b.e.at), cmp.Compare(a.e.gen, b.e.gen))
	})
	for _, p := range all {
		if err := u.change(v, p.num, 1); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// change adds or takes away the references of one object.
func (u *uses) change(v view, num, by int) error {
	o, err := v.load(num)
	if fatal(err) {
		return err
	}
	if s, ok := o.(*stream); ok && s.dict["Type"] == pdf.Object(pdf.Name("XRef")) {
		return nil // its references are those of the trailer
	}
	if err != nil {
		u.opaque[num] = true // and stays so
		return nil
	}
	u.count(o, by)
	return nil
}

func (u *uses) count(o pdf.Object, by int) {
	switch o := o.(type) {
	case pdf.Ref:
		u.counts[o.Num] += by
	case pdf.Array:
		for _, value := range o {
			u.count(value, by)
		}
	case pdf.Dict:
		for _, value := range o {
			u.count(value, by)
		}
	case *stream:
		u.count(o.dict, by)
	}
}

// follow brings the counts from one revision to the next.
func (u *uses) follow(t *transition) error {
	for _, nums := range []map[int]bool{t.changed, t.fresh} {
		for num := range nums {
			if err := u.change(t.before, num, -1); err != nil {
				return err
			}
			if err := u.change(t.after, num, 1); err != nil {
				return err
			}
		}
	}
	return nil
}
