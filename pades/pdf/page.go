package pdf

import (
	"fmt"
	"math"
)

// Page is a leaf of the page tree with what it inherits.
type Page struct {
	Ref      Ref
	Dict     Dict
	Media    Rect    // the whole sheet
	Crop     Rect    // what is shown, in default user space
	Rotate   int     // 0, 90, 180 or 270 degrees clockwise
	UserUnit float64 // points per unit of default user space

	// Flaws are the keys whose values viewers may understand in more than one way.
	// The fields above hold what most of them make of it.
	Flaws []Name
}

// Displayed is the page's width and height in points as a viewer shows it.
func (p Page) Displayed() (width, height float64) {
	width, height = p.Crop.Width()*p.UserUnit, p.Crop.Height()*p.UserUnit
	if p.Rotate == 90 || p.Rotate == 270 {
		width, height = height, width
	}
	return width, height
}

// inherited are the attributes a page takes from the nodes above it.
type inherited struct{ mediaBox, cropBox, rotate Object }

func (in inherited) with(d Dict) inherited {
	for key, into := range map[Name]*Object{"MediaBox": &in.mediaBox, "CropBox": &in.cropBox, "Rotate": &in.rotate} {
		if d[key] != nil {
			*into = d[key]
		}
	}
	return in
}

// Pages walks the page tree in order. /Count is not believed.
func (f *File) Pages() ([]Page, error) {
	_, root, err := f.Root()
	if err != nil {
		return nil, err
	}
	w := pageWalk{f: f, seen: map[int]bool{}}
	if err := w.node(root["Pages"], inherited{}, 0); err != nil {
		return nil, err
	}
	if len(w.pages) == 0 {
		return nil, damaged(fmt.Errorf("page tree has no pages"))
	}
	return w.pages, nil
}

type pageWalk struct {
	f     *File
	seen  map[int]bool
	pages []Page
}

func (w *pageWalk) node(o Object, in inherited, depth int) error {
	ref, ok := o.(Ref)
	if !ok {
		return damaged(fmt.Errorf("page tree has a node that is no reference"))
	}
	if w.seen[ref.Num] {
		return damaged(fmt.Errorf("page tree visits %v twice", ref))
	}
	w.seen[ref.Num] = true
	if depth > MaxDepth || len(w.seen) > 2*MaxPages {
		return tooComplex(fmt.Errorf("page tree deeper than %d or larger than %d", MaxDepth, MaxPages))
	}
	d, err := w.f.Dict(ref)
	if err != nil {
		return err
	}
	in = in.with(d)
	kids, err := w.f.Array(d["Kids"])
	if err != nil {
		return err
	}
	if kids == nil {
		return w.leaf(ref, d, in)
	}
	for _, kid := range kids {
		if err := w.node(kid, in, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(ref Ref, d Dict, in inherited) error {
	if d == nil || d["Type"] == Name("Pages") {
		return nil // an empty branch
	}
	if len(w.pages) >= MaxPages {
		return tooComplex(fmt.Errorf("more than %d pages", MaxPages))
	}
	p := Page{Ref: ref, Dict: d, UserUnit: 1}
	for _, read := range []func(*Page, inherited) error{w.boxes, w.turn, w.unit} {
		if err := read(&p, in); err != nil {
			return fmt.Errorf("page %v: %w", ref, err)
		}
	}
	w.pages = append(w.pages, p)
	return nil
}

func (p *Page) flaw(key Name) { p.Flaws = append(p.Flaws, key) }

func (w *pageWalk) turn(p *Page, in inherited) error {
	value, err := w.f.Get(in.rotate)
	turn, ok := value.(int64)
	if value != nil && (!ok || turn%90 != 0) {
		p.flaw("Rotate")
	}
	p.Rotate = int((turn%360+360)%360) / 90 * 90
	return err
}

// maxUserUnit is Acrobat's (ISO 32000-1, annex C).
const maxUserUnit = 75_000

func (w *pageWalk) unit(p *Page, _ inherited) error {
	value, err := w.f.Get(p.Dict["UserUnit"])
	if n, ok := number(value); ok && n > 0 && n <= maxUserUnit {
		p.UserUnit = n
	} else if value != nil {
		p.flaw("UserUnit")
	}
	return err
}

// letter is what viewers take when a page has no usable /MediaBox.
var letter = Rect{0, 0, 612, 792}

// overhang is how far, in points, a crop box may stick out of its media box by
// rounding.
const overhang = 1

// boxes reads the media box, and the crop box within it.
func (w *pageWalk) boxes(p *Page, in inherited) error {
	media, ok, err := w.f.rect(in.mediaBox)
	if err != nil {
		return err
	}
	if !ok {
		media = letter
		p.flaw("MediaBox")
	}
	p.Media, p.Crop = media, media
	value, err := w.f.Get(in.cropBox)
	if err != nil || value == nil {
		return err
	}
	crop, ok, err := w.f.rect(value)
	if err != nil {
		return err
	}
	both := Rect{max(crop.X0, media.X0), max(crop.Y0, media.Y0), min(crop.X1, media.X1), min(crop.Y1, media.Y1)}
	if !ok || both.Width() <= 0 || both.Height() <= 0 {
		p.flaw("CropBox")
		return nil
	}
	p.Crop = both
	if crop.Width()-both.Width() > overhang || crop.Height()-both.Height() > overhang {
		p.flaw("CropBox")
	}
	return nil
}

// rect reads a rectangle given by any two opposite corners. One that is empty
// or absurdly large does not count.
func (f *File) rect(o Object) (Rect, bool, error) {
	a, err := f.Array(o)
	if err != nil || len(a) < 4 {
		return Rect{}, false, err
	}
	var n [4]float64
	for i := range n {
		o, err := f.Get(a[i])
		if err != nil {
			return Rect{}, false, err
		}
		var ok bool
		if n[i], ok = number(o); !ok || math.Abs(n[i]) > 1e7 {
			return Rect{}, false, nil
		}
	}
	r := Rect{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}
	return r, r.Width() > 0 && r.Height() > 0, nil
}
