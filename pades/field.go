package pades

import "chancery/pades/pdf"

// Bits of field and annotation flags (ISO 32000-2, 12.5.3 and 12.7.4).
const (
	flagPrint    = 1 << 2
	flagReadOnly = 1 << 6
	flagLocked   = 1 << 7
	flagContents = 1 << 9
	ffMultiline  = 1 << 12
)

// dict is the field and its only widget in one dictionary, as certified. Values
// and appearances of an act are set on top of it.
func (f placed) dict() pdf.Dict {
	d := pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"),
		"T": pdf.Text(f.Name), "P": f.Page, "F": flagPrint | flagLocked,
		"Rect": rounded(f.Rect[:]...),
	}
	if f.Label != "" {
		d["TU"] = pdf.Text(f.Label)
	}
	if f.Turn != 0 {
		d["MK"] = pdf.Dict{"R": f.Turn}
	}
	if f.Tag != nil {
		d["StructParent"] = *f.Tag
	}
	d["AP"] = pdf.Dict{"N": f.Before} // of invisible fields too: PDF/A-1 asks for it (ISO 19005-1, 6.9)
	switch {
	case f.Signs:
		d["FT"], d["Lock"] = pdf.Name("Sig"), *f.Lock
	case f.Recipient == "": // the organisation's own: a certification locks nothing
		d["FT"] = pdf.Name("Sig")
		if f.Lock != nil {
			d["Lock"] = *f.Lock
		}
	case f.Kind == Checkbox:
		d["FT"], d["V"], d["AS"] = pdf.Name("Btn"), pdf.Name("Off"), pdf.Name("Off")
		d["AP"] = pdf.Dict{"N": pdf.Dict{"Yes": *f.On, "Off": *f.Off}}
	default:
		d["FT"], d["DA"] = pdf.Name("Tx"), defaultAppearance
		if f.Multiline {
			d["Ff"] = ffMultiline
		}
	}
	return d
}

// formFont is the name of our font in the form's resources: our own, so that it
// meets no font of the uploaded form.
const formFont = pdf.Name("ChReg")

// defaultAppearance: size 0 lets a viewer choose (ISO 32000-2, 12.7.4.3).
var defaultAppearance = pdf.String("/" + formFont + " 0 Tf 0 g")

func rounded(numbers ...float64) pdf.Array {
	a := make(pdf.Array, len(numbers))
	for i, n := range numbers {
		a[i] = pdf.Rounded(n)
	}
	return a
}

func (f placed) visible() bool { return f.Rect[2] > f.Rect[0] && f.Rect[3] > f.Rect[1] }

// upright is the field's width and height in points as displayed.
func (f placed) upright() (width, height float64) {
	width, height = (f.Rect[2]-f.Rect[0])*f.Unit, (f.Rect[3]-f.Rect[1])*f.Unit
	if f.Turn == 90 || f.Turn == 270 {
		width, height = height, width
	}
	return width, height
}

// onPage turns a place on the displayed page into default user space.
func onPage(r Rect, p pdf.Page) [4]float64 {
	x0, y0 := r.X/p.UserUnit, r.Y/p.UserUnit
	x1, y1 := (r.X+r.Width)/p.UserUnit, (r.Y+r.Height)/p.UserUnit
	c := p.Crop
	switch p.Rotate {
	case 90: // the lower left corner is displayed at the top left
		return [4]float64{c.X0 + y0, c.Y0 + x0, c.X0 + y1, c.Y0 + x1}
	case 180:
		return [4]float64{c.X1 - x1, c.Y0 + y0, c.X1 - x0, c.Y0 + y1}
	case 270:
		return [4]float64{c.X1 - y1, c.Y1 - x1, c.X1 - y0, c.Y1 - x0}
	}
	return [4]float64{c.X0 + x0, c.Y1 - y1, c.X0 + x1, c.Y1 - y0}
}
