package pages

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"chancery/problem"
)

// maxTall is how many times taller than wide a picture may be.
const maxTall = 3

// sheet is a document lying open in a sandbox.
type sheet struct {
	box      pdfium.Pdfium
	document references.FPDF_DOCUMENT
	pages    int
}

// work opens the document in a sandbox of its own and lets do work on it.
func (e *engine) work(ctx context.Context, raw []byte, do func(*sheet) error) (err error) {
	box, err := e.sandbox(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if crash := recover(); crash != nil {
			err = errDamaged.Because(fmt.Errorf("sandbox for pages crashed: %v", crash))
		}
		_ = box.Close()
	}()
	s, err := lay(box, raw)
	if err != nil {
		return err
	}
	return do(s)
}

// lay opens the document in the sandbox.
func lay(box pdfium.Pdfium, raw []byte) (*sheet, error) {
	opened, err := box.OpenDocument(&requests.OpenDocument{File: &raw})
	if errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity) {
		return nil, errEncrypted.Because(err)
	}
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	count, err := box.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: opened.Document})
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	return &sheet{box: box, document: opened.Document, pages: count.PageCount}, nil
}

func (s *sheet) at(page int) (requests.Page, error) {
	if page < 1 || page > s.pages {
		return requests.Page{}, errNoPage
	}
	return requests.Page{ByIndex: &requests.PageByIndex{Document: s.document, Index: page - 1}}, nil
}

func (s *sheet) draw(page, width int) (Picture, error) {
	which, err := s.at(page)
	if err != nil {
		return Picture{}, err
	}
	drawn, err := s.box.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: which, Width: width, Height: maxTall * width,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, // notes, marks and stamps
		RenderForm:  true,                         // signatures and filled fields
	})
	if err != nil {
		return Picture{}, unreadable(err)
	}
	defer drawn.Cleanup()
	picture, ok := drawn.Result.RenderedImage.(*image.RGBA)
	if !ok {
		return Picture{}, fmt.Errorf("draw page %d: the picture is a %T", page, drawn.Result.RenderedImage)
	}
	if drawn.Result.HasTransparency {
		whiten(picture)
	}
	return encode(picture)
}

func unreadable(err error) *problem.Problem { return errDamaged.Because(err) }
