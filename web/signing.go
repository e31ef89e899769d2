package web

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/id"
)

// signing is the page on which a recipient reads and acts.
type signing struct {
	page
	Base      string
	Envelope  envelope.Envelope
	Who       envelope.Recipient
	Message   []string // paragraphs
	Until     time.Time
	Documents []sheets
	Act       string // id of the answer; made here so that sending it twice is one act
	View      string // id of looking, the first time
	Consent   string
	Loose     bool // a signature is asked for, but has no place on a page
}

// sheets are the pages of one document.
type sheets struct {
	envelope.Document
	Base   string // address of the pictures
	Lines  string // address of the text
	Sheets []sheet
}

type sheet struct {
	Number        int
	Width, Height int // pixels of the smallest picture
	Points        envelope.Size
	Places        []place
}

// place is one field of this person.
type place struct {
	envelope.Field
	Name    string // what it is called for people
	Ink     bool   // filled with the signature
	Checked bool
	Tall    bool   // room for several lines
	Type    string // of the input
}

// tall is the height in points from which a text field takes several lines.
const tall = 36

// Signs, Approves, Views and Reads tell what is asked of the person.
func (s signing) Signs() bool    { return s.Who.Role == envelope.Signer }
func (s signing) Approves() bool { return s.Who.Role == envelope.Approver }
func (s signing) Views() bool    { return s.Who.Role == envelope.Viewer }
func (s signing) Reads() bool    { return s.Who.Role == envelope.CC }

// consent is what a signer agrees to. Changing it is a change for lawyers.
const consent = "I have read the documents, I want to sign them electronically, and I agree that my signature binds me as one on paper would."

// smallest picture of a page, in pixels; it gives the picture its shape before it is there.
const smallest = 800

func (s *site) signingPage(w http.ResponseWriter, r *http.Request) error {
	g, err := s.guest(r)
	if err != nil {
		return err
	}
	g.allowFraming(w)
	if !g.asked() {
		return s.views.show(w, http.StatusOK, "standing", standingOf(g))
	}
	view := signing{
		page:     page{Title: g.Title, Test: g.Test, Styles: g.base + "/places.css", Script: "sign.ts"},
		Base:     g.base,
		Envelope: g.Envelope,
		Who:      g.who,
		Message:  paragraphs(g.Message),
		Until:    g.ExpiresAt.In(g.who.Location()),
		Act:      id.New(id.Act),
		View:     id.New(id.Act),
		Consent:  consent,
		Loose:    g.who.Role == envelope.Signer && !signsSomewhere(g),
	}
	for _, document := range g.Documents {
		view.Documents = append(view.Documents, s.sheets(g, document))
	}
	return s.views.show(w, http.StatusOK, "sign", view)
}

func (s *site) sheets(g guest, document envelope.Document) sheets {
	all := sheets{Document: document, Base: g.base + "/p/" + document.ID, Lines: g.base + "/t/" + document.ID}
	today := g.Clock(s.Clock()).In(g.who.Location()).Format(time.DateOnly)
	for i, size := range document.Pages {
		next := sheet{Number: i + 1, Width: smallest, Height: smallest, Points: size}
		if size.Width > 0 {
			next.Height = int(math.Round(smallest * size.Height / size.Width))
		}
		for _, f := range g.mine(document.ID, i+1) {
			next.Places = append(next.Places, placeOf(f, today))
		}
		all.Sheets = append(all.Sheets, next)
	}
	return all
}

func placeOf(f envelope.Field, today string) place {
	p := place{Field: f, Name: f.Label, Checked: f.Value == envelope.Checked, Type: "text"}
	switch f.Kind {
	case envelope.SignatureField, envelope.InitialsField:
		p.Ink = true
	case envelope.DateField:
		p.Type = "date"
		if p.Value == "" && ofSigning(f.Label) {
			p.Value = today
		}
	case envelope.TextField:
		p.Tall = f.Height >= tall
	}
	if p.Name == "" {
		p.Name = map[envelope.FieldKind]string{
			envelope.SignatureField: "Signature", envelope.InitialsField: "Initials", envelope.DateField: "Date",
			envelope.CheckboxField: "Tick", envelope.TextField: "Text",
		}[f.Kind]
	}
	return p
}

// ofSigning tells whether a date is that of the signature, which is today.
func ofSigning(label string) bool {
	label = strings.ToLower(strings.TrimSpace(label))
	return label == "" || label == "date" || strings.Contains(label, "sign")
}

func signsSomewhere(g guest) bool {
	for _, f := range g.FieldsOf(g.who) {
		if f.Kind == envelope.SignatureField || f.Kind == envelope.InitialsField {
			return true
		}
	}
	return false
}

func paragraphs(message string) []string {
	var all []string
	for part := range strings.SplitSeq(strings.ReplaceAll(message, "\r\n", "\n"), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// places is the stylesheet that lays this person's fields over the pages, in
// percent of the page. It is a file because the policy allows no inline styles.
func (s *site) places(w http.ResponseWriter, r *http.Request) error {
	g, err := s.guest(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	for _, f := range g.FieldsOf(g.who) {
		document, ok := g.Document(f.Document)
		if !ok || f.Page < 1 || f.Page > len(document.Pages) || !id.Is(id.Field, f.ID) {
			continue
		}
		size := document.Pages[f.Page-1]
		fmt.Fprintf(w, "#at-%s{left:%.3f%%;top:%.3f%%;width:%.3f%%;height:%.3f%%;font-size:%.3fcqw}\n", f.ID,
			100*f.X/size.Width, 100*f.Y/size.Height, 100*f.Width/size.Width, 100*f.Height/size.Height, letters(f, size))
	}
	return nil
}

// letters is the size of what is written into a field, in percent of the page's
// width: as large as fits, and no larger than a heading.
func letters(f envelope.Field, size envelope.Size) float64 {
	const fill, heading = 0.68, 16.0
	return 100 * min(fill*f.Height, heading) / size.Width
}
