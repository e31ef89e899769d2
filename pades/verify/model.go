package verify

import (
	"chancery/pades/pdf"
)

// model is what a revision's objects are for, as far as an update may touch
// them: the ones it finds from the catalog.
type model struct {
	view
	rootRef pdf.Ref
	root    pdf.Dict
	form    *form
	roles   map[int]role
	pages   *pageIndex // nil until somebody asks
}

// role is what an object is for. An object of two roles has none that allows a
// change: what is right for one may be an attack on the other.
type role struct {
	part  part
	field *field
	page  int // from 1
}

type part byte

const (
	nothing part = iota
	ambiguous
	catalogPart
	formPart       // the /AcroForm dictionary
	fieldListPart  // its /Fields
	resourcesPart  // its /DR, and the dictionaries of kinds therein
	fontPart       // a font of /DR
	fieldPart      // a field or widget
	looksPart      // the /AP dictionary of one field, or a dictionary of states in it
	valuePart      // the value of a field that is no signature
	signaturePart  // a signature dictionary
	infoPart       // the /Info dictionary of the trailer
	metadataPart   // the XMP of the document
	evidencePart   // the DSS, and what it lists
	extensionsPart // the /Extensions dictionary
	pageNodePart   // a node of the page tree above the pages
	pagePart
	annotsPart // an array of annotations that is an object of its own
)

// readModel reads the catalog and the form. Pages follow when they are needed.
func (v view) readModel() (*model, error) {
	m := &model{view: v, roles: map[int]role{}}
	var err error
	if m.rootRef, m.root, err = v.root(); err != nil {
		return nil, err
	}
	if m.form, err = v.readForm(m.root); err != nil {
		return nil, err
	}
	m.give(m.rootRef, role{part: catalogPart})
	m.give(v.trailer()["Info"], role{part: infoPart})
	m.give(m.root["Metadata"], role{part: metadataPart})
	m.give(m.root["Extensions"], role{part: extensionsPart})
	if err := m.formRoles(); err != nil {
		return nil, err
	}
	return m, m.evidenceRoles()
}

func (m *model) give(o pdf.Object, r role) { give(m.roles, o, r) }

// give notes what an object is for; anything but a reference has no object.
func give(roles map[int]role, o pdf.Object, r role) {
	ref, ok := o.(pdf.Ref)
	if !ok {
		return
	}
	if had, ok := roles[ref.Num]; ok && had != r {
		r = role{part: ambiguous}
	}
	roles[ref.Num] = r
}

// of is the role of an object. Pages are looked for only when it is nothing else.
func (m *model) of(num int) (role, error) {
	if r, ok := m.roles[num]; ok {
		return r, nil
	}
	if err := m.readPages(); err != nil {
		return role{}, err
	}
	return m.pages.roles[num], nil
}
