package templates

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"chancery/connectors/mapping"
	"chancery/problem"
)

// Sign says what a token does.
type Sign string

const (
	Value  Sign = ""
	Repeat Sign = "#"
	When   Sign = "?"
	Unless Sign = "^"
	end    Sign = "/"
)

// Token is one as it stands in a template.
type Token struct {
	Text   string   // as written
	Sign   Sign     // what it does
	Path   string   // in the record, or in the elements of the innermost list of Within that has it
	Within []string // paths of the lists around it, the outermost first
	Part   string   // of the template, such as word/header1.xml
	Filled bool     // it has words for when there is nothing
}

// token is one ready to be used.
type token struct {
	text     string
	sign     Sign
	path     string
	changes  []mapping.Transform
	fallback *string
}

// found are tokens and text tags; what is between the braces is on one line.
var found = regexp.MustCompile(`\{\{([^{}\n]*)\}\}`)

// isTag tells whether it is a text tag of Adobe's, for package tags to find.
func isTag(inside string) bool {
	return strings.Contains(inside, "_es_") || strings.HasPrefix(inside, "!") || strings.HasPrefix(inside, "*")
}

// readToken reads what is between the braces.
func readToken(inside string) (*token, error) {
	if len(inside) > maxToken {
		return nil, problem.Invalid("token_invalid", "A merge token is longer than 500 bytes.")
	}
	words := strings.Split(strings.TrimSpace(inside), "|")
	t := &token{text: "{{" + inside + "}}", path: words[0]}
	for _, sign := range []Sign{Repeat, When, Unless, end} {
		if rest, is := strings.CutPrefix(t.path, string(sign)); is {
			t.sign, t.path = sign, rest
			break
		}
	}
	t.path = strings.TrimSpace(t.path)
	if t.path != "." || t.sign != Value {
		if err := mapping.CheckPath(t.path); err != nil {
			return nil, problem.Invalid("token_invalid", "A merge token is a path such as {{Account.Name}}.").Because(err)
		}
	}
	if t.sign != Value && len(words) > 1 {
		return nil, problem.Invalid("token_invalid", "Only values have transforms, not the ends of blocks.")
	}
	return t, t.read(words[1:])
}

func (t *token) read(changes []string) error {
	for _, written := range changes {
		written = strings.TrimLeftFunc(written, unicode.IsSpace)
		if words, is := strings.CutPrefix(written, "default:"); is {
			t.fallback = &words
			continue
		}
		change, err := mapping.ReadTransform(strings.TrimSpace(written))
		if err != nil {
			return err
		}
		t.changes = append(t.changes, change)
	}
	return nil
}

// about says which token of which part a problem is about.
func about(err error, part, text string) error {
	var p *problem.Problem
	if !errors.As(err, &p) {
		return fmt.Errorf("%s in %s: %w", text, part, err)
	}
	shown := mapping.CleanLines(text, maxShown)
	where := problem.From(p.Kind, p.Code, fmt.Sprintf("%s (%s in %s)", p.Public, shown, part))
	return where.At("%s %s", part, shown).Because(err)
}

// listed are the tokens below n. What stands in a list is said with it.
func listed(n *node, part string, within []string) []Token {
	var all []Token
	if t := n.token; t != nil {
		all = append(all, Token{Text: t.text, Sign: t.sign, Path: t.path, Within: within, Part: part, Filled: t.fallback != nil})
		if t.sign == Repeat {
			within = append(within[:len(within):len(within)], t.path)
		}
	}
	for _, a := range n.attrs {
		for _, t := range a.tokens {
			all = append(all, Token{Text: t.text, Sign: t.sign, Path: t.path, Within: within, Part: part, Filled: t.fallback != nil})
		}
	}
	for _, kid := range n.kids {
		all = append(all, listed(kid, part, within)...)
	}
	return all
}
