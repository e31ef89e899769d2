package mapping

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// selections are the paths that an expression reads of the record, as far as they
// are written down in it: record.Account.Name, record.?Contact.?Email, and inside
// lists: record.Lines.map(l, l.Price). One that does not compile reads nothing.
func selections(source string) []string {
	if source == "" || len(source) > MaxExpression {
		return nil
	}
	tree, issues := timed.Compile(source)
	if issues.Err() != nil {
		return nil
	}
	r := reading{bound: map[string][]string{"record": {}}}
	r.visit(tree.NativeRep().Expr())
	return r.found
}

// reading walks through an expression; bound says which path a name stands for.
type reading struct {
	bound map[string][]string
	found []string
}

func (r *reading) visit(e ast.Expr) {
	if path, whole := r.path(e); whole {
		if joined := strings.Join(path, "."); joined != "" && !slices.Contains(r.found, joined) {
			r.found = append(r.found, joined)
		}
		return
	}
	switch e.Kind() {
	case ast.SelectKind:
		r.visit(e.AsSelect().Operand())
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			r.visit(e.AsCall().Target())
		}
		for _, argument := range e.AsCall().Args() {
			r.visit(argument)
		}
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			r.visit(element)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.visit(entry.AsMapEntry().Key())
			r.visit(entry.AsMapEntry().Value())
		}
	case ast.ComprehensionKind:
		r.inside(e.AsComprehension())
	}
}

// inside visits a loop, whose variable stands for an element of what it runs over.
func (r *reading) inside(c ast.ComprehensionExpr) {
	over, whole := r.path(c.IterRange())
	if !whole {
		r.visit(c.IterRange())
	}
	was, had := r.bound[c.IterVar()]
	delete(r.bound, c.IterVar())
	if whole {
		r.bound[c.IterVar()] = over
	}
	for _, part := range []ast.Expr{c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
		r.visit(part)
	}
	delete(r.bound, c.IterVar())
	if had {
		r.bound[c.IterVar()] = was
	}
}

// path reads e as names that follow each other from the record on.
func (r *reading) path(e ast.Expr) (names []string, whole bool) {
	switch e.Kind() {
	case ast.IdentKind:
		names, whole = r.bound[e.AsIdent()]
		return slices.Clone(names), whole
	case ast.SelectKind:
		names, whole = r.path(e.AsSelect().Operand())
		return append(names, e.AsSelect().FieldName()), whole
	case ast.CallKind:
		return r.called(e.AsCall())
	}
	return nil, false
}

// called reads record.?Name, record["Name"] and record.Lines[0].
func (r *reading) called(c ast.CallExpr) (names []string, whole bool) {
	if len(c.Args()) != 2 || !slices.Contains([]string{"_?._", "_[_]", "_[?_]"}, c.FunctionName()) || c.Args()[1].Kind() != ast.LiteralKind {
		return nil, false
	}
	names, whole = r.path(c.Args()[0])
	if name, text := c.Args()[1].AsLiteral().Value().(string); text {
		names = append(names, name)
	}
	return names, whole
}
