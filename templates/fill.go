package templates

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"chancery/connectors/mapping"
	"chancery/problem"
)

// filler fills one part.
type filler struct {
	way   way
	part  string
	place mapping.Place
	made  *int // nodes of all parts
}

func (f filler) fill(root *node, data map[string]any) error {
	if _, err := pair(root, f.way, f.part); err != nil {
		return err
	}
	kids, err := f.build(root.kids, &scope{value: data})
	if err != nil {
		return err
	}
	root.kids = nil
	root.add(kids...)
	if f.way.after != nil {
		f.way.after(root)
	}
	return nil
}

// build copies nodes with the values in them.
func (f filler) build(nodes []*node, s *scope) ([]*node, error) {
	out := make([]*node, 0, len(nodes))
	for _, n := range nodes {
		var built []*node
		var err error
		switch {
		case n.isBlock():
			built, err = f.block(n, s)
		case n.token != nil:
			built, err = f.value(n.token, s)
		default:
			built, err = f.copy(n, s)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, built...)
	}
	if *f.made += len(out); *f.made > maxNodes {
		return nil, errFilled
	}
	return out, nil
}

func (f filler) copy(n *node, s *scope) ([]*node, error) {
	made := *n
	made.kids = nil
	kids, err := f.build(n.kids, s)
	if err != nil {
		return nil, err
	}
	made.add(kids...)
	made.attrs = nil
	for _, a := range n.attrs {
		if a.value, err = f.attribute(a, s); err != nil {
			return nil, err
		}
		made.attrs = append(made.attrs, a)
	}
	return []*node{&made}, nil
}

// attribute fills the tokens in an attribute, on one line.
func (f filler) attribute(a attribute, s *scope) (string, error) {
	value := a.value
	for _, t := range a.tokens {
		words, err := f.words(t, s)
		if err != nil {
			return "", err
		}
		value = strings.Replace(value, t.text, strings.ReplaceAll(words, "\n", " "), 1)
	}
	return value, nil
}

// block is its pieces as often as they are wanted.
func (f filler) block(n *node, s *scope) ([]*node, error) {
	value, where, _ := s.find(n.token.path)
	list, isList := value.([]any)
	if n.token.sign != Repeat || !isList {
		if is(value) == (n.token.sign == Unless) {
			return nil, nil
		}
		if inside, isMap := value.(map[string]any); isMap && n.token.sign == Repeat {
			s = &scope{inside, where, s}
		}
		return f.build(n.kids, s)
	}
	var out []*node
	for i, element := range list {
		built, err := f.build(n.kids, &scope{element, fmt.Sprintf("%s[%d]", where, i), s})
		if err != nil {
			return nil, err
		}
		out = append(out, built...)
	}
	return out, nil
}

// is tells whether a value is there and neither false nor empty.
func is(value any) bool {
	switch v := value.(type) {
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	case string:
		return strings.TrimSpace(v) != "" && !strings.EqualFold(v, "false")
	case bool:
		return v
	}
	return value != nil
}

func (f filler) value(t *token, s *scope) ([]*node, error) {
	words, err := f.words(t, s)
	if err != nil {
		return nil, err
	}
	return f.way.write(words), nil
}

// words is what stands in the place of a token.
func (f filler) words(t *token, s *scope) (string, error) {
	value, where, there := s.find(t.path)
	switch value.(type) {
	case map[string]any, []any:
		return "", f.fault(problem.Invalid("value_not_plain", "The path leads to a whole record and not to a field: "+where+"."), t)
	}
	words, filled := mapping.Words(value)
	if filled {
		for _, change := range t.changes {
			var err error
			if words, err = change(value, f.place); err != nil {
				return "", f.fault(err, t)
			}
			value = words
		}
		filled = words != ""
	}
	switch {
	case !filled && t.fallback != nil:
		words = *t.fallback
	case !filled && !there:
		return "", f.fault(problem.Invalid("value_missing", "The record has nothing here, and there is no default: "+where+"."), t)
	case !filled:
		return "", f.fault(problem.Invalid("value_missing", "The record is empty here, and there is no default: "+where+"."), t)
	case utf8.RuneCountInString(words) > MaxValue:
		return "", f.fault(problem.TooLarge("value_too_long", fmt.Sprintf("The record has more than %d characters here: %s.", MaxValue, where)), t)
	}
	return apart(mapping.CleanLines(words, MaxValue)), nil
}

func (f filler) fault(err error, t *token) error { return about(err, f.part, t.text) }

// apart keeps a value from being read as a text tag or a token, alone or with what
// stands beside it.
func apart(words string) string {
	var out strings.Builder
	var last rune
	for i, r := range words {
		if r == last && strings.ContainsRune(brackets, r) || i == 0 && strings.ContainsRune(brackets, r) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last = r
	}
	if strings.ContainsRune(brackets, last) && last != 0 {
		out.WriteByte(' ')
	}
	return out.String()
}

// brackets that text tags and tokens begin with, twice each.
const brackets = "[{<"

// scope is what paths are looked up in: the innermost element of a list first.
type scope struct {
	value any
	where string // in the data
	outer *scope
}

// find follows a path. where is the path from the top of the data.
func (s *scope) find(path string) (value any, where string, there bool) {
	if path == "." {
		return s.value, s.where, s.value != nil
	}
	name, rest, deeper := strings.Cut(path, ".")
	for at := s; at != nil; at = at.outer {
		inside, isMap := at.value.(map[string]any)
		if !isMap {
			continue
		}
		if value, there = member(inside, name); !there {
			continue
		}
		for deeper && there {
			name, rest, deeper = strings.Cut(rest, ".")
			value, there = step(value, name)
		}
		return value, join(at.where, path), there
	}
	return nil, join(s.where, path), false
}

// step goes on into a record, or into the first of a list.
func step(value any, name string) (any, bool) {
	if list, is := value.([]any); is && len(list) > 0 {
		value = list[0]
	}
	inside, is := value.(map[string]any)
	if !is {
		return nil, false
	}
	return member(inside, name)
}

// member returns a member whatever the case of its name: systems do not agree with
// themselves about that.
func member(inside map[string]any, name string) (any, bool) {
	if value, is := inside[name]; is {
		return value, true
	}
	for key, value := range inside {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return nil, false
}

func join(where, path string) string {
	if where == "" {
		return path
	}
	return where + "." + path
}
