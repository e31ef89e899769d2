package verify

import (
	"fmt"
	"slices"
)

// inOrder lists the changed objects by number, those of pages last.
func (t *transition) inOrder() ([]int, error) {
	var nums, last []int
	for num := range t.changed {
		r, err := t.older.of(num)
		if err != nil {
			return nil, err
		}
		if r.part == pagePart || r.part == annotsPart {
			last = append(last, num)
		} else {
			nums = append(nums, num)
		}
	}
	slices.Sort(nums)
	slices.Sort(last)
	return append(nums, last...), nil
}

// sort finds out which numbers are new and which objects differ.
func (t *transition) sort() error {
	r := &t.after.revisions[t.after.rev]
	for _, num := range r.touched() {
		is, _ := r.find(num)
		was := t.before.entry(num)
		switch {
		case num == 0 || is == was && t.sameHome(is), !is.live() && !was.live():
		case !is.live():
			t.reject(t.about(num, Object, "An object of the document was deleted."))
		case !t.inside(is, r):
			t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d was put back to something that stands elsewhere in the file.", num)})
		case !was.live():
			t.fresh[num] = true
			if was.kind == free && is.kind == inUse && is.gen < was.gen && t.strict {
				t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d came back under a generation that was given up.", num)})
			}
		default:
			if is.kind == inUse && was.kind == inUse && is.gen != was.gen {
				t.reject(Change{Kind: Structure, Object: num, Sentence: fmt.Sprintf("Object %d was replaced by one of another generation.", num)})
			}
			t.changed[num] = true
		}
		if t.err != nil {
			return t.err
		}
	}
	return t.baited()
}

// sameHome: an entry that points into an object stream is the same one only
// while that stream is.
func (t *transition) sameHome(e entry) bool {
	return e.kind != inStream || t.before.entry(int(e.at)) == t.after.entry(int(e.at))
}

// inside tells whether the entry points to something that the revision wrote.
func (t *transition) inside(e entry, r *revision) bool {
	if e.kind == inStream {
		home, ok := r.find(int(e.at))
		return ok && home.kind == inUse && t.inside(home, r) && !t.before.entry(int(e.at)).live()
	}
	at := t.after.base + e.at
	return at >= r.start && at < r.eof
}

// baited looks for new objects that the older revision already pointed to: what
// was signed had a hole that is filled now.
func (t *transition) baited() error {
	if len(t.fresh) > 0 && len(t.uses.opaque) > 0 {
		t.reject(Change{Kind: Structure, Sentence: "Something was added to a document of which a part cannot be read; that part may have waited for it."})
	}
	for num := range t.fresh {
		if t.uses.of(num) > 0 {
			t.reject(t.about(num, Object, "Something appeared that the signed document had pointed to but did not contain."))
		}
	}
	return nil
}
