package pades

import (
	"math"

	"chancery/pades/pdf"
	"chancery/problem"
)

// check refuses what cannot be placed, before a byte is written.
func (s Spec) check(pages []pdf.Page) error {
	if len(s.Recipients) > MaxRecipients {
		return problem.TooLarge("too_many_recipients", "A document can have at most 100 signing recipients.").At("recipients")
	}
	if len(s.Fields) > MaxFields {
		return problem.TooLarge("too_many_fields", "A document can have at most 2000 fields.").At("fields")
	}
	known := map[string]bool{}
	for i, r := range s.Recipients {
		if r == "" || known[r] {
			return problem.Invalid("duplicate_recipient", "Every recipient needs an id of its own.").At("recipients[%d]", i)
		}
		known[r] = true
	}
	ids := map[string]bool{}
	for i, f := range s.Fields {
		switch {
		case f.ID == "" || ids[f.ID]:
			return problem.Invalid("duplicate_field", "Every field needs an id of its own.").At("fields[%d].id", i)
		case !known[f.Recipient]:
			return problem.Invalid("unknown_recipient", "The field belongs to nobody who signs this document.").At("fields[%d].recipient", i)
		case !f.Kind.known():
			return problem.Invalid("unknown_field_kind", "A field is a signature, initials, text, a date or a checkbox.").At("fields[%d].kind", i)
		case f.Page < 0 || f.Page >= len(pages):
			return problem.Invalid("field_without_page", "The field is on a page the document does not have.").At("fields[%d].page", i)
		case !f.Rect.within(pages[f.Page]):
			return problem.Invalid("field_outside_page", "The field does not lie within its page.").At("fields[%d].rect", i)
		}
		ids[f.ID] = true
	}
	return nil
}

func (k Kind) known() bool {
	switch k {
	case Signature, Initials, Text, Date, Checkbox:
		return true
	}
	return false
}

// smallestField is the side below which nobody could see a field, in points.
const smallestField = 2

// within allows a point of slack for rounding in browsers.
func (r Rect) within(p pdf.Page) bool {
	for _, n := range [...]float64{r.X, r.Y, r.Width, r.Height} {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return false
		}
	}
	const slack = 1
	width, height := p.Displayed()
	return r.Width >= smallestField && r.Height >= smallestField && r.X >= -slack && r.Y >= -slack &&
		r.X+r.Width <= width+slack && r.Y+r.Height <= height+slack
}
