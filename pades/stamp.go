package pades

import (
	"context"
	"fmt"

	"chancery/pades/pdf"
	"chancery/pades/update"
)

// stamp signs the whole file with a document timestamp (EN 319 142-1, 5.4.3).
func (p Plan) stamp(ctx context.Context, by Timestamper) ([]byte, Plan, error) {
	if by == nil {
		return nil, p, fmt.Errorf("timestamp document: there is no timestamper")
	}
	return filled(tokenRoom, p.stamping, func(digest []byte) ([]byte, error) { return by.Timestamp(ctx, digest) })
}

// stamping prepares the timestamp. The first one's field was placed before the
// certification, so no page changes; later ones are new fields that are on no page.
func (p Plan) stamping(room int) (Pending, error) {
	u := update.New(p.State)
	field := p.Stamp
	if field == nil {
		var err error
		if field, err = p.addStampField(u); err != nil {
			return Pending{}, err
		}
	}
	signature := u.Reserve()
	d := field.dict()
	d["V"] = signature
	u.Put(field.Ref, d)
	u.PutSignature(signature, pdf.Dict{
		"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
	}, room)
	p.Stamp = nil
	p.Stamps++
	return pending(u, p)
}

// addStampField adds an invisible signature field to the form.
func (p *Plan) addStampField(u *update.Update) (*placed, error) {
	form, err := p.Acro.dict()
	if err != nil {
		return nil, err
	}
	fields, _ := form["Fields"].(pdf.Array)
	added := placed{
		Name: fmt.Sprintf("chancery_timestamp_%d", p.Stamps+1), Kind: Signature,
		Ref: u.Reserve(), Page: p.Seal.Page, Unit: 1, Before: p.Seal.Before,
	}
	form["Fields"] = append(fields, added.Ref)
	p.Acro = write(u, p.Acro.Ref, form)
	return &added, nil
}
