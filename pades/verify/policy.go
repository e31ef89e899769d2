package verify

import (
	"slices"
	"strings"

	"chancery/pades/pdf"
)

// policy is what the signatures made so far permit. It only ever gets stricter.
type policy struct {
	certified bool
	permits   int // the lowest P of all; 0 when no signature says anything
	locks     []lock
	late      map[string]bool // fields that appeared after the certification
}

// Values of P (ISO 32000-2, table 257).
const (
	permitNothing  = 1
	permitFilling  = 2
	permitComments = 3
)

// lock is what one signature says of fields (ISO 32000-2, 12.8.2.4).
type lock struct {
	by     string // field of the signature
	except bool   // every field but names
	names  []string
}

// covers tells whether the lock holds for a field. A field in a lock stands for
// all below it.
func (l lock) covers(name string) bool {
	listed := slices.ContainsFunc(l.names, func(n string) bool {
		return name == n || strings.HasPrefix(name, n+".")
	})
	return listed != l.except
}

func (l lock) all() bool { return l.except && len(l.names) == 0 }

// lockedBy is the signature field that locks the named field.
func (p policy) lockedBy(name string) (string, bool) {
	for _, l := range p.locks {
		if l.covers(name) {
			return l.by, true
		}
	}
	return "", false
}

// allows tells whether changes of this kind are permitted at all. Without a
// certification a signer agrees to what P 2 allows: that others fill in and sign.
func (p policy) allows(k Kind) bool {
	permits := p.permits
	if permits == 0 {
		permits = permitFilling
	}
	switch k {
	case Filled, Signed, Form:
		return permits >= permitFilling
	case Annotation:
		return permits >= permitComments
	}
	return true // evidence, timestamps and what goes with them
}

func (p *policy) limit(permits int) {
	if p.permits == 0 || permits < p.permits {
		p.permits = permits
	}
}

// readLock reads the parameters of FieldMDP or the lock of a signature field.
// What is not understood locks everything.
func (v view) readLock(by string, d pdf.Dict) (lock, error) {
	l := lock{by: by}
	action, err := v.name(d["Action"])
	if err != nil {
		return l, err
	}
	if action != "Include" {
		l.except = true
	}
	if action != "Include" && action != "Exclude" {
		return l, nil
	}
	fields, err := v.array(d["Fields"])
	if err != nil {
		return l, err
	}
	for _, o := range fields {
		name, err := v.text(o)
		if err != nil {
			return l, err
		}
		l.names = append(l.names, name)
	}
	return l, nil
}

// readPermits reads P of DocMDP's parameters or of a lock: absent means 2, and
// what no standard knows permits nothing.
func (v view) readPermits(d pdf.Dict) (int, error) {
	o, err := v.get(d["P"])
	if err != nil || o == nil {
		return permitFilling, err
	}
	n, ok := o.(int64)
	if !ok || n < permitNothing || n > permitComments {
		return permitNothing, nil
	}
	return int(n), nil
}
