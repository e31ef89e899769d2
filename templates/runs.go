package templates

import (
	"slices"
	"strings"

	"chancery/problem"
)

// Word cuts text into runs wherever its spelling checker, a change of formatting or
// the moment of typing leaves a trace, also in the middle of a token.

// tokenise gives every token of the part a run of its own, with the formatting of
// its first character.
func tokenise(root *node, part string) error {
	var failed error
	root.each(func(n *node) bool {
		if n.name == "w:p" && failed == nil {
			failed = tokeniseParagraph(n, part)
		}
		return failed == nil
	})
	return failed
}

// leaf is a text of a run, and where it starts in its paragraph.
type leaf struct {
	t    *node // w:t
	from int
}

// leaves are the texts of a paragraph, without those of paragraphs in it, such as
// text boxes.
func leaves(paragraph *node) (all []leaf, text string) {
	var line strings.Builder
	paragraph.each(func(n *node) bool {
		switch {
		case n.name == "w:p" && n != paragraph:
			return false
		case n.name == "w:t" && n.parent.name == "w:r":
			all = append(all, leaf{n, line.Len()})
			line.WriteString(n.content())
			return false
		case n.name == "w:br" || n.name == "w:tab":
			line.WriteByte('\n') // no token reaches across
		}
		return true
	})
	return all, line.String()
}

func (n *node) content() string {
	var all strings.Builder
	for _, kid := range n.kids {
		all.WriteString(kid.text)
	}
	return all.String()
}

func tokeniseParagraph(paragraph *node, part string) error {
	all, line := leaves(paragraph)
	matches := found.FindAllStringSubmatchIndex(line, -1)
	if err := closed(line, matches, part); err != nil {
		return err
	}
	for _, m := range slices.Backward(matches) {
		if isTag(line[m[2]:m[3]]) {
			continue
		}
		t, err := readToken(line[m[2]:m[3]])
		if err != nil {
			return about(err, part, line[m[0]:m[1]])
		}
		cutOut(all, line, m[0], m[1], t)
	}
	return nil
}

// closed refuses braces that begin a token which does not end: it would stand in
// the contract as it is.
func closed(line string, matches [][]int, part string) error {
	rest := 0
	for _, m := range append(slices.Clone(matches), []int{len(line), len(line)}) {
		if at := strings.Index(line[rest:m[0]], "{{"); at >= 0 {
			shown := line[rest+at:]
			return about(problem.Invalid("token_unclosed", "A merge token begins here and does not end on the line."), part, shown[:min(len(shown), maxToken)])
		}
		rest = m[1]
	}
	return nil
}

// cutOut takes a token out of the leaves it stands in and puts its run there.
func cutOut(all []leaf, line string, from, to int, t *token) {
	holds := func(at int) int {
		i, exact := slices.BinarySearchFunc(all, at, func(l leaf, at int) int { return l.from - at })
		if !exact {
			i--
		}
		for i+1 < len(all) && all[i+1].from == all[i].from { // an empty text
			i++
		}
		return i
	}
	first, last := holds(from), holds(to-1)
	start := all[first]
	before := line[start.from:from]
	after := line[to : all[last].from+len(all[last].t.content())]
	if first == last {
		after = start.t.content()[to-start.from:]
	}
	for _, between := range all[first+1 : last+1] {
		between.t.say("")
	}
	start.t.say(before)
	split(start.t, t, after, first == last)
	if first != last {
		all[last].t.say(after)
	}
}

// say sets the text of a w:t, with the spaces at its ends.
func (n *node) say(text string) {
	n.kids = nil
	n.set("xml:space", "preserve")
	if text != "" {
		n.add(words(text))
	}
}

// split puts a run with the token behind the text t and, in a run of its own, what
// followed t.
func split(t *node, tok *token, after string, same bool) {
	run := t.parent
	at := slices.Index(run.kids, t) + 1
	rest := &node{name: run.name, attrs: run.attrs}
	if same && after != "" {
		behind := element("w:t")
		behind.say(after)
		rest.add(behind)
	}
	rest.add(run.kids[at:]...)
	run.kids = run.kids[:at]
	own := element("w:r", &node{token: tok})
	own.attrs = run.attrs
	pieces := []*node{run, own}
	if len(rest.kids) > 0 {
		pieces = append(pieces, rest)
	}
	if format := run.first("w:rPr"); format != nil {
		for _, piece := range pieces[1:] {
			piece.kids = slices.Insert(piece.kids, 0, clone(format))
			piece.kids[0].parent = piece
		}
	}
	run.parent.replace(run, run, pieces...)
}

func clone(n *node) *node {
	made := *n
	made.kids = nil
	for _, kid := range n.kids {
		made.add(clone(kid))
	}
	return &made
}

// writeRun is a value inside a run: its lines with breaks between.
func writeRun(value string) []*node {
	var all []*node
	for i, line := range strings.Split(value, "\n") {
		if i > 0 {
			all = append(all, element("w:br"))
		}
		t := element("w:t")
		t.say(line)
		all = append(all, t)
	}
	return all
}
