package web

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"chancery/envelope"
	"chancery/pages"
	"chancery/problem"
)

// file is a document as it stands, read only if its pages are not remembered.
// It changes when somebody signs and when it is sealed.
func (s *site) file(e envelope.Envelope, document string) pages.File {
	signed := 0
	for _, r := range e.Recipients {
		if r.Status == envelope.Signed {
			signed++
		}
	}
	return pages.File{
		Key:  fmt.Sprintf("%s/%s/%s.%d", e.ID, document, e.Status, signed),
		Read: func(ctx context.Context) ([]byte, error) { return s.Papers.Current(ctx, e, document) },
	}
}

func pageNumber(r *http.Request) int {
	n, _ := strconv.Atoi(r.PathValue("page")) // 0 is no page
	return n
}

// picture shows one page.
func (s *site) picture(w http.ResponseWriter, r *http.Request) error {
	g, document, err := s.readable(r)
	if err != nil {
		return err
	}
	width, _ := strconv.Atoi(r.FormValue("w")) // without one, the smallest
	drawn, err := s.Pages.Render(r.Context(), s.file(g.Envelope, document.ID), pageNumber(r), width)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", drawn.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(drawn.Bytes)))
	_, _ = w.Write(drawn.Bytes) // the reader may be gone
	return nil
}

// lines gives the text of a page and where it stands.
func (s *site) lines(w http.ResponseWriter, r *http.Request) error {
	g, document, err := s.readable(r)
	if err != nil {
		return err
	}
	found, err := s.Pages.Text(r.Context(), s.file(g.Envelope, document.ID), pageNumber(r))
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"lines": found})
}

type textPage struct {
	page
	Back  string
	Name  string
	Pages []textOf
}

type textOf struct {
	Number int
	Lines  []pages.Line
}

// textPage is a whole document as plain text, for those who read no pictures.
func (s *site) textPage(w http.ResponseWriter, r *http.Request) error {
	g, document, err := s.readable(r)
	if err != nil {
		return err
	}
	g.allowFraming(w)
	view := textPage{page: page{Title: document.Name, Test: g.Test}, Back: g.base, Name: document.Name}
	file := s.file(g.Envelope, document.ID)
	for n := range document.Pages {
		found, err := s.Pages.Text(r.Context(), file, n+1)
		if err != nil {
			return err
		}
		view.Pages = append(view.Pages, textOf{n + 1, found})
	}
	return s.views.show(w, http.StatusOK, "text", view)
}

// download hands out a document as it stands.
func (s *site) download(w http.ResponseWriter, r *http.Request) error {
	g, document, err := s.readable(r)
	if err != nil {
		return err
	}
	return s.handOut(w, r, g.Envelope, document)
}

func (s *site) handOut(w http.ResponseWriter, r *http.Request, e envelope.Envelope, document envelope.Document) error {
	give := s.Papers.Current
	if e.Status == envelope.Completed {
		give = s.Papers.Final
	}
	file, err := give(r.Context(), e, document.ID)
	if err != nil {
		return err
	}
	attach(w, strings.TrimSuffix(document.Name, ".pdf")+".pdf", file)
	return nil
}

// evidence hands out the audit trail of a completed envelope.
func (s *site) evidence(w http.ResponseWriter, r *http.Request) error {
	g, err := s.guest(r)
	if err != nil {
		return err
	}
	if g.Status != envelope.Completed || !g.mayRead() {
		return problem.Missing("audit_trail_missing", "The audit trail can be downloaded when everybody has acted.")
	}
	return s.handOutTrail(w, r, g.Envelope)
}

func (s *site) handOutTrail(w http.ResponseWriter, r *http.Request, e envelope.Envelope) error {
	file, err := s.Papers.AuditPDF(r.Context(), e)
	if err != nil {
		return err
	}
	attach(w, e.Title+" – audit trail.pdf", file)
	return nil
}

func attach(w http.ResponseWriter, name string, file []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(len(file)))
	_, _ = w.Write(file) // the reader may be gone
}
