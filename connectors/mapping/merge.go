package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"chancery/envelope"
)

// Merged is what becomes of fields that are to be written into a record which
// somebody else has changed meanwhile.
type Merged struct {
	Write  map[string]any
	Theirs []string // left as somebody else has set them
	Asked  []string // a person must decide
}

// Merge compares what is to be written with the record as it is now and as it was
// when we last knew. A field that nobody else has touched, or that has the new value
// already, is no conflict; for the others its policy decides.
func Merge(fields []Filled, was, now map[string]any) Merged {
	m := Merged{Write: map[string]any{}}
	for _, f := range fields {
		current := find(now, f.Field)
		switch {
		case same(current, f.Value):
		case same(current, find(was, f.Field)) || f.Policy == OursWins || f.Policy == "":
			m.Write[f.Field] = f.Value
		case f.Policy == TheirsWins:
			m.Theirs = append(m.Theirs, f.Field)
		default:
			m.Asked = append(m.Asked, f.Field)
		}
	}
	return m
}

// same tells whether two values say the same, however they are written: systems
// answer 1 with 1.0 and a time with another zone's spelling.
func same(a, b any) bool {
	x, thereX := text(a)
	y, thereY := text(b)
	if !thereX || !thereY {
		return thereX == thereY && plainly(a) == plainly(b)
	}
	if x == y {
		return true
	}
	if p, err := amount(json.Number(x)); err == nil {
		q, err := amount(json.Number(y))
		return err == nil && p.Cmp(q) == 0
	}
	if p, err := moment(x, utc); err == nil {
		q, err := moment(y, utc)
		return err == nil && p.Equal(q)
	}
	return strings.TrimSpace(x) == strings.TrimSpace(y)
}

// plainly tells values apart that have no text: nothing and an empty text are the same.
func plainly(value any) string {
	if value == nil || value == "" {
		return ""
	}
	return fmt.Sprint(value)
}

// Drift is a field that says something else than what was written.
type Drift struct {
	Field string
	On    envelope.EventType // at which it was written
	Now   any
}

// Drifted are the fields written at such events that somebody has changed since. Those
// whose policy lets others win are left out.
func (m Mapping) Drifted(on []envelope.EventType, was, now map[string]any) []Drift {
	var all []Drift
	for _, b := range m.Back {
		if !slices.Contains(on, envelope.EventType(b.On)) {
			continue
		}
		for _, w := range b.Fields {
			if current := find(now, w.Field); w.Policy != TheirsWins && !same(current, find(was, w.Field)) {
				all = append(all, Drift{w.Field, envelope.EventType(b.On), current})
			}
		}
	}
	return all
}

// Overwrites tells whether what goes back at such events follows from the envelope
// alone and takes the place of whatever the record says: then nobody need read the
// record to write it.
func (m Mapping) Overwrites(on []envelope.EventType) bool {
	reads := func(r Row) bool { return len(ofRecord(r.paths())) > 0 }
	for _, b := range m.Back {
		if !slices.Contains(on, envelope.EventType(b.On)) {
			continue
		}
		for _, w := range b.Fields {
			if w.Policy != "" && w.Policy != OursWins || reads(w.Row) {
				return false
			}
		}
		for _, f := range b.Files {
			if f.To != "" || reads(f.Name) {
				return false
			}
		}
	}
	return true
}

// Targets are the fields of the record that the mapping writes, for reading them too.
func (m Mapping) Targets() []string {
	var all []string
	for _, b := range m.Back {
		for _, w := range b.Fields {
			all = append(all, w.Field)
		}
	}
	return all
}

// Templates are the names of the templates that the mapping's documents are made of.
func (m Mapping) Templates() []string {
	var all []string
	for _, d := range m.Documents {
		all = append(all, d.Template)
	}
	return all
}
