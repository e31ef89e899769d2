// Package tags finds text tags in a PDF, which say where somebody signs or fills in,
// and takes them off the pages, so that fields can stand in their place.
//
//	found, cleaned, err := tags.Finder{Pages: pages}.Find(ctx, file)
//
// A tag is part of the text of a page, in any font, size and colour, white included.
// It may be cut into pieces by the program that made the PDF, and go on on the next
// line; the field is then where its first line is.
//
// # Our own
//
//	[[sig:signer1]]           signature of the first signer
//	[[initials:signer1]]
//	[[date:signer1]]
//	[[text:signer1:City]]     a line of text; City is its label
//	[[check:signer1:Agreed]]  a box to tick
//
// In full, what is in ( ) may be left out:
//
//	tag   = "[[" (mark) kind ":" who (":" label ("=" value)) (padding) "]]"
//	mark  = "*" it must be filled in | "!" nobody fills it in: it shows its value
//	kind  = "sig" | "signature" | "initials" | "date" | "text" | "check" | "checkbox"
//	who   = letters, digits, "-" and "_": the ref of a recipient, usually signer1, signer2, …
//	padding = spaces and underscores
//
// Signatures, initials and dates must always be filled in; text and boxes only with
// a mark. The field is as wide as the tag, from the first bracket to the last, so
// padding makes it wider, and as high as the line, but never smaller than a finger
// or a signature needs (see minimum). What a field needs beyond the tag it takes
// upwards, for people write on lines.
//
// # Those of others
//
// Documents that were made for other services work as they are, as far as they ask
// for the same kinds of fields:
//
//   - Adobe Acrobat Sign: {{Sig_es_:signer1:signature}}, {{Int_es_:signer1:initials}},
//     {{Dte_es_:signer1:date}}, {{city_es_:signer1}}, {{*city_es_:signer1}} (must be filled
//     in), {{!price}} (shows its value), {{x_es_:signer1:checkbox}}, also optsignature
//     and optinitials, and the kinds of text company, title, fullname and email. What stands in
//     front of _es_ is the label, if there is no label("…"); default("…") is the value.
//   - Legalesign: <<t=signature;s=1>>, with t or type, s or signer (1, and 101 for the
//     witness of the first), r or required (0), l or label, h or height (as a multiple),
//     v or value; <<signature2>> and <<initials>> for short.
//
// A tag of theirs that asks for another kind of field is a problem, tag_unsupported,
// and no text of the contract. One that only shows its value is found and told to be
// so (ReadOnly); a field is filled in by somebody, so that templates refuse it and ask
// for a merge token.
package tags

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"chancery/envelope"
	"chancery/jail"
	"chancery/pades/erase"
	"chancery/pages"
	"chancery/problem"
)

// Tag is one, and the place of its field.
type Tag struct {
	Text      string             `json:"text"` // as written
	Kind      envelope.FieldKind `json:"kind"`
	Recipient string             `json:"recipient,omitempty"` // ref, such as signer1; "" is nobody's
	Label     string             `json:"label,omitempty"`
	Value     string             `json:"value,omitempty"`
	Required  bool               `json:"required"`
	ReadOnly  bool               `json:"readOnly,omitempty"`
	Page      int                `json:"page"` // 1 is the first

	// In points from the top left corner of the page as displayed.
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`

	tall float64 // height as a multiple of the line's; 0 is 1
}

// Field is the tag's field on a document.
func (t Tag) Field(document string) envelope.Field {
	return envelope.Field{
		Recipient: t.Recipient, Document: document, Kind: t.Kind, Page: t.Page,
		X: t.X, Y: t.Y, Width: t.Width, Height: t.Height,
		Label: t.Label, Value: t.Value, Optional: !t.Required,
	}
}

// Limits of what is looked for.
const (
	MaxTags   = 1_000 // in a document; it may have 2,000 fields
	maxLength = 500   // characters of one
	maxRounds = 5     // how often text may lie on the same text
)

// Finder finds tags. PDFium tells where letters are; they are taken off in the jail.
type Finder struct {
	Pages *pages.Pages
}

var errTooMany = problem.Invalid("tags_too_many", fmt.Sprintf("The document has more than %d text tags.", MaxTags))

// Find returns the tags of a PDF in the order of its text, and the PDF without
// them; nil when there are none and the file is best left as it is. It asks for a
// file that can be read: what jail.Normalise has accepted or made. Cleaned is such
// a file again.
//
// Problems are tag_stuck, tag_unsupported, tags_too_many and those of package pages.
func (f Finder) Find(ctx context.Context, file []byte) (found []Tag, cleaned []byte, err error) {
	for range maxRounds {
		seen, marks, err := f.look(ctx, file)
		if err != nil {
			return nil, nil, err
		}
		if len(marks) == 0 {
			return found, cleaned, nil
		}
		var units map[int]float64
		if file, units, err = jail.Erase(ctx, bytes.NewReader(file), int64(len(file)), marks); err != nil {
			return nil, nil, fmt.Errorf("take %d tags off their pages: %w", len(seen), err)
		}
		cleaned = file
		for _, s := range seen {
			s.tag.place(s.letters, s.page, units[s.tag.Page-1])
			found = with(found, s.tag)
		}
		if len(found) > MaxTags {
			return nil, nil, errTooMany
		}
	}
	return nil, nil, problem.Invalid("tag_stuck", "A text tag lies on the same tag too often to be taken off its page.")
}

// sight is a tag and its letters, before its place is known.
type sight struct {
	tag     Tag
	letters []pages.Letter
	page    pages.Written
}

// look finds the tags that can be seen, and what must be erased. A tag that is only
// a replacement text is seen the next time, when that is gone.
func (f Finder) look(ctx context.Context, file []byte) (seen []sight, marks []erase.Mark, err error) {
	all, err := f.Pages.Letters(ctx, file, pages.Wanted{Page: mayHold, Of: spans})
	if err != nil {
		return nil, nil, fmt.Errorf("look for tags: %w", err)
	}
	for _, page := range slices.Sorted(maps.Keys(all)) {
		for _, m := range matches(all[page].Letters) {
			t, err := m.read()
			if err != nil {
				return nil, nil, err
			}
			t.Page = page
			replaced := m.replaced()
			if !replaced {
				seen = append(seen, sight{t, m.letters, all[page]})
			}
			for _, l := range m.letters {
				marks = append(marks, erase.Mark{Page: page - 1, X: l.X, Y: l.Y, Words: replaced})
			}
		}
	}
	return seen, marks, nil
}

// with adds a tag that a later look has found, but for one that lay under the same.
func with(found []Tag, t Tag) []Tag {
	for _, b := range found {
		if b.Text == t.Text && b.Page == t.Page && math.Abs(b.X-t.X) < near && math.Abs(b.Y-t.Y) < near {
			return found
		}
	}
	return append(found, t)
}

// near are tags, in points, that were drawn twice to look bold or to have a shadow.
const near = 4

// minimum of a field, in points, by its kind.
var minimum = map[envelope.FieldKind][2]float64{
	envelope.SignatureField: {100, 32},
	envelope.InitialsField:  {36, 20},
	envelope.DateField:      {60, 14},
	envelope.TextField:      {40, 14},
	envelope.CheckboxField:  {10, 10},
}

// place puts the field where the first line of the tag is: at its left and on its
// foot, but within the page. unit is that of the page; 0 is a point.
func (t *Tag) place(letters []pages.Letter, page pages.Written, unit float64) {
	if unit == 0 {
		unit = 1
	}
	first := letters[0]
	left, right, top, bottom := first.Left, first.Right, first.Top, first.Bottom
	for _, l := range letters[1:] {
		if middle := (l.Top + l.Bottom) / 2; middle < first.Top || middle > first.Bottom {
			if middle := (l.Left + l.Right) / 2; middle < first.Left || middle > first.Right || upright(letters) {
				continue
			}
		}
		left, right, top, bottom = min(left, l.Left), max(right, l.Right), min(top, l.Top), max(bottom, l.Bottom)
	}
	left, right, top, bottom = left*unit, right*unit, top*unit, bottom*unit
	least := minimum[t.Kind]
	height := max(least[1], bottom-top)
	if t.tall > 0 && t.Kind != envelope.SignatureField && t.Kind != envelope.InitialsField {
		height = max(least[1], (bottom-top)*t.tall)
	}
	t.Width, t.Height = max(least[0], right-left), height
	if t.Kind == envelope.CheckboxField {
		t.Width = t.Height
	}
	t.X, t.Width = within(left, t.Width, page.Width*unit)
	t.Y, t.Height = within(bottom-height, t.Height, page.Height*unit)
}

// within moves a side of a field so that it fits on the page, and cuts one that is
// longer than the page.
func within(from, length, page float64) (float64, float64) {
	length = min(length, page)
	from = max(0, min(from, page-length))
	return math.Floor(100*from) / 100, math.Floor(100*length) / 100
}

// upright tells whether the text runs along the page and not up or down it.
func upright(letters []pages.Letter) bool {
	last := letters[min(2, len(letters)-1)]
	return math.Abs(last.Left-letters[0].Left) >= math.Abs(last.Top-letters[0].Top)
}
