package salesforcetest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// soql is a query as it was read. The part of the language is here that clients of
// records need: fields of parents, lists of children, conditions, order, pages and
// counts.
type soql struct {
	text    string
	selects []selection
	from    string
	where   *condition
	order   []ordering
	limit   int // -1 is none
	offset  int
}

type selection struct {
	path  []string
	sub   *soql // a list of children
	count bool  // of path, or of everything when there is none
	alias string
}

// condition is a tree; a leaf compares a field.
type condition struct {
	join string // and, or, not; "" is a leaf
	kids []*condition
	path []string
	op   string // =, !=, <, >, <=, >=, like, in, not in
	with []literal
}

type literal struct {
	kind string // string, number, boolean, null, date, datetime
	text string
}

type ordering struct {
	path      []string
	down      bool
	nullsLast bool
}

// Limits of a query, as Salesforce has them.
const (
	maxQuery = 100_000 // characters
	maxDepth = 40      // of parentheses; ours, for the stack
)

var (
	lexeme   = regexp.MustCompile(`^(?:\s+|'(?:[^'\\]|\\.)*'|<=|>=|!=|<>|[=<>(),]|[A-Za-z_][A-Za-z0-9_.]*|[-+]?[0-9][0-9A-Za-z:.+-]*)`)
	isDate   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	isMoment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$`)
	isNumber = regexp.MustCompile(`^[-+]?\d+(\.\d+)?$`)
	isPath   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$`)
)

// parser reads lexemes. The first fault stops everything by panic of *apiError,
// which parse turns back into a value.
type parser struct {
	text  string
	words []string
	at    int
	depth int
}

func parse(text string) (q *soql, err *apiError) {
	if len(text) > maxQuery {
		return nil, fault("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
	}
	p := parser{text: text}
	defer func() {
		if why := recover(); why != nil {
			stop, ours := why.(*apiError)
			if !ours {
				panic(why)
			}
			q, err = nil, stop
		}
	}()
	for rest := text; rest != ""; {
		word := lexeme.FindString(rest)
		if word == "" {
			p.unexpected(rest[:1])
		}
		if strings.TrimSpace(word) != "" {
			p.words = append(p.words, word)
		}
		rest = rest[len(word):]
	}
	q = p.query()
	if p.at < len(p.words) {
		p.unexpected(p.words[p.at])
	}
	return q, nil
}

func (p *parser) unexpected(word string) {
	panic(fault("MALFORMED_QUERY", fmt.Sprintf("\n%s\n^\nERROR at Row:1:Column:1\nunexpected token: '%s'", p.text, word)))
}

func (p *parser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return "<EOF>"
}

func (p *parser) next() string {
	word := p.peek()
	p.at++
	return word
}

// is takes the next words when they are these, whatever their case.
func (p *parser) is(words ...string) bool {
	for i, word := range words {
		if p.at+i >= len(p.words) || !strings.EqualFold(p.words[p.at+i], word) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *parser) must(word string) {
	if !p.is(word) {
		p.unexpected(p.peek())
	}
}

func (p *parser) path() []string {
	word := p.next()
	if !isPath.MatchString(word) {
		p.unexpected(word)
	}
	return strings.Split(word, ".")
}

func (p *parser) deeper() {
	if p.depth++; p.depth > maxDepth {
		p.unexpected("(")
	}
}

func (p *parser) query() *soql {
	q := &soql{text: p.text, limit: -1}
	p.must("SELECT")
	for {
		q.selects = append(q.selects, p.selection())
		if !p.is(",") {
			break
		}
	}
	p.must("FROM")
	q.from = strings.Join(p.path(), ".")
	if p.is("WHERE") {
		q.where = p.conditions()
	}
	if p.is("ORDER", "BY") {
		q.order = p.orderings()
	}
	if p.is("LIMIT") {
		q.limit = p.count()
	}
	if p.is("OFFSET") {
		q.offset = p.count()
	}
	return q
}

func (p *parser) selection() selection {
	if p.is("(") {
		p.deeper()
		s := selection{sub: p.query()}
		p.must(")")
		p.depth--
		return s
	}
	if p.is("COUNT", "(") {
		s := selection{count: true}
		if !p.is(")") {
			s.path = p.path()
			p.must(")")
			if word := p.peek(); isPath.MatchString(word) && !strings.EqualFold(word, "FROM") {
				s.alias = p.next()
			}
		}
		return s
	}
	return selection{path: p.path()}
}

func (p *parser) count() int {
	n, err := strconv.Atoi(p.peek())
	if err != nil || n < 0 {
		p.unexpected(p.peek())
	}
	p.at++
	return n
}

// conditions reads a row of conditions. Salesforce does not say whether "and" or
// "or" goes first: it wants parentheses.
func (p *parser) conditions() *condition {
	first := p.negated()
	join := ""
	kids := []*condition{first}
	for {
		word := strings.ToLower(p.peek())
		if word != "and" && word != "or" {
			break
		}
		if join != "" && join != word {
			p.unexpected(p.peek())
		}
		join = word
		p.at++
		kids = append(kids, p.negated())
	}
	if join == "" {
		return first
	}
	return &condition{join: join, kids: kids}
}

func (p *parser) negated() *condition {
	if p.is("NOT") {
		p.deeper()
		defer func() { p.depth-- }()
		return &condition{join: "not", kids: []*condition{p.negated()}}
	}
	if p.is("(") {
		p.deeper()
		c := p.conditions()
		p.must(")")
		p.depth--
		return c
	}
	return p.comparison()
}

func (p *parser) comparison() *condition {
	c := &condition{path: p.path()}
	switch word := strings.ToLower(p.next()); word {
	case "=", "!=", "<", ">", "<=", ">=", "like":
		c.op = word
	case "<>":
		c.op = "!="
	case "in":
		c.op = "in"
	case "not":
		p.must("IN")
		c.op = "not in"
	default:
		p.unexpected(word)
	}
	if !strings.HasSuffix(c.op, "in") {
		c.with = []literal{p.literal()}
		return c
	}
	p.must("(")
	for {
		c.with = append(c.with, p.literal())
		if !p.is(",") {
			break
		}
	}
	p.must(")")
	return c
}

var escapes = strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\b`, "\b", `\f`, "\f", `\%`, `\%`, `\_`, `\_`)

func (p *parser) literal() literal {
	word := p.next()
	switch lower := strings.ToLower(word); {
	case strings.HasPrefix(word, "'"):
		return literal{"string", escapes.Replace(word[1 : len(word)-1])}
	case lower == "null":
		return literal{kind: "null"}
	case lower == "true" || lower == "false":
		return literal{"boolean", lower}
	case isNumber.MatchString(word):
		return literal{"number", word}
	case isDate.MatchString(word):
		return literal{"date", word}
	case isMoment.MatchString(word):
		return literal{"datetime", word}
	}
	p.unexpected(word)
	return literal{}
}

func (p *parser) orderings() []ordering {
	var all []ordering
	for {
		o := ordering{path: p.path()}
		if !p.is("ASC") && p.is("DESC") {
			o.down = true
		}
		o.nullsLast = o.down
		switch {
		case p.is("NULLS", "FIRST"):
			o.nullsLast = false
		case p.is("NULLS", "LAST"):
			o.nullsLast = true
		}
		all = append(all, o)
		if !p.is(",") {
			return all
		}
	}
}
