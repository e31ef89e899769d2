package described

import (
	"context"
	"slices"
	"strings"

	"chancery/connectors"
)

// Types are those that are described.
func (a *account) Types(context.Context) ([]string, error) {
	var names []string
	for name := range a.types {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Describe tells the fields of the sample. Related records are described as types
// of their own, named by their path.
func (a *account) Describe(_ context.Context, recordType string) (connectors.Schema, error) {
	root, path, deeper := strings.Cut(recordType, ".")
	d, err := a.of(root)
	if err != nil {
		return connectors.Schema{}, err
	}
	inside := d.Sample
	if deeper {
		for name := range strings.SplitSeq(path, ".") {
			if inside = related(inside[name]); inside == nil {
				return connectors.Schema{}, errUnknownType
			}
		}
	}
	schema := connectors.Schema{Type: recordType, Label: recordType}
	for name, value := range inside {
		schema.Fields = append(schema.Fields, fieldOf(recordType, name, value, d.Write != nil && !deeper && !slices.Contains(d.Write.Not, name)))
	}
	slices.SortFunc(schema.Fields, func(a, b connectors.Field) int { return strings.Compare(a.Label, b.Label) })
	return schema, nil
}

// related is the record inside a value: itself, or the first of a list.
func related(value any) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return v
	case []any:
		if len(v) > 0 {
			return related(v[0])
		}
	}
	return nil
}

func fieldOf(recordType, name string, value any, writable bool) connectors.Field {
	f := connectors.Field{Name: name, Label: name, Kind: connectors.Text, Writable: writable}
	switch value.(type) {
	case bool:
		f.Kind = connectors.Boolean
	case int, int64, uint64, float64:
		f.Kind = connectors.Number
	}
	if related(value) != nil {
		_, many := value.([]any)
		return connectors.Field{Label: name, Kind: connectors.Other, Related: name, Refers: recordType + "." + name, Many: many}
	}
	return f
}
