package pades_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pki"
)

// desk is an organisation with the clock it works by.
type desk struct {
	authority *pki.Authority
	now       time.Time
}

func newDesk(t testing.TB) desk {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	a, err := pki.Create(rand.Reader, now.Add(-time.Hour), pki.Options{Organisation: "Example Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	return desk{a, now}
}

func (d desk) roots() []*x509.Certificate { return d.authority.Roots() }

func (d desk) signer(t testing.TB, act pades.Act) pades.Holder {
	t.Helper()
	h, err := d.authority.IssueSigner(context.Background(), pki.Person{Name: act.Name, Email: act.Email, ID: act.ID}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	return holder(h)
}

func holder(h pki.Holder) pades.Holder {
	return pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer}
}

// twoSigners is a spec with every kind of field on the first page.
func twoSigners(width, height float64) pades.Spec {
	at := func(x, y, w, h float64) pades.Rect {
		// Some test pages are smaller than a stamp.
		return pades.Rect{X: x * width, Y: y * height, Width: max(3, w*width), Height: max(3, h*height)}
	}
	return pades.Spec{
		Recipients: []string{"rcp_ann", "rcp_bob"},
		Name:       "Example Ltd", Reason: "Sent for signature", TestMark: true,
		Fields: []pades.Field{
			{ID: "fld_name", Recipient: "rcp_ann", Kind: pades.Text, Rect: at(.1, .1, .3, .04), Label: "Your name"},
			{ID: "fld_date", Recipient: "rcp_ann", Kind: pades.Date, Rect: at(.1, .16, .3, .04)},
			{ID: "fld_box", Recipient: "rcp_ann", Kind: pades.Checkbox, Rect: at(.1, .22, .03, .03)},
			{ID: "fld_init", Recipient: "rcp_ann", Kind: pades.Initials, Rect: at(.2, .22, .08, .04)},
			{ID: "fld_ann", Recipient: "rcp_ann", Kind: pades.Signature, Rect: at(.1, .3, .35, .12)},
			{ID: "fld_ann2", Recipient: "rcp_ann", Kind: pades.Signature, Rect: at(.5, .3, .35, .12)},
			{ID: "fld_bob", Recipient: "rcp_bob", Kind: pades.Signature, Rect: at(.1, .45, .35, .12)},
			{ID: "fld_note", Recipient: "rcp_bob", Kind: pades.Text, Multiline: true, Rect: at(.5, .45, .35, .12)},
		},
	}
}

func annSigns() pades.Act {
	return pades.Act{
		Recipient: "rcp_ann", Name: "Łukasz Żółć", Email: "ann@example.com", ID: "rcp_ann",
		Values: map[string]string{"fld_name": "Łukasz Żółć", "fld_date": "2026-05-04", "fld_box": "true"},
		Text:   []string{"Łukasz Żółć", "2026-05-04 12:00:00 CEST (UTC+2)", "rcp_ann"},
	}
}

func bobSigns() pades.Act {
	wave := []pades.Point{}
	for i := range 40 {
		x := float64(i) / 39
		wave = append(wave, pades.Point{X: x, Y: 0.5 + 0.4*float64((i%5)-2)/2*(1-x)})
	}
	return pades.Act{
		Recipient: "rcp_bob", Name: "Bob Müller", Email: "bob@example.com", ID: "rcp_bob",
		Values: map[string]string{"fld_note": "Agreed, with the usual reservations about delivery dates (see §4)."},
		Ink:    pades.Ink{Strokes: [][]pades.Point{wave, {{X: .9, Y: .2}}}, Aspect: 3},
		Text:   []string{"Bob Müller", "2026-05-04 10:00:00 UTC", "rcp_bob"},
	}
}

// signAll takes a file from upload to seal and returns all of its bytes.
func (d desk) signAll(t testing.TB, original []byte, spec pades.Spec, acts ...pades.Act) ([]byte, error) {
	t.Helper()
	ctx := context.Background()
	file := bytes.Clone(original)
	more, plan, err := pades.Certify(ctx, bytes.NewReader(original), int64(len(original)), spec, holder(d.authority.Certifier()), d.now)
	if err != nil {
		return nil, err
	}
	file = append(file, more...)
	for i, act := range acts {
		plan = d.stored(t, plan)
		if more, plan, err = pades.Approve(ctx, plan, act, d.signer(t, act), d.now.Add(time.Duration(i)*time.Minute)); err != nil {
			return nil, err
		}
		file = append(file, more...)
	}
	more, plan, err = pades.Seal(ctx, d.stored(t, plan), holder(d.authority.Sealer()), pades.SealSpec{Name: "Example Ltd", Reason: "Complete"}, d.now.Add(time.Hour))
	if err != nil {
		return nil, err
	}
	if file = append(file, more...); plan.Size() != int64(len(file)) {
		return nil, fmt.Errorf("the plan says %d bytes, the file has %d", plan.Size(), len(file))
	}
	return file, nil
}

// stored sends the plan through its storage form, as every step in life does.
func (d desk) stored(t testing.TB, p pades.Plan) pades.Plan {
	t.Helper()
	data, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var q pades.Plan
	if err := q.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	return q
}
