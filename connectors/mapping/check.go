package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery/connectors"
	"chancery/problem"
)

// Fault is one thing that is wrong with a mapping.
type Fault struct {
	Where    string // in the mapping, such as recipients[0].email
	Code     string
	Sentence string
}

// Describe tells what fields a type of record has.
type Describe func(recordType string) (connectors.Schema, error)

// Check finds everything that is wrong with a mapping before it ever runs: what
// Compile refuses, fields that the system does not have, of the wrong kind or not
// to be written, and a write-back that would start the mapping again. The error is
// that of describe, when the system does not say.
func Check(m Mapping, describe Describe) ([]Fault, error) {
	c := compiler{Compiled: Compiled{Mapping: m}}
	c.read()
	var faults []Fault
	for _, err := range c.faults {
		faults = append(faults, faultOf(err))
	}
	look := looking{describe: describe, known: map[string]connectors.Schema{}}
	for _, r := range m.read() {
		for _, path := range r.paths {
			found, err := look.follow(m.Record, path, r.where)
			if err != nil {
				return nil, err
			}
			faults = append(faults, found...)
		}
	}
	written, err := look.targets(m)
	if err != nil {
		return nil, err
	}
	return append(append(faults, written...), loops(m)...), nil
}

func faultOf(err error) Fault {
	var p *problem.Problem
	if errors.As(err, &p) {
		return Fault{p.Field, p.Code, p.Public}
	}
	return Fault{Code: "internal", Sentence: "Something is wrong that has no words."}
}

// CheckPaths finds paths that lead nowhere; where says who asks for them.
func CheckPaths(recordType string, paths []string, where string, describe Describe) ([]Fault, error) {
	look := looking{describe: describe, known: map[string]connectors.Schema{}}
	var faults []Fault
	for _, path := range paths {
		found, err := look.follow(recordType, path, where)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

// reads is what one place of the mapping reads of the record.
type reads struct {
	where     string
	paths     []string
	transform string
}

// read lists all places that read the record.
func (m Mapping) read() []reads {
	var all []reads
	row := func(r Row, where string) {
		if paths := ofRecord(r.paths()); len(paths) > 0 {
			all = append(all, reads{where, paths, r.Transform})
		}
	}
	condition := func(source, where string) {
		if paths := ofRecord(selections(source)); len(paths) > 0 {
			all = append(all, reads{where, paths, ""})
		}
	}
	condition(m.Start.When, "start.when")
	row(m.Title, "title")
	row(m.Message, "message")
	for i, r := range m.Tags {
		row(r, fmt.Sprintf("tags[%d]", i))
	}
	for i, d := range m.Documents {
		row(d.Name, fmt.Sprintf("documents[%d].name", i))
		condition(d.Each, fmt.Sprintf("documents[%d].each", i))
	}
	for i, r := range m.Recipients {
		row(r.Name, fmt.Sprintf("recipients[%d].name", i))
		row(r.Email, fmt.Sprintf("recipients[%d].email", i))
		row(r.Zone, fmt.Sprintf("recipients[%d].zone", i))
		condition(r.When, fmt.Sprintf("recipients[%d].when", i))
	}
	for i, v := range m.Values {
		row(v.Row, fmt.Sprintf("values[%d]", i))
	}
	for i, b := range m.Back {
		for j, w := range b.Fields {
			row(w.Row, fmt.Sprintf("back[%d].fields[%d]", i, j))
		}
		for j, f := range b.Files {
			row(f.Name, fmt.Sprintf("back[%d].files[%d].name", i, j))
			if f.To != "" {
				row(Row{Path: f.To}, fmt.Sprintf("back[%d].files[%d].to", i, j))
			}
		}
	}
	return all
}

// ofRecord drops paths that lead into the envelope.
func ofRecord(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool { return path == "envelope" || strings.HasPrefix(path, "envelope.") })
}

// looking asks the system about each type of record once.
type looking struct {
	describe Describe
	known    map[string]connectors.Schema
}

func (l looking) schema(recordType string) (connectors.Schema, error) {
	if s, there := l.known[recordType]; there {
		return s, nil
	}
	s, err := l.describe(recordType)
	if err != nil {
		return s, fmt.Errorf("describe %s: %w", recordType, err)
	}
	l.known[recordType] = s
	return s, nil
}

// follow walks a path through the schemas.
func (l looking) follow(recordType, path, where string) ([]Fault, error) {
	names := strings.Split(path, ".")
	for i, name := range names {
		schema, err := l.schema(recordType)
		if err != nil {
			return nil, err
		}
		if schema.Open {
			return nil, nil
		}
		if _, plain := named(schema.Fields, name); plain {
			if i == len(names)-1 {
				return nil, nil
			}
			return []Fault{{where, "path_ends", fmt.Sprintf("%s of %s is a plain field; the path %s cannot go on behind it.", name, recordType, path)}}, nil
		}
		lead, leads := related(schema.Fields, name)
		switch {
		case !leads:
			return []Fault{{where, "field_unknown", fmt.Sprintf("%s has no field %s (in the path %s).", recordType, name, path)}}, nil
		case lead.Refers == "": // it may be one of several types: nothing more is known
			return nil, nil
		}
		recordType = lead.Refers
	}
	return nil, nil
}

func named(fields []connectors.Field, name string) (connectors.Field, bool) {
	i := slices.IndexFunc(fields, func(f connectors.Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return connectors.Field{}, false
	}
	return fields[i], true
}

func related(fields []connectors.Field, name string) (connectors.Field, bool) {
	i := slices.IndexFunc(fields, func(f connectors.Field) bool { return f.Related != "" && strings.EqualFold(f.Related, name) })
	if i < 0 {
		return connectors.Field{}, false
	}
	return fields[i], true
}

// targets checks what is written back.
func (l looking) targets(m Mapping) ([]Fault, error) {
	var faults []Fault
	for i, b := range m.Back {
		if len(b.Fields) == 0 {
			continue
		}
		schema, err := l.schema(m.Record)
		if err != nil {
			return nil, err
		}
		for j, w := range b.Fields {
			if f := target(schema, w, fmt.Sprintf("back[%d].fields[%d]", i, j)); f.Code != "" {
				faults = append(faults, f)
			}
		}
	}
	return faults, nil
}

func target(schema connectors.Schema, w Write, where string) Fault {
	field, there := named(schema.Fields, w.Field)
	switch {
	case !there && schema.Open:
		return Fault{}
	case !there:
		return Fault{where + ".field", "field_unknown", fmt.Sprintf("%s has no field %s.", schema.Type, w.Field)}
	case !field.Writable:
		return Fault{where + ".field", "field_read_only", fmt.Sprintf("%s of %s cannot be written.", w.Field, schema.Type)}
	case w.Text == "" || token.MatchString(w.Text) || w.Transform != "":
		return Fault{} // what it is shows at run time
	}
	if !fits(field, w.Text) {
		return Fault{where, "value_of_wrong_kind", fmt.Sprintf("%s of %s does not take this text.", w.Field, schema.Type)}
	}
	return Fault{}
}

// fits tells whether a field takes a fixed text.
func fits(f connectors.Field, words string) bool {
	switch f.Kind {
	case connectors.Number:
		_, err := amount(words)
		return err == nil
	case connectors.Boolean:
		return words == "true" || words == "false"
	case connectors.Date, connectors.Moment:
		_, err := moment(words, utc)
		return err == nil
	case connectors.Choice:
		return len(f.Choices) == 0 || slices.Contains(f.Choices, words)
	}
	return f.Length == 0 || len([]rune(words)) <= f.Length
}

// loops finds a mapping that would start itself: each change of the record starts
// it, and it changes the record. With a condition it starts once when the
// condition becomes true, so it would take a write-back that makes the condition
// false and another that makes it true again.
func loops(m Mapping) []Fault {
	if !slices.Contains(m.Start.On, "updated") {
		return nil
	}
	var made, unmade bool
	reads := selections(m.Start.When)
	for i, b := range m.Back {
		if len(b.Fields) == 0 {
			continue
		}
		if m.Start.When == "" {
			return []Fault{{fmt.Sprintf("back[%d]", i), "mapping_loops", "What this writes back would start the mapping again: say in start.when when it starts."}}
		}
		switch m.after(b, reads) {
		case becomesTrue:
			made = true
		case becomesFalse:
			unmade = true
		}
	}
	if made && unmade {
		return []Fault{{"start.when", "mapping_loops", "What is written back makes this condition false and true again, and would start the mapping again."}}
	}
	return nil
}

type effect int

const (
	notKnown effect = iota
	becomesTrue
	becomesFalse
)

// after tells what a write-back of fixed texts does to the condition.
func (m Mapping) after(b Back, reads []string) effect {
	written := map[string]any{}
	for _, w := range b.Fields {
		if slices.ContainsFunc(reads, func(path string) bool { return strings.EqualFold(path, w.Field) }) {
			written[w.Field] = w.Text
		}
	}
	if len(written) == 0 {
		return notKnown
	}
	condition, err := compile(timed, m.Start.When)
	if err != nil {
		return notKnown
	}
	truth, err := condition.holds(Source{Record: written})
	switch {
	case err != nil:
		return notKnown
	case truth:
		return becomesTrue
	}
	return becomesFalse
}
