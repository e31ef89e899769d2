// Package pdf reads the object layer of PDF files (ISO 32000-2, 7) lazily and
// within named limits, and writes objects back.
//
// It expects hostile input: every loop, depth, count and decoded size is
// bounded, and a file that goes over a bound ends in a problem, never in a
// panic or in gigabytes.
package pdf

import "fmt"

// Object is nil (null), bool, int64, float64, Name, String, Array, Dict, Ref or
// *Stream.
type Object any

type (
	Name   string
	String []byte // decoded, without ( ) or < >
	Array  []Object
	Dict   map[Name]Object
)

// Ref points to an indirect object.
type Ref struct{ Num, Gen int }

func (r Ref) String() string { return fmt.Sprintf("%d %d R", r.Num, r.Gen) }

// Stream is a dictionary and, somewhere, bytes: in the file it was read from
// (start, a position in that file) or in Data when we made it.
type Stream struct {
	Dict  Dict
	Data  []byte
	start int64
}

// Rect is lower left and upper right in default user space.
type Rect struct{ X0, Y0, X1, Y1 float64 }

func (r Rect) Width() float64  { return r.X1 - r.X0 }
func (r Rect) Height() float64 { return r.Y1 - r.Y0 }

// Array writes the rectangle as PDF does.
func (r Rect) Array() Array { return Array{r.X0, r.Y0, r.X1, r.Y1} }

// Clone copies the dictionary itself, not what its values share.
func (d Dict) Clone() Dict {
	c := make(Dict, len(d)+2)
	for k, v := range d {
		c[k] = v
	}
	return c
}

// number reads an integer or real as a float.
func number(o Object) (float64, bool) {
	switch n := o.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}
