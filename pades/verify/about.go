package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// about describes a change for which there is no rule, by the page that shows
// the object.
func (t *transition) about(num int, kind Kind, otherwise string) Change {
	c := Change{Kind: kind, Object: num, Sentence: otherwise}
	if t.shownOn == nil {
		t.shownOn = t.older.shownOn()
	}
	if place, ok := t.shownOn[num]; ok {
		c.Kind, c.Page = Page, place.page
		c.Sentence = fmt.Sprintf("Page %d uses other fonts or pictures than before.", place.page)
		if place.content {
			c.Sentence = pageSentence(place.page, "Contents")
		}
		if place.annotation {
			c.Kind, c.Sentence = Annotation, fmt.Sprintf("An annotation on page %d was changed.", place.page)
		}
	}
	return c
}

// shown is the first page that shows an object, and as what.
type shown struct {
	page       int
	content    bool
	annotation bool
}

// maxShown bounds the search for words; a judgement never depends on it.
const maxShown = 50_000

// shownOn finds out for the objects of the pages which page shows them. It only
// serves to describe a change that was rejected already, so errors end it.
func (m *model) shownOn() map[int]shown {
	on := map[int]shown{}
	if err := m.readPages(); err != nil {
		return on
	}
	for i, num := range m.pages.nums {
		page, err := m.dict(pdf.Ref{Num: num})
		if err != nil || num == 0 {
			continue
		}
		m.mark(on, page["Contents"], shown{page: i + 1, content: true}, 0)
		m.mark(on, page["Resources"], shown{page: i + 1}, 0)
		m.mark(on, page["Annots"], shown{page: i + 1, annotation: true}, 0)
	}
	return on
}

// mark follows references, but not back to pages.
func (m *model) mark(on map[int]shown, o pdf.Object, place shown, depth int) {
	if len(on) > maxShown || depth > maxDepth {
		return
	}
	switch o := o.(type) {
	case pdf.Ref:
		if _, ok := on[o.Num]; ok || m.pages.roles[o.Num].part == pagePart {
			return
		}
		on[o.Num] = place
		if target, err := m.load(o.Num); err == nil {
			m.mark(on, target, place, depth+1)
		}
	case pdf.Array:
		for _, value := range o {
			m.mark(on, value, place, depth+1)
		}
	case pdf.Dict:
		for key, value := range o {
			if key != "Parent" && key != "P" && key != "Popup" && key != "Dest" && key != "A" {
				m.mark(on, value, place, depth+1)
			}
		}
	case *stream:
		m.mark(on, o.dict, place, depth+1)
	}
}
