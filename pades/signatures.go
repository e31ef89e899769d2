package pades

import (
	"fmt"

	"chancery/pades/pdf"
	"chancery/problem"
)

// maxFormFields bounds the walk over a form that others made.
const maxFormFields = 50_000

// signedField is a signature field of the form that holds a signature.
type signedField struct {
	name  string // partial
	value pdf.Ref
}

// signatureFields lists the signed signature fields of the form. It serves the
// writer; what a signature is worth is for Verify to say.
func signatureFields(f *pdf.File) ([]signedField, error) {
	w := formWalk{file: f, seen: map[int]bool{}}
	fields, err := topFields(f)
	if err != nil {
		return nil, err
	}
	for _, o := range fields {
		if err := w.node(o, "", 0); err != nil {
			return nil, err
		}
	}
	return w.signed, nil
}

// topFields are the form's outermost ones.
func topFields(f *pdf.File) (pdf.Array, error) {
	_, root, err := f.Root()
	if err != nil {
		return nil, err
	}
	acro, err := f.Dict(root["AcroForm"])
	if err != nil {
		return nil, err
	}
	return f.Array(acro["Fields"])
}

type formWalk struct {
	file   *pdf.File
	seen   map[int]bool
	signed []signedField
}

// node visits a field and those below it; kind is inherited (ISO 32000-2, 12.7.4.1).
func (w *formWalk) node(o pdf.Object, kind pdf.Name, depth int) error {
	ref, _ := o.(pdf.Ref)
	if ref.Num != 0 && w.seen[ref.Num] {
		return nil
	}
	w.seen[ref.Num] = true
	if depth > pdf.MaxDepth || len(w.seen) > maxFormFields {
		return problem.Invalid("pdf_too_complex", "The form of this PDF is too complex to be signed safely.")
	}
	d, err := w.file.Dict(o)
	if err != nil {
		return err
	}
	if own, ok := d["FT"].(pdf.Name); ok {
		kind = own
	}
	kids, err := w.file.Array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.node(kid, kind, depth+1); err != nil {
			return err
		}
	}
	return w.take(d, kind)
}

func (w *formWalk) take(d pdf.Dict, kind pdf.Name) error {
	if kind != "Sig" || d["V"] == nil {
		return nil
	}
	value, ok := d["V"].(pdf.Ref)
	if !ok {
		return problem.Invalid("pdf_damaged", "A signature in this PDF is damaged.").
			Because(fmt.Errorf("signature field %q holds its value in place", d["T"]))
	}
	content, err := w.file.Dict(value)
	if err != nil || content == nil {
		return err
	}
	name, _ := d["T"].(pdf.String)
	w.signed = append(w.signed, signedField{string(name), value})
	return nil
}
