package pades

import (
	"context"
	"errors"
	"fmt"
	"io"

	"chancery/pades/pdf"
	"chancery/problem"
)

// PageSize is a page as displayed, in points.
type PageSize struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Inspection says what an uploaded file is, and what speaks against signing it as
// it is. When reading ends early, it holds what was found until then.
type Inspection struct {
	Version string     `json:"version,omitempty"`
	Size    int64      `json:"size"` // bytes
	Pages   []PageSize `json:"pages"`
	Objects int        `json:"objects"` // reachable from the catalog
	Reasons []Reason   `json:"reasons"`
}

// Inspect reads a file that nobody vouches for, within the limits of package
// pdf. The error is the gravest reason as a problem: one that Clean takes out, or
// one that nobody can (see Severity). A file without an error is best left byte
// for byte as it is.
//
// Besides the codes of reasons there are those of a file that cannot be read:
// pdf_empty, not_a_pdf, pdf_encrypted, pdf_damaged and pdf_too_complex.
//
// It visits every object that can be reached from the catalog once: a program
// may hide in any action of any annotation, outline or page.
func Inspect(ctx context.Context, r io.ReaderAt, size int64) (Inspection, error) {
	found := Inspection{Size: size, Pages: []PageSize{}, Reasons: []Reason{}}
	err := found.read(ctx, r, size)
	var p *problem.Problem
	if errors.As(err, &p) {
		found.stop(p)
	} else if err != nil {
		return found, err
	}
	if r := found.first(Refused); p != nil && r.Code == p.Code {
		return found, p
	}
	return found, found.Problem()
}

func (i *Inspection) read(ctx context.Context, r io.ReaderAt, size int64) error {
	f, err := pdf.Open(r, size)
	if err != nil {
		return err
	}
	i.Version = f.Version
	i.shape(f)
	pages, err := f.Pages()
	if err != nil {
		return err
	}
	for n, p := range pages {
		i.page(n+1, p)
	}
	signed, err := signatureFields(f)
	if err != nil {
		return err
	}
	if len(signed) > 0 {
		i.find("pdf_already_signed", "", fmt.Sprintf("field %.60q", signed[0].name))
	}
	_, root, err := f.Root()
	if err != nil {
		return err
	}
	s := search{ctx: ctx, file: f, found: i, seen: map[int]bool{}, names: map[int]pdf.Name{}}
	if err := s.catalog(root); err != nil {
		return err
	}
	if err := s.run(); err != nil {
		return err
	}
	return s.unreached()
}

// manyRevisions are more than a linearised file has.
const manyRevisions = 3

func (i *Inspection) shape(f *pdf.File) {
	if f.Fragmented() {
		i.find("pdf_fragmented_xref", "", "")
	}
	if f.Base > 0 {
		i.find("pdf_leading_bytes", "", "")
	}
	if n := f.Revisions(); n >= manyRevisions {
		i.find("pdf_earlier_versions", "", "")
	}
}

var flaws = map[pdf.Name]string{
	"MediaBox": "pdf_page_box", "CropBox": "pdf_page_box", "Rotate": "pdf_page_rotation", "UserUnit": "pdf_page_unit",
}

func (i *Inspection) page(number int, p pdf.Page) {
	width, height := p.Displayed()
	i.Pages = append(i.Pages, PageSize{width, height})
	where := fmt.Sprintf("page %d", number)
	for _, key := range p.Flaws {
		i.find(flaws[key], string(key), where)
	}
	if p.UserUnit != 1 {
		i.find("pdf_page_scaled", "", where)
	}
	if p.Dict["B"] != nil {
		i.find("pdf_threads", "", where)
	}
}

var xfaOnly = problem.Invalid("pdf_xfa_only", meanings["pdf_xfa_only"].sentence)

// drawnByProgram tells of dynamic XFA forms: the pages that the file has are a
// stand-in for those that the form's program draws (ISO 32000-2, 7.7.2 and K.4).
func drawnByProgram(f *pdf.File, root pdf.Dict) (bool, error) {
	form, err := f.Dict(root["AcroForm"])
	if err != nil {
		return false, err
	}
	rendering, err := f.Get(root["NeedsRendering"])
	return form["XFA"] != nil && rendering == true, err
}
