package templates

import (
	"slices"

	"chancery/problem"
)

// pair turns the two ends of every block into one node that holds what is between
// them. It returns how many blocks there are.
func pair(root *node, w way, part string) (int, error) {
	var ends []*node
	root.each(func(n *node) bool {
		if n.isBlock() {
			ends = append(ends, n)
		}
		return true
	})
	var opened []*node
	for _, n := range ends {
		if n.token.sign != end {
			opened = append(opened, n)
			continue
		}
		if len(opened) == 0 || opened[len(opened)-1].token.path != n.token.path {
			return 0, about(problem.Invalid("block_unopened", "A block ends here that does not begin before, or another one begins in between."), part, n.token.text)
		}
		enclose(opened[len(opened)-1], n, w)
		opened = opened[:len(opened)-1]
	}
	if len(opened) > 0 {
		last := opened[len(opened)-1]
		return 0, about(problem.Invalid("block_unclosed", "A block begins here and does not end."), part, last.token.text)
	}
	return len(ends) / 2, nil
}

// enclose puts the pieces from one end to the other into a block.
func enclose(from, to *node, w way) {
	within, first, last := span(from, to, w)
	block := &node{token: from.token}
	whole := slices.Clone(within.kids[slices.Index(within.kids, first) : slices.Index(within.kids, last)+1])
	within.replace(first, last, block)
	block.add(whole...)
	from.vanish()
	to.vanish()
	if first == last {
		return
	}
	for _, piece := range []*node{first, last} {
		if piece.parent == block && piece.blank(w.solid) {
			piece.remove()
		}
	}
}

// span finds the smallest whole pieces, beside each other, that hold both ends.
func span(from, to *node, w way) (within, first, last *node) {
	up, down := from.path(), to.path()
	i, j := len(up)-1, len(down)-1
	for up[i-1] == down[j-1] {
		i, j = i-1, j-1
	}
	within, first, last = up[i], up[i-1], down[j-1]
	for w.whole[within.name] && within.parent != nil {
		first, last, within = within, within, within.parent
	}
	return within, first, last
}

// vanish takes an end out, and the run that held nothing else.
func (n *node) vanish() {
	if n.parent == nil {
		return
	}
	run := n.parent
	n.remove()
	if run.name == "w:r" && run.parent != nil && !slices.ContainsFunc(run.kids, func(kid *node) bool { return kid.name != "w:rPr" }) {
		run.remove()
	}
}
