package verify

import (
	"bytes"
	"fmt"

	"chancery/pades/pdf"
)

// comparison compares values of two revisions. References to the same number
// count as equal: if that object differs, it is among the changed ones and must
// be explained itself. So no path is followed twice, and nothing is followed
// far: only what one side has in place and the other as a reference, or what
// moved to another number.
type comparison struct {
	before, after view
	steps         int
	known         map[[2]int]bool // pairs of numbers compared, or being compared
	err           error           // fatal
}

func compare(before, after view) *comparison {
	return &comparison{before: before, after: after, known: map[[2]int]bool{}}
}

// same tells whether a in the older and b in the newer revision are equal.
func (c *comparison) same(a, b pdf.Object) bool { return c.deep(a, b, 0) }

func (c *comparison) deep(a, b pdf.Object, depth int) bool {
	if c.steps++; c.steps > maxCompared || depth > maxDepth {
		c.err = tooComplex(fmt.Errorf("%d values compared, %d deep", c.steps, depth))
	}
	if c.err != nil {
		return false
	}
	ra, isA := a.(pdf.Ref)
	rb, isB := b.(pdf.Ref)
	switch {
	case isA && isB && ra.Num == rb.Num:
		return ra.Gen == rb.Gen
	case isA && isB:
		return c.moved(ra, rb, depth)
	case isA:
		return c.deep(c.load(c.before, ra), b, depth+1)
	case isB:
		return c.deep(a, c.load(c.after, rb), depth+1)
	}
	return c.values(a, b, depth)
}

// moved compares two objects of different numbers. While a pair is being
// compared it counts as equal, or a circle would have no end.
func (c *comparison) moved(a, b pdf.Ref, depth int) bool {
	pair := [2]int{a.Num, b.Num}
	if equal, ok := c.known[pair]; ok {
		return equal
	}
	c.known[pair] = true
	equal := c.deep(c.load(c.before, a), c.load(c.after, b), depth+1)
	c.known[pair] = equal
	return equal
}

// unreadable equals nothing, not even itself.
type unreadable struct{}

func (c *comparison) load(v view, ref pdf.Ref) pdf.Object {
	o, err := v.load(ref.Num)
	if fatal(err) {
		c.err = err
	}
	if err != nil {
		return unreadable{}
	}
	return o
}

func (c *comparison) values(a, b pdf.Object, depth int) bool {
	switch a := a.(type) {
	case pdf.Dict:
		d, ok := b.(pdf.Dict)
		return ok && c.dicts(a, d, depth)
	case pdf.Array:
		d, ok := b.(pdf.Array)
		if !ok || len(a) != len(d) {
			return false
		}
		for i := range a {
			if !c.deep(a[i], d[i], depth+1) {
				return false
			}
		}
		return true
	case *stream:
		d, ok := b.(*stream)
		return ok && c.streams(a, d, depth)
	case pdf.String:
		d, ok := b.(pdf.String)
		return ok && bytes.Equal(a, d)
	case unreadable:
		return false
	case int64, float64:
		x, y := real(a), real(b)
		return x != nil && y != nil && *x == *y
	}
	switch b.(type) {
	case pdf.Dict, pdf.Array, pdf.String: // not comparable with ==
		return false
	}
	return a == b
}

func real(o pdf.Object) *float64 {
	var f float64
	switch n := o.(type) {
	case int64:
		f = float64(n)
	case float64:
		f = n
	default:
		return nil
	}
	return &f
}

// dicts takes a key with null for one that is not there (ISO 32000-2, 7.3.7).
func (c *comparison) dicts(a, b pdf.Dict, depth int) bool {
	for key, value := range a {
		if !c.deep(value, b[key], depth+1) {
			return false
		}
	}
	for key, value := range b {
		if _, ok := a[key]; !ok && !c.deep(nil, value, depth+1) {
			return false
		}
	}
	return true
}

// streams compares the bytes as they stand in the file.
func (c *comparison) streams(a, b *stream, depth int) bool {
	if a.at == b.at {
		return true
	}
	if !c.dicts(without(a.dict, "Length"), without(b.dict, "Length"), depth) {
		return false
	}
	long, err1 := c.before.length(a)
	short, err2 := c.after.length(b)
	if err1 != nil || err2 != nil || long != short {
		return false
	}
	x, ok1 := c.bytes(c.before, a, long)
	y, ok2 := c.bytes(c.after, b, short)
	return ok1 && ok2 && bytes.Equal(x, y)
}

func (c *comparison) bytes(v view, s *stream, length int64) ([]byte, bool) {
	data, err := v.raw(s, length)
	if v.decoded += length; err == nil && v.decoded > maxDecoded {
		err = tooComplex(fmt.Errorf("%d bytes of streams compared", v.decoded))
	}
	if fatal(err) {
		c.err = err
	}
	return data, err == nil
}

func without(d pdf.Dict, keys ...pdf.Name) pdf.Dict {
	out := d.Clone()
	for _, key := range keys {
		delete(out, key)
	}
	return out
}
