package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// pageTree lists the object numbers of the pages in order, 0 for one that stands in
// its parent's array, and those of the nodes above them.
func (v view) pageTree(root pdf.Dict) (pages, nodes []int, err error) {
	w := pageWalk{view: v, seen: map[int]bool{}}
	err = w.node(root["Pages"], 0)
	return w.nums, w.nodes, err
}

type pageWalk struct {
	view
	nums  []int
	nodes []int
	seen  map[int]bool
}

func (w *pageWalk) node(o pdf.Object, depth int) error {
	ref, _ := o.(pdf.Ref)
	if ref.Num != 0 && w.seen[ref.Num] {
		return nil // a page twice, or a circle: who looks at it sees it once
	}
	w.seen[ref.Num] = true
	if depth > maxDepth || len(w.nums) > maxPages || len(w.seen) > 2*maxPages {
		return tooComplex(fmt.Errorf("page tree of %d pages, %d deep", len(w.nums), depth))
	}
	d, err := w.dict(o)
	if err != nil || d == nil {
		return err
	}
	if d["Kids"] == nil {
		w.nums = append(w.nums, ref.Num)
		return nil
	}
	w.nodes = append(w.nodes, ref.Num)
	kids, err := w.array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.node(kid, depth+1); err != nil {
			return err
		}
	}
	return nil
}
