package pades

import (
	"slices"

	"chancery/pades/pdf"
)

// putPages rewrites only what lists the annotations: the page, or its array of
// annotations where that is an object of its own.
func (p *placing) putPages() error {
	users := map[pdf.Ref]int{} // of an array of annotations, which pages may share
	for _, page := range p.pages {
		if own, ok := page.Dict["Annots"].(pdf.Ref); ok {
			users[own]++
		}
	}
	for i, page := range p.pages {
		if added := p.annots[i]; len(added) > 0 {
			if err := p.putPage(page, added, users); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *placing) putPage(page pdf.Page, added pdf.Array, users map[pdf.Ref]int) error {
	before, err := p.file.Array(page.Dict["Annots"])
	if err != nil {
		return err
	}
	d := page.Dict.Clone()
	all := append(slices.Clone(before), added...)
	own, ok := page.Dict["Annots"].(pdf.Ref)
	ok = ok && before != nil && users[own] == 1
	if ok {
		err = p.replace(own, all)
	} else {
		d["Annots"] = all
	}
	// Fields come in the order of the structure (ISO 14289-1, 7.18.3), unless the
	// author wanted another.
	ordered := p.tags != nil && d["Tabs"] == nil
	if ordered {
		d["Tabs"] = pdf.Name("S")
	}
	if err != nil || ok && !ordered {
		return err
	}
	return p.replace(page.Ref, d)
}

// replace writes an object of the original again.
func (p *placing) replace(ref pdf.Ref, o pdf.Object) (err error) {
	if ref.Gen, err = p.file.Generation(ref.Num); err == nil {
		p.update.Put(ref, o)
	}
	return err
}
