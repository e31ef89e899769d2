package pages

import (
	"context"
	"unicode"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Letter is one character as it stands on a page.
type Letter struct {
	Rune rune
	Made bool // it is not on the page: a space or a line end between words that stand apart

	// Its place in points from the top left corner of the page as displayed.
	Left, Top, Right, Bottom float64
	// Its origin in the coordinates of the page itself (default user space).
	X, Y float64
}

// Written is a page and what stands on it.
type Written struct {
	Width, Height float64 // as displayed
	Letters       []Letter
}

// Wanted says of which letters the places are looked up, which takes most of the
// time.
type Wanted struct {
	Page func(text string) bool          // other pages are left out
	Of   func(letters []Letter) [][2]int // spans, half open; other letters have no places
}

// Letters reads the letters of the pages that are wanted, by number (1 is the
// first). Nothing of it is remembered. The problems are those of Render.
func (p *Pages) Letters(ctx context.Context, file []byte, wanted Wanted) (map[int]Written, error) {
	all := map[int]Written{}
	f := File{Read: func(context.Context) ([]byte, error) { return file, nil }}
	return all, p.open(ctx, f, func(s *sheet) error {
		for page := 1; page <= s.pages; page++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			written, err := s.letters(page, wanted)
			if err != nil {
				return err
			}
			if len(written.Letters) > 0 {
				all[page] = written
			}
		}
		return nil
	})
}

func (s *sheet) letters(page int, wanted Wanted) (Written, error) {
	which, err := s.at(page)
	if err != nil {
		return Written{}, err
	}
	text, err := s.box.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: which})
	if err != nil {
		return Written{}, unreadable(err)
	}
	defer s.box.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage})
	count, err := s.box.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil || count.Count <= 0 {
		return Written{}, nil
	}
	said, err := s.box.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: text.TextPage, Count: count.Count})
	if err != nil {
		return Written{}, unreadable(err)
	}
	if !wanted.Page(said.Text) {
		return Written{}, nil
	}
	written, err := s.spell(which, text.TextPage, min(count.Count, maxChars))
	if err != nil {
		return Written{}, unreadable(err)
	}
	look, err := s.look(which)
	if err != nil {
		return Written{}, err
	}
	for _, span := range wanted.Of(written.Letters) {
		for i := span[0]; i < span[1]; i++ {
			if err := s.locate(text.TextPage, i, look, &written.Letters[i]); err != nil {
				return Written{}, unreadable(err)
			}
		}
	}
	return written, nil
}

// spell reads the letters without their places.
func (s *sheet) spell(page requests.Page, text references.FPDF_TEXTPAGE, count int) (Written, error) {
	size, err := s.box.GetPageSize(&requests.GetPageSize{Page: page})
	if err != nil {
		return Written{}, err
	}
	written := Written{Width: size.Width, Height: size.Height, Letters: make([]Letter, count)}
	for i := range written.Letters {
		code, err := s.box.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: text, Index: i})
		if err != nil {
			return written, err
		}
		l := &written.Letters[i]
		if l.Rune = rune(code.Unicode); unicode.IsLetter(l.Rune) || unicode.IsDigit(l.Rune) {
			continue // only spaces, line ends and hyphens are made up
		}
		made, err := s.box.FPDFText_IsGenerated(&requests.FPDFText_IsGenerated{TextPage: text, Index: i})
		if err != nil {
			return written, err
		}
		l.Made = made.IsGenerated
	}
	return written, nil
}

func (s *sheet) locate(text references.FPDF_TEXTPAGE, i int, l look, letter *Letter) error {
	if letter.Made {
		return nil
	}
	origin, err := s.box.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: text, Index: i})
	if err != nil {
		return err
	}
	letter.X, letter.Y = origin.X, origin.Y
	around, err := s.box.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: text, Index: i})
	if err != nil {
		return err
	}
	r := around.Rect
	x1, y1 := l.at(float64(r.Left), float64(r.Top))
	x2, y2 := l.at(float64(r.Right), float64(r.Bottom))
	letter.Left, letter.Right, letter.Top, letter.Bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
	return nil
}
