package salesforcetest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// runner answers queries over the store, for one version of the API. It reads only.
type runner struct {
	s     *store
	base  string // /services/data/v64.0
	batch int
	more  func(records []any) string // keeps what does not fit and returns where it is found
}

// page is the form in which records are given out.
func (r runner) page(total int, records []any) map[string]any {
	answer := map[string]any{"totalSize": total, "done": true, "records": records}
	if len(records) > r.batch {
		answer["done"], answer["records"] = false, records[:r.batch]
		answer["nextRecordsUrl"] = r.more(records)
	}
	return answer
}

// run answers a query.
func (r runner) run(q *soql) (any, *apiError) {
	o, ok := r.s.object(q.from)
	if !ok || o.event {
		return nil, unsupported(q.text, q.from)
	}
	if o.name == "ContentDocumentLink" && !narrow(q.where) {
		return nil, fault("MALFORMED_QUERY", "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.")
	}
	if err := r.verify(q, o); err != nil {
		return nil, err
	}
	rows, err := r.rows(q, o, r.s.all(o))
	if err != nil {
		return nil, err
	}
	if q.selects[0].count {
		return counted(q, o, rows, r), nil
	}
	records := make([]any, len(rows))
	for i, found := range rows {
		if records[i], err = r.record(q, o, found); err != nil {
			return nil, err
		}
	}
	return r.page(len(records), records), nil
}

func unsupported(text, name string) *apiError {
	return fault("INVALID_TYPE", fmt.Sprintf("\n%s\n^\nERROR at Row:1:Column:1\nsObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", text, name))
}

func noColumn(text, field, entity string) *apiError {
	return fault("INVALID_FIELD", fmt.Sprintf("\n%s\n^\nERROR at Row:1:Column:1\nNo such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", text, field, entity))
}

// narrow tells whether a condition on links names the document or the record.
func narrow(c *condition) bool {
	if c == nil {
		return false
	}
	if c.join == "and" {
		return slices.ContainsFunc(c.kids, narrow)
	}
	on := strings.ToLower(strings.Join(c.path, "."))
	return c.join == "" && (c.op == "=" || c.op == "in") && (on == "contentdocumentid" || on == "linkedentityid")
}

func counted(q *soql, o *object, rows []row, r runner) any {
	s := q.selects[0]
	if len(s.path) == 0 {
		return map[string]any{"totalSize": len(rows), "done": true, "records": []any{}}
	}
	n := 0
	for _, found := range rows {
		if value, _ := r.at(o, found, s.path); value != nil {
			n++
		}
	}
	name := s.alias
	if name == "" {
		name = "expr0"
	}
	return map[string]any{"totalSize": 1, "done": true, "records": []any{map[string]any{"attributes": map[string]any{"type": "AggregateResult"}, name: n}}}
}

// verify looks at every field of a query before any record is looked at.
func (r runner) verify(q *soql, o *object) *apiError {
	for i, s := range q.selects {
		switch {
		case s.sub != nil:
			kin, ok := o.kin(s.sub.from)
			if !ok {
				return fault("INVALID_TYPE", fmt.Sprintf("\n%s\n^\nERROR at Row:1:Column:1\nDidn't understand relationship '%s' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.", q.text, s.sub.from))
			}
			of, _ := r.s.object(kin.object)
			if err := r.verify(s.sub, of); err != nil {
				return err
			}
		case s.count && (i > 0 || len(q.selects) > 1):
			return fault("MALFORMED_QUERY", "Grouped field should not be aggregated")
		case len(s.path) > 0:
			if _, err := r.column(q, o, s.path); err != nil {
				return err
			}
		}
	}
	for _, by := range q.order {
		if _, err := r.column(q, o, by.path); err != nil {
			return err
		}
	}
	return r.verifyCondition(q, o, q.where)
}

func (r runner) verifyCondition(q *soql, o *object, c *condition) *apiError {
	if c == nil {
		return nil
	}
	for _, kid := range c.kids {
		if err := r.verifyCondition(q, o, kid); err != nil {
			return err
		}
	}
	if c.join != "" {
		return nil
	}
	f, err := r.column(q, o, c.path)
	if err != nil {
		return err
	}
	for _, l := range c.with {
		if err := fits(f, l); err != nil {
			return err
		}
	}
	return nil
}

// families are the kinds of literals that a kind of field can be compared with.
var families = map[string][]string{
	"currency": {"number"}, "double": {"number"}, "percent": {"number"}, "int": {"number"},
	"boolean": {"boolean"}, "date": {"date"}, "datetime": {"datetime"},
}

func fits(f column, l literal) *apiError {
	if f.kind == "base64" || f.kind == "address" || f.kind == "textarea" {
		return fault("INVALID_FIELD", fmt.Sprintf("field '%s' can not be filtered in a query call", f.name))
	}
	wanted, special := families[f.kind]
	switch {
	case l.kind == "null" || !special && l.kind == "string" || slices.Contains(wanted, l.kind):
		return nil
	case special && l.kind == "string":
		return fault("INVALID_FIELD", fmt.Sprintf("value of filter criterion for field '%s' must be of type %s and should not be enclosed in quotes", f.name, f.kind))
	case special:
		return fault("INVALID_FIELD", fmt.Sprintf("value of filter criterion for field '%s' must be of type %s", f.name, f.kind))
	}
	return fault("INVALID_FIELD", fmt.Sprintf("value of filter criterion for field '%s' must be of type string and should be enclosed in quotes", f.name))
}

// column follows a path through parents to a field.
func (r runner) column(q *soql, o *object, path []string) (column, *apiError) {
	for _, relation := range path[:len(path)-1] {
		if strings.EqualFold(relation, o.name) && relation == path[0] {
			continue // Account.Name FROM Account
		}
		up, ok := o.parent(relation)
		if !ok {
			return column{}, fault("INVALID_FIELD", fmt.Sprintf("\n%s\n^\nERROR at Row:1:Column:1\nDidn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.", q.text, relation))
		}
		o, _ = r.s.object(up.refers[0])
	}
	name := path[len(path)-1]
	f, ok := o.column(name)
	if !ok {
		return column{}, noColumn(q.text, name, o.name)
	}
	return f, nil
}

// at follows a path to a value.
func (r runner) at(o *object, from row, path []string) (any, column) {
	for _, relation := range path[:len(path)-1] {
		if o, from = r.up(o, from, relation); from == nil {
			return nil, column{}
		}
	}
	f, _ := o.column(path[len(path)-1])
	return from[f.name], f
}

func (r runner) up(o *object, from row, relation string) (*object, row) {
	up, ok := o.parent(relation)
	if !ok {
		return o, from // its own name
	}
	for _, name := range up.refers {
		to, _ := r.s.object(name)
		if found, there := r.s.find(to, from.text(up.name)); there {
			return to, found
		}
	}
	return o, nil
}

// rows filters, orders and cuts.
func (r runner) rows(q *soql, o *object, from []row) ([]row, *apiError) {
	var found []row
	for _, candidate := range from {
		if q.where == nil || r.holds(o, candidate, q.where) {
			found = append(found, candidate)
		}
	}
	slices.SortStableFunc(found, func(a, b row) int { return r.order(q, o, a, b) })
	found = found[min(q.offset, len(found)):]
	if q.limit >= 0 {
		found = found[:min(q.limit, len(found))]
	}
	return found, nil
}

func (r runner) order(q *soql, o *object, a, b row) int {
	for _, by := range q.order {
		x, f := r.at(o, a, by.path)
		y, _ := r.at(o, b, by.path)
		switch {
		case x == nil && y == nil:
			continue
		case x == nil || y == nil:
			if (x == nil) != by.nullsLast {
				return -1
			}
			return 1
		}
		if c := compare(f, x, y); c != 0 {
			if by.down {
				return -c
			}
			return c
		}
	}
	return 0
}

func (r runner) holds(o *object, from row, c *condition) bool {
	switch c.join {
	case "and":
		return !slices.ContainsFunc(c.kids, func(k *condition) bool { return !r.holds(o, from, k) })
	case "or":
		return slices.ContainsFunc(c.kids, func(k *condition) bool { return r.holds(o, from, k) })
	case "not":
		return !r.holds(o, from, c.kids[0])
	}
	value, f := r.at(o, from, c.path)
	equal := func(l literal) bool { return equals(f, value, l) }
	switch c.op {
	case "=":
		return equal(c.with[0])
	case "!=":
		return !equal(c.with[0])
	case "in":
		return slices.ContainsFunc(c.with, equal)
	case "not in":
		return !slices.ContainsFunc(c.with, equal)
	case "like":
		words, ok := value.(string)
		return ok && like(c.with[0].text).MatchString(words)
	}
	if value == nil || c.with[0].kind == "null" {
		return false
	}
	n := compare(f, value, c.with[0].value())
	return c.op == "<" && n < 0 || c.op == ">" && n > 0 || c.op == "<=" && n <= 0 || c.op == ">=" && n >= 0
}

func equals(f column, value any, l literal) bool {
	if l.kind == "null" || value == nil {
		return l.kind == "null" && value == nil
	}
	return compare(f, value, l.value()) == 0
}

func (l literal) value() any {
	switch l.kind {
	case "number":
		return json.Number(strings.TrimPrefix(l.text, "+"))
	case "boolean":
		return l.text == "true"
	}
	return l.text
}

func compare(f column, a, b any) int {
	switch x := a.(type) {
	case json.Number:
		p, _ := new(big.Rat).SetString(x.String())
		q, ok := new(big.Rat).SetString(fmt.Sprint(b))
		if !ok {
			return 1
		}
		return p.Cmp(q)
	case bool:
		if x == b {
			return 0
		}
		return 1
	}
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	switch f.kind {
	case "datetime":
		return when(x).Compare(when(y))
	case "id", "reference":
		if whole, ok := wholeID(y); ok {
			y = whole
		}
		return strings.Compare(x, y)
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y))
}

func when(text string) time.Time {
	for _, layout := range []string{moment, time.RFC3339Nano, "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}

func like(pattern string) *regexp.Regexp {
	var made strings.Builder
	made.WriteString("(?is)^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			made.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '%':
			made.WriteString(".*")
		case c == '_':
			made.WriteString(".")
		case c >= 0x80: // half a character is no regular expression
			made.WriteString(`\x{` + strconv.FormatInt(int64(runeAt(pattern, &i)), 16) + "}")
		default:
			made.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	made.WriteString("$")
	return regexp.MustCompile(made.String())
}

func runeAt(text string, i *int) rune {
	for _, c := range text[*i:] {
		*i += len(string(c)) - 1
		return c
	}
	return 0
}
