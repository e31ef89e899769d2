package pades

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"chancery/pades/pdf"
)

// changes compares every signed revision with the one before it. What lies
// between two signatures is covered by the later one, but the earlier signer
// only agreed to fields being filled and signed (ISO 32000-2, 12.8.2.2, P 2).
// So a later revision may add objects, and may replace fields that nobody has
// locked yet, in their value and appearance. This is strict: it allows what
// this package writes, not everything that other programs may do rightly.
func (v *verification) changes(list []*checked) error {
	var locked []string
	signatures := map[int]bool{}
	for _, c := range list {
		signatures[c.value.Num] = true
	}
	for i := 1; i < len(list); i++ {
		before, after := list[i-1], list[i]
		if before.container == nil || after.container == nil {
			continue
		}
		locked = append(locked, before.report.Locks...)
		allowed, err := v.allowed(before.end, after.end, comparison{locked: locked, signatures: signatures})
		if err != nil {
			return err
		}
		if !allowed {
			before.report.find("change_not_allowed", "The document was later changed in a way that this signature does not allow.")
		}
	}
	return nil
}

// allowed compares two revisions. One that cannot be read is not allowed.
func (v *verification) allowed(before, after int64, c comparison) (bool, error) {
	if err := v.ctx.Err(); err != nil {
		return false, err
	}
	var err1, err2, err3 error
	c.older, err1 = pdf.Open(io.NewSectionReader(v.r, 0, before), before)
	c.newer, err2 = pdf.Open(io.NewSectionReader(v.r, 0, after), after)
	if err1 != nil || err2 != nil {
		return false, nil
	}
	changed, ok := c.newer.Since(c.older)
	c.form, err3 = walkForm(c.older)
	if !ok || err3 != nil {
		return false, nil
	}
	for _, num := range changed {
		if !c.objectAllowed(num) {
			return false, nil
		}
	}
	return true, nil
}

type comparison struct {
	older, newer *pdf.File
	form         formWalk // of the older revision
	locked       []string
	signatures   map[int]bool // object numbers of all signatures the form still shows
}

func (c comparison) objectAllowed(num int) bool {
	existed, err := c.older.InUse(num)
	if err != nil {
		return false
	}
	if !existed {
		return c.additionAllowed(num)
	}
	name, isField := c.form.names[num]
	if !isField || c.isLocked(name) {
		return false
	}
	before, err1 := c.older.Load(pdf.Ref{Num: num})
	after, err2 := c.newer.Load(pdf.Ref{Num: num})
	was, ok1 := before.(pdf.Dict)
	is, ok2 := after.(pdf.Dict)
	return err1 == nil && err2 == nil && ok1 && ok2 && c.fieldAllowed(was, is)
}

// additionAllowed: nothing that was signed shows a new object, but through what
// changed. A signature that the form does not show any more was taken away.
func (c comparison) additionAllowed(num int) bool {
	o, err := c.newer.Load(pdf.Ref{Num: num})
	d, _ := o.(pdf.Dict)
	return err == nil && (d["ByteRange"] == nil || c.signatures[num])
}

// isLocked: a lock on a field covers the fields below it.
func (c comparison) isLocked(name string) bool {
	name = text(pdf.String(name))
	return slices.ContainsFunc(c.locked, func(lock string) bool {
		return lock == "*" || name == lock || strings.HasPrefix(name, lock+".")
	})
}

// fieldAllowed lets value and appearance change, and nothing else. A signature
// once given stays.
func (c comparison) fieldAllowed(was, is pdf.Dict) bool {
	if was["FT"] == pdf.Name("Sig") && was["V"] != nil {
		return false
	}
	free := []pdf.Name{"V", "AP", "AS"}
	for _, pair := range [][2]pdf.Dict{{was, is}, {is, was}} {
		for key, value := range pair[0] {
			if !slices.Contains(free, key) && !same(value, pair[1][key]) {
				return false
			}
		}
	}
	return same(was["AP"], is["AP"]) || c.freshAppearance(is["AP"])
}

// freshAppearance wants new streams: one that already exists belongs to
// something else as well.
func (c comparison) freshAppearance(o pdf.Object) bool {
	d, ok := o.(pdf.Dict)
	if !ok {
		return false
	}
	for _, value := range d {
		ref, ok := value.(pdf.Ref)
		if !ok {
			return false
		}
		if existed, err := c.older.InUse(ref.Num); err != nil || existed {
			return false
		}
	}
	return true
}

func same(a, b pdf.Object) bool {
	return bytes.Equal(pdf.Append(nil, a), pdf.Append(nil, b))
}
