package pades

import (
	"slices"

	"chancery/pades/pdf"
)

// Flags of annotations (ISO 32000-2, 12.5.3).
const (
	flagHidden = 1 << 1
	flagNoView = 1 << 5
)

// hiddenAnnotation is the kind of an annotation that is not shown, as though it
// were an action: it goes from wherever something leads to it.
const hiddenAnnotation pdf.Name = "HiddenAnnotation"

// hidden tells whether d is an annotation that screens do not show. Attackers
// prepare what they uncover after the signature in such.
func hidden(f *pdf.File, d pdf.Dict) (bool, error) {
	if d["Rect"] == nil || d["F"] == nil {
		return false, nil
	}
	flags, _, err := f.Int(d["F"])
	return flags&(flagHidden|flagNoView) != 0, err
}

// isField: a field that is hidden still has a value, so it stays.
func isField(f *pdf.File, d pdf.Dict) (bool, error) {
	kind, err := f.Name(d["Subtype"])
	return kind == "Widget" || d["FT"] != nil, err
}

// replacedKeys are what draws something else than the stream that has them: for
// other viewers, for paper, or out of another file.
var replacedKeys = []pdf.Name{"Alternates", "OPI", "Ref", "Subtype2", "PS"}

// replacements are those keys that an image or a form of pages has, and the
// reason and kind for each.
func replacements(d pdf.Dict) (keys []pdf.Name) {
	kind, _ := d["Subtype"].(pdf.Name)
	if kind != "Image" && kind != "Form" {
		return nil
	}
	for _, key := range replacedKeys {
		if d[key] != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

var replacedKinds = map[pdf.Name][2]string{
	"Alternates": {"pdf_alternate_image", "Alternates"},
	"OPI":        {"pdf_alternate_image", "OPI"},
	"Ref":        {"pdf_reference", "Reference"},
	"Subtype2":   {"pdf_active_content", "PostScript"},
	"PS":         {"pdf_active_content", "PostScript"},
}

// printAreas say that another part of a page is printed than shown
// (ISO 32000-2, 12.2).
var printAreas = []pdf.Name{"ViewArea", "ViewClip", "PrintArea", "PrintClip"}

func hasPrintAreas(preferences pdf.Dict) bool {
	return slices.ContainsFunc(printAreas, func(key pdf.Name) bool { return preferences[key] != nil })
}
