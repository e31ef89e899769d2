package papers

import (
	"time"

	"chancery/envelope"
	"chancery/pades"
)

// specOf says what is placed on a document before it is certified.
func specOf(e envelope.Envelope, d envelope.Document) pades.Spec {
	spec := pades.Spec{Name: e.Sender.Name, Reason: "Certified for signing: " + e.Title, TestMark: e.Test}
	for _, r := range e.Recipients {
		if r.Role == envelope.Signer {
			spec.Recipients = append(spec.Recipients, r.Place)
		}
	}
	for _, f := range e.Fields {
		if f.Document != d.ID {
			continue
		}
		spec.Fields = append(spec.Fields, pades.Field{
			ID:        f.ID,
			Recipient: f.Recipient,
			Kind:      pades.Kind(f.Kind),
			Page:      f.Page - 1,
			Rect:      pades.Rect{X: f.X, Y: f.Y, Width: f.Width, Height: f.Height},
			Label:     f.Label,
		})
	}
	return spec
}

// actOf says what a signature shows on a document: who, when in their own zone,
// and the id by which the audit trail knows it. An act covers all documents of
// its envelope; here go the values of this one.
func actOf(e envelope.Envelope, d envelope.Document, r envelope.Recipient, act envelope.Act, ink pades.Ink, at time.Time) pades.Act {
	values := map[string]string{}
	for _, f := range e.FieldsOf(r) {
		if f.Document == d.ID {
			values[f.ID] = valueOf(f, act)
		}
	}
	return pades.Act{
		Recipient: r.Place,
		Name:      r.Person.Name,
		Email:     r.Person.Email,
		ID:        act.ID,
		Values:    values,
		Ink:       ink,
		Text:      []string{r.Person.Name, at.In(r.Location()).Format("2006-01-02 15:04 MST"), act.ID},
	}
}

// valueOf is what goes into the field: what the person has filled in, in the
// words of the PDF's forms.
func valueOf(f envelope.Field, act envelope.Act) string {
	value := act.Values[f.ID]
	switch {
	case f.Kind == envelope.SignatureField || f.Kind == envelope.InitialsField:
		return "" // filled by the ink
	case f.Kind == envelope.CheckboxField && value == envelope.Checked:
		return "true"
	}
	return value
}

func sealOf(e envelope.Envelope) pades.SealSpec {
	return pades.SealSpec{Name: e.Sender.Name, Reason: "All have signed: " + e.Title}
}
