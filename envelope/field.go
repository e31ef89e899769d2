package envelope

import (
	"fmt"
	"slices"
	"time"

	"chancery/problem"
)

// FieldKind says what goes into a field.
type FieldKind string

const (
	SignatureField FieldKind = "signature"
	InitialsField  FieldKind = "initials"
	TextField      FieldKind = "text"
	DateField      FieldKind = "date"
	CheckboxField  FieldKind = "checkbox"
)

// Valid tells whether the kind is one we know.
func (k FieldKind) Valid() bool {
	return slices.Contains([]FieldKind{SignatureField, InitialsField, TextField, DateField, CheckboxField}, k)
}

// Field is a place on a page that a recipient fills. X and Y are the distance of
// its top left corner from that of the page as displayed; all in points.
type Field struct {
	ID        string    `json:"id"`
	Recipient string    `json:"recipient"`
	Document  string    `json:"document"`
	Kind      FieldKind `json:"kind"`
	Page      int       `json:"page"` // 1 is the first
	X         float64   `json:"x"`
	Y         float64   `json:"y"`
	Width     float64   `json:"width"`
	Height    float64   `json:"height"`
	Label     string    `json:"label,omitempty"`
	Value     string    `json:"value,omitempty"` // filled in beforehand
	Optional  bool      `json:"optional,omitempty"`
}

// Checked is the value of a ticked checkbox.
const Checked = "yes"

// MinFieldSide is the smallest side of a field, in points: smaller ones cannot be hit with a finger.
const MinFieldSide = 6

func (e Envelope) checkField(i int, f Field) error {
	at := func(member string) string { return fmt.Sprintf("fields[%d].%s", i, member) }
	r, ok := e.Recipient(f.Recipient)
	if !ok {
		return problem.Invalid("field_recipient_unknown", "A field names a recipient who is not in the envelope.").At("%s", at("recipient"))
	}
	if r.Role != Signer {
		return problem.Invalid("field_recipient_signs_not", "Only signers have fields.").At("%s", at("recipient"))
	}
	doc, ok := e.Document(f.Document)
	if !ok {
		return problem.Invalid("field_document_unknown", "A field names a document that is not in the envelope.").At("%s", at("document"))
	}
	if !f.Kind.Valid() {
		return problem.Invalid("field_kind_unknown", "A field is of an unknown kind.").At("%s", at("kind"))
	}
	if f.Page < 1 || f.Page > len(doc.Pages) || !f.within(doc.Pages[f.Page-1]) {
		return problem.Invalid("field_outside_page", "A field lies outside its page.").At("%s", at("page"))
	}
	if len([]rune(f.Value)) > MaxValue {
		return errValueTooLong.At("%s", at("value"))
	}
	if err := checkText(f.Value, at("value")); err != nil {
		return err
	}
	return checkLine(f.Label, MaxName, at("label"))
}

// within is false for NaN too.
func (f Field) within(page Size) bool {
	return f.X >= 0 && f.Y >= 0 && f.Width >= MinFieldSide && f.Height >= MinFieldSide &&
		f.X+f.Width <= page.Width && f.Y+f.Height <= page.Height
}

func (e Envelope) checkFilled(r Recipient, a Act) error {
	own := e.FieldsOf(r)
	for _, f := range own {
		if err := f.checkValue(a.Values[f.ID]); err != nil {
			return err
		}
	}
	for id := range a.Values {
		if !slices.ContainsFunc(own, func(f Field) bool { return f.ID == id }) {
			return problem.Denied("field_not_yours", "That field is not yours to fill.").At("values")
		}
	}
	return checkInk(a.Ink)
}

func (f Field) checkValue(value string) error {
	if len([]rune(value)) > MaxValue {
		return errValueTooLong.At("values.%s", f.ID)
	}
	if err := checkText(value, "values."+f.ID); err != nil {
		return err
	}
	switch f.Kind {
	case SignatureField, InitialsField:
		return nil // filled by the ink
	case DateField:
		if _, err := time.Parse(time.DateOnly, value); value != "" && err != nil {
			return problem.Invalid("field_value_invalid", "A date must be written as year-month-day.").At("values.%s", f.ID)
		}
	case CheckboxField:
		if value != "" && value != Checked {
			return problem.Invalid("field_value_invalid", "A checkbox is ticked or not.").At("values.%s", f.ID)
		}
	}
	if value == "" && !f.Optional {
		return problem.Invalid("field_required", "A required field is empty.").At("values.%s", f.ID)
	}
	return nil
}

func checkInk(ink Ink) error {
	if ink.Empty() {
		return problem.Invalid("signature_missing", "Please draw, type or upload your signature.").At("ink")
	}
	if err := checkLine(ink.Typed, MaxName, "ink.typed"); err != nil {
		return err
	}
	if ink.Face != "" && !slices.Contains(Hands, ink.Face) {
		return problem.Invalid("signature_face_unknown", "There is no such handwriting.").At("ink.face")
	}
	points := 0
	for _, stroke := range ink.Strokes {
		points += len(stroke)
		for _, p := range stroke {
			if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) {
				return problem.Invalid("signature_invalid", "The drawn signature leaves its box.").At("ink.strokes")
			}
		}
	}
	if len(ink.Strokes) > MaxStrokes || points > MaxPoints {
		return problem.Invalid("signature_too_large", "The signature is too complex; please draw a simpler one.").At("ink")
	}
	return nil
}
