package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// page judges a page dictionary that was written again: it may show new
// signature fields, and nothing else.
func (t *transition) page(num, page int, was, is pdf.Dict) error {
	for _, key := range keysOf(was, is) {
		if t.same(was[key], is[key]) {
			continue
		}
		if key == "Annots" {
			if err := t.annotations(num, page, was[key], is[key]); err != nil {
				return err
			}
			continue
		}
		if name, _ := is[key].(pdf.Name); key == "Tabs" && was[key] == nil && name != "" && !t.strict {
			continue
		}
		t.reject(Change{Kind: Page, Object: num, Page: page, Sentence: pageSentence(page, key)})
	}
	return t.err
}

// pageNode lets iText leave its version in the root of the page tree.
func (t *transition) pageNode(num int, was, is pdf.Dict) {
	_, version := is["ITXT"].(pdf.String)
	if t.strict || !version || !t.same(without(was, "ITXT"), without(is, "ITXT")) {
		t.reject(Change{Kind: Page, Object: num, Sentence: catalogSentence("Pages")})
		return
	}
	t.allow(Change{Kind: Metadata, Object: num, Sentence: "A program left its version in the document."})
}

func pageSentence(page int, key pdf.Name) string {
	switch key {
	case "Contents":
		return fmt.Sprintf("Page %d shows other content than before.", page)
	case "Resources":
		return fmt.Sprintf("Page %d uses other fonts or pictures than before.", page)
	case "AA":
		return fmt.Sprintf("Page %d now does something by itself when it is opened.", page)
	case "MediaBox", "CropBox", "Rotate", "UserUnit":
		return fmt.Sprintf("Page %d was cropped, turned or resized.", page)
	}
	return fmt.Sprintf("Page %d was changed (%.40s).", page, key)
}

// annotations wants all old annotations in their order, and besides them only
// widgets of fields that the form's rule has let in.
func (t *transition) annotations(num, page int, was, is pdf.Object) error {
	if t.older.pages.roles[num].part == annotsPart && t.uses.of(num) > 1 {
		t.reject(Change{Kind: Annotation, Object: num, Page: page, Sentence: fmt.Sprintf("The annotations of page %d and of something else were replaced.", page)})
		return nil
	}
	old, err1 := t.before.array(was)
	now, err2 := t.after.array(is)
	if err := firstOf(err1, err2); err != nil {
		return err
	}
	added, ok := t.additions(old, now)
	if !ok {
		t.reject(Change{Kind: Annotation, Object: num, Page: page, Sentence: fmt.Sprintf("An annotation or field on page %d was taken away.", page)})
		return nil
	}
	for _, o := range added {
		if err := t.annotation(page, o); err != nil {
			return err
		}
	}
	return t.err
}

func (t *transition) annotation(page int, o pdf.Object) error {
	num := numberOf(o)
	if t.widgets[num] {
		return nil // the field's own change tells of it
	}
	d, err := t.after.dict(o)
	if err != nil {
		return err
	}
	kind, err := t.after.name(d["Subtype"])
	if err != nil {
		return err
	}
	c := Change{Kind: Annotation, Object: num, Page: page, Sentence: fmt.Sprintf("An annotation was put on page %d.", page)}
	if t.strict || num == 0 || !t.fresh[num] || !isComment[kind] || d["A"] != nil || d["AA"] != nil {
		t.reject(c)
		return nil
	}
	t.allow(c)
	return nil
}

// isComment lists the kinds of annotations that people write with P 3. Links,
// widgets, films and files are none.
var isComment = map[pdf.Name]bool{
	"Text": true, "FreeText": true, "Highlight": true, "Underline": true, "Squiggly": true, "StrikeOut": true,
	"Ink": true, "Stamp": true, "Caret": true, "Line": true, "Square": true, "Circle": true, "Polygon": true, "PolyLine": true, "Popup": true,
}
