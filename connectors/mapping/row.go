package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"chancery/problem"
)

// Source is what values are taken from: the record's fields and, on the way back,
// the envelope.
type Source struct {
	Record   map[string]any
	Envelope map[string]any
	Now      time.Time // of start.when
}

// row is a Row made ready.
type row struct {
	Row
	place     place
	where     string // in the mapping, such as recipients[0].email
	compiled  *expression
	transform transform
}

// token is a merge token in a text: {{Account.Name}}, or {{2-77001.title}} by a type's id.
var token = regexp.MustCompile(`\{\{\s*((?:[A-Za-z_]|[0-9]+-[0-9])[A-Za-z0-9_.-]*)\s*\}\}`)

func (m Mapping) ready(r Row, where string, p place) (row, error) {
	made := row{Row: r, place: p, where: where}
	ways := 0
	for _, way := range []string{r.Path, r.Text, r.CEL} {
		if way != "" {
			ways++
		}
	}
	if ways > 1 {
		return made, problem.Invalid("row_ambiguous", "A row is a path, a text or an expression, and only one of them.").At("%s", where)
	}
	if len(r.Text) > MaxExpression || len(r.Default) > MaxExpression {
		return made, problem.TooLarge("text_too_long", "A text is longer than its place allows.").At("%s", where)
	}
	if r.Path != "" {
		if err := checkPath(r.Path); err != nil {
			return made, at(err, where)
		}
	}
	if r.CEL != "" {
		compiled, err := compile(dialect, r.CEL)
		if err != nil {
			return made, at(err, where)
		}
		made.compiled = &compiled
	}
	if r.Transform != "" {
		change, err := readTransform(r.Transform)
		if err != nil {
			return made, at(err, where)
		}
		made.transform = change
	}
	return made, nil
}

// at puts a place into a problem.
func at(err error, where string) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.At("%s", where)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// value takes the row's value: a string, a bool, a json.Number, or nil when there
// is nothing and nothing is fine.
func (r row) value(s Source) (any, error) {
	value, err := r.raw(s)
	if err != nil {
		return nil, at(err, r.where)
	}
	_, there := text(value)
	if there && r.transform != nil {
		words, err := r.transform(value, r.place)
		if err != nil {
			return nil, at(err, r.where)
		}
		value, there = words, words != ""
	}
	switch {
	case there:
		return value, nil
	case r.Default != "":
		return r.Default, nil
	case r.Optional || r.Empty():
		return nil, nil
	}
	return nil, problem.Invalid("value_missing", "The record has nothing here, and there is no default: "+r.source()).At("%s", r.where)
}

// source names where the value should have come from.
func (r row) source() string {
	switch {
	case r.Path != "":
		return r.Path + "."
	case r.Text != "":
		return "the text."
	}
	return "the expression."
}

func (r row) raw(s Source) (any, error) {
	switch {
	case r.Path != "":
		value := r.walk(s, r.Path)
		switch value.(type) {
		case map[string]any, []any:
			return nil, problem.Invalid("value_not_plain", "The path leads to a whole record and not to a field: "+r.Path+".")
		}
		return value, nil
	case r.compiled != nil:
		return r.compiled.eval(s)
	}
	return token.ReplaceAllStringFunc(r.Text, func(found string) string {
		words, _ := text(r.walk(s, token.FindStringSubmatch(found)[1]))
		return words
	}), nil
}

// walk takes a path that begins with "envelope." from the envelope.
func (r row) walk(s Source, path string) any {
	if rest, of := strings.CutPrefix(path, "envelope."); of && s.Envelope != nil {
		return walk(s.Envelope, rest)
	}
	return walk(s.Record, path)
}

// line is the value as one harmless line. One of more than so many characters is
// refused: half a name is nobody's.
func (r row) line(s Source, most int) (string, error) {
	return r.tidy(s, most, clean)
}

// lines is the value as harmless text.
func (r row) lines(s Source, most int) (string, error) {
	return r.tidy(s, most, cleanLines)
}

func (r row) tidy(s Source, most int, how func(string, int) string) (string, error) {
	value, err := r.value(s)
	if err != nil {
		return "", err
	}
	words, _ := text(value)
	tidy := how(words, most+1)
	if utf8.RuneCountInString(tidy) > most {
		return "", problem.TooLarge("value_too_long", fmt.Sprintf("The record has more than %d characters here: %s", most, r.source())).At("%s", r.where)
	}
	return tidy, nil
}

// paths that the row reads of the record, as far as can be seen without running it.
func (r Row) paths() []string {
	if r.Path != "" {
		return []string{r.Path}
	}
	var found []string
	for _, match := range token.FindAllStringSubmatch(r.Text, -1) {
		found = append(found, match[1])
	}
	return append(found, selections(r.CEL)...)
}
