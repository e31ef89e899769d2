package pades

import (
	"fmt"

	"chancery/pades/pdf"
	"chancery/problem"
)

// signatureField is a field of the form that holds a signature.
type signatureField struct {
	name  string // fully qualified
	field pdf.Ref
	dict  pdf.Dict
	value pdf.Ref // the signature dictionary
}

// maxFormFields bounds the walk over a form that others made.
const maxFormFields = 50_000

// signatureFields lists the signed signature fields of the form.
func signatureFields(f *pdf.File) ([]signatureField, error) {
	w, err := walkForm(f)
	return w.signed, err
}

// walkForm visits every field of the form once.
func walkForm(f *pdf.File) (formWalk, error) {
	w := formWalk{file: f, names: map[int]string{}, seen: map[int]bool{}}
	_, root, err := f.Root()
	if err != nil {
		return w, err
	}
	acro, err := f.Dict(root["AcroForm"])
	if err != nil {
		return w, err
	}
	fields, err := f.Array(acro["Fields"])
	if err != nil {
		return w, err
	}
	for _, o := range fields {
		if err := w.node(o, "", "", 0); err != nil {
			return w, err
		}
	}
	return w, nil
}

type formWalk struct {
	file   *pdf.File
	names  map[int]string // qualified, by object number; widgets below a field too
	seen   map[int]bool
	signed []signatureField
}

func (w *formWalk) node(o pdf.Object, path string, kind pdf.Name, depth int) error {
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
	if name, ok := d["T"].(pdf.String); ok {
		path = joined(path, string(name))
	}
	w.names[ref.Num] = path
	if own, ok := d["FT"].(pdf.Name); ok {
		kind = own
	}
	kids, err := w.file.Array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		if err := w.node(kid, path, kind, depth+1); err != nil {
			return err
		}
	}
	return w.take(ref, d, path, kind)
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (w *formWalk) take(ref pdf.Ref, d pdf.Dict, path string, kind pdf.Name) error {
	if kind != "Sig" || d["V"] == nil {
		return nil
	}
	value, ok := d["V"].(pdf.Ref)
	if !ok {
		return problem.Invalid("pdf_damaged", "A signature in this PDF is damaged.").
			Because(fmt.Errorf("signature field %q holds its value in place", path))
	}
	content, err := w.file.Dict(value)
	if err != nil || content == nil {
		return err
	}
	w.signed = append(w.signed, signatureField{name: path, field: ref, dict: d, value: value})
	return nil
}
