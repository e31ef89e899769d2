package pades

import (
	"context"
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

// Inspection says what an uploaded file is. When Inspect refuses the file, it
// holds what was found until then.
type Inspection struct {
	Version       string     `json:"version"`
	Pages         []PageSize `json:"pages"`
	Objects       int        `json:"objects"` // reachable from the catalog
	Encrypted     bool       `json:"encrypted,omitempty"`
	Damaged       bool       `json:"damaged,omitempty"`
	Signed        bool       `json:"signed,omitempty"`
	XFA           bool       `json:"xfa,omitempty"`
	XFAOnly       bool       `json:"xfaOnly,omitempty"`       // the pages are a stand-in for an XFA form
	ActiveContent []string   `json:"activeContent,omitempty"` // kinds of actions, such as JavaScript
}

// Inspect reads a file that nobody vouches for, within the limits of package
// pdf, and refuses what cannot or should not be signed. Codes: pdf_empty,
// not_a_pdf, pdf_encrypted, pdf_damaged, pdf_already_signed, pdf_too_complex,
// pdf_xfa_only, pdf_active_content (the one that Clean mends).
//
// It visits every object that can be reached from the catalog once, and decodes
// no content stream: a program may hide in any action of any annotation,
// outline or page.
func Inspect(ctx context.Context, r io.ReaderAt, size int64) (Inspection, error) {
	var found Inspection
	f, err := pdf.Open(r, size)
	if err != nil {
		return found.refused(err)
	}
	found.Version = f.Version
	pages, err := f.Pages()
	if err != nil {
		return found.refused(err)
	}
	for _, p := range pages {
		width, height := p.Displayed()
		found.Pages = append(found.Pages, PageSize{width, height})
	}
	signed, err := signatureFields(f)
	if err != nil {
		return found.refused(err)
	}
	found.Signed = len(signed) > 0
	search := search{ctx: ctx, file: f, found: &found, seen: map[int]bool{}, kinds: map[pdf.Name]bool{}, names: map[int]pdf.Name{}}
	if err := search.run(); err != nil {
		return found.refused(err)
	}
	return found, found.verdict()
}

func (i Inspection) refused(err error) (Inspection, error) {
	i.Encrypted = problem.Has(err, "pdf_encrypted")
	i.Damaged = problem.Has(err, "pdf_damaged")
	return i, err
}

func (i Inspection) verdict() error {
	switch {
	case i.Signed:
		return alreadySigned
	case i.XFAOnly:
		return xfaOnly
	case i.XFA:
		return problem.Invalid("pdf_active_content", "This PDF is an XFA form, whose pages are drawn by a program; print it to a PDF and upload that.")
	case len(i.ActiveContent) > 0:
		return problem.Invalid("pdf_active_content", "This PDF contains active content such as scripts; print it to a PDF and upload that.").
			Because(fmt.Errorf("actions %v", i.ActiveContent))
	}
	return nil
}

var xfaOnly = problem.Invalid("pdf_xfa_only", "This PDF is an XFA form whose pages only exist in a program; print it to a PDF and upload that.")

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
