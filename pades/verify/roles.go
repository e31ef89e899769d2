package verify

import (
	"chancery/pades/pdf"
)

// pageIndex is what the objects of pages are for.
type pageIndex struct {
	nums  []int // of all pages
	roles map[int]role
}

func (m *model) formRoles() error {
	m.give(m.form.ref, role{part: formPart})
	m.give(m.form.dict["Fields"], role{part: fieldListPart})
	m.give(m.form.dict["DR"], role{part: resourcesPart})
	resources, err := m.dict(m.form.dict["DR"])
	if err != nil {
		return err
	}
	for _, kind := range resources {
		m.give(kind, role{part: resourcesPart})
	}
	fonts, err := m.dict(resources["Font"])
	if err != nil {
		return err
	}
	for _, font := range fonts {
		m.give(font, role{part: fontPart})
	}
	for _, f := range m.form.fields {
		if err := m.fieldRoles(f); err != nil {
			return err
		}
	}
	return nil
}

// fieldRoles notes the field, its looks and its value.
func (m *model) fieldRoles(f *field) error {
	if f.num != 0 {
		m.give(pdf.Ref{Num: f.num}, role{part: fieldPart, field: f})
		if m.form.shared[f.num] {
			m.roles[f.num] = role{part: ambiguous}
		}
	}
	m.give(f.dict["AP"], role{part: looksPart, field: f})
	looks, err := m.dict(f.dict["AP"])
	if err != nil {
		return err
	}
	for _, o := range looks {
		if _, ok := o.(pdf.Ref); !ok {
			continue
		}
		state, err := m.get(o)
		if err != nil {
			return err
		}
		if _, ok := state.(pdf.Dict); ok {
			m.give(o, role{part: looksPart, field: f})
		}
	}
	if f.isSignature() {
		m.give(f.dict["V"], role{part: signaturePart, field: f})
	} else {
		m.give(f.dict["V"], role{part: valuePart, field: f})
	}
	return nil
}

// evidenceRoles notes the DSS and its arrays and dictionaries, not the streams.
func (m *model) evidenceRoles() error {
	m.give(m.root["DSS"], role{part: evidencePart})
	dss, err := m.dict(m.root["DSS"])
	if err != nil {
		return err
	}
	for _, o := range dss {
		m.give(o, role{part: evidencePart})
	}
	related, err := m.dict(dss["VRI"])
	if err != nil {
		return err
	}
	for _, o := range related {
		m.give(o, role{part: evidencePart})
		entry, err := m.dict(o)
		if err != nil {
			return err
		}
		for key, list := range entry {
			if key != "TS" {
				m.give(list, role{part: evidencePart})
			}
		}
	}
	return nil
}

func (m *model) readPages() error {
	if m.pages != nil {
		return nil
	}
	m.pages = &pageIndex{roles: map[int]role{}}
	pages, nodes, err := m.pageTree(m.root)
	if err != nil {
		return err
	}
	m.pages.nums = pages
	for _, num := range nodes {
		give(m.pages.roles, pdf.Ref{Num: num}, role{part: pageNodePart})
	}
	for i, num := range pages {
		if num == 0 {
			continue
		}
		give(m.pages.roles, pdf.Ref{Num: num}, role{part: pagePart, page: i + 1})
		page, err := m.dict(pdf.Ref{Num: num})
		if err != nil {
			return err
		}
		give(m.pages.roles, page["Annots"], role{part: annotsPart, page: i + 1})
	}
	return nil
}

// pageOf is the number of the page that a widget says it is on; 0 when unknown.
func (m *model) pageOf(widget pdf.Dict) (int, error) {
	ref, ok := widget["P"].(pdf.Ref)
	if !ok {
		return 0, nil
	}
	r, err := m.of(ref.Num)
	if err != nil || r.part != pagePart {
		return 0, err
	}
	return r.page, nil
}
