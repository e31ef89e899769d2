package templates

import (
	"slices"
	"strings"
)

// node is an element, a text, a token in the place of a text, or a block: the
// pieces that its token repeats or leaves out.
type node struct {
	name  string // of an element, with its prefix; "" for all others
	attrs []attribute
	kids  []*node
	text  string
	token *token
	open  bool // an element of HTML that has no end tag
	raw   bool // a text that is written as it is

	parent *node
}

type attribute struct {
	name, value string
	tokens      []*token // that the value holds
}

func (n *node) isBlock() bool { return n.token != nil && n.token.sign != Value }

// attr is the value of an attribute, "" if there is none.
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (n *node) set(name, value string) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].value = value
			return
		}
	}
	n.attrs = append(n.attrs, attribute{name: name, value: value})
}

func (n *node) unset(name string) {
	n.attrs = slices.DeleteFunc(slices.Clone(n.attrs), func(a attribute) bool { return a.name == name })
}

// first is the first kid of that name.
func (n *node) first(name string) *node {
	for _, kid := range n.kids {
		if kid.name == name {
			return kid
		}
	}
	return nil
}

func (n *node) add(kids ...*node) *node {
	for _, kid := range kids {
		kid.parent = n
	}
	n.kids = append(n.kids, kids...)
	return n
}

// replace puts nodes in the place of the kids from first to last.
func (n *node) replace(first, last *node, with ...*node) {
	from, to := slices.Index(n.kids, first), slices.Index(n.kids, last)
	for _, kid := range with {
		kid.parent = n
	}
	n.kids = slices.Replace(n.kids, from, to+1, with...)
}

func (n *node) remove() {
	n.parent.replace(n, n)
	n.parent = nil
}

// each calls do for n and all below it, in their order, and goes no deeper where do
// returns false. do may change what is below n.
func (n *node) each(do func(*node) bool) {
	if !do(n) {
		return
	}
	for _, kid := range slices.Clone(n.kids) {
		kid.each(do)
	}
}

// drop takes out all nodes below n that go.
func (n *node) drop(goes func(*node) bool) {
	n.kids = slices.DeleteFunc(n.kids, func(kid *node) bool {
		if goes(kid) {
			return true
		}
		kid.drop(goes)
		return false
	})
}

// blank tells whether there is nothing to see below n.
func (n *node) blank(solid map[string]bool) bool {
	blank := true
	n.each(func(kid *node) bool {
		if kid.token != nil || solid[kid.name] || kid.name == "" && strings.TrimSpace(kid.text) != "" {
			blank = false
		}
		return blank
	})
	return blank
}

// path leads from n up to the root.
func (n *node) path() []*node {
	var all []*node
	for at := n; at != nil; at = at.parent {
		all = append(all, at)
	}
	return all
}

func element(name string, kids ...*node) *node { return (&node{name: name}).add(kids...) }

func words(text string) *node { return &node{text: text} }
