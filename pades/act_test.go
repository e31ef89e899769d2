package pades_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

func (d desk) certified(t testing.TB, spec pades.Spec) ([]byte, pades.Plan) {
	t.Helper()
	file := twoPages()
	more, plan, err := pades.Certify(context.Background(), bytes.NewReader(file), int64(len(file)), spec, holder(d.authority.Certifier()), d.now)
	if err != nil {
		t.Fatal(err)
	}
	return append(file, more...), plan
}

func TestActsThatDoNotFitAreRefused(t *testing.T) {
	d := newDesk(t)
	_, plan := d.certified(t, twoSigners(paper.Width, paper.Height))
	for name, tt := range map[string]struct {
		change func(*pades.Act)
		code   string
	}{
		"a stranger signs":             {func(a *pades.Act) { a.Recipient = "rcp_eve" }, "unknown_recipient"},
		"a field of somebody else":     {func(a *pades.Act) { a.Values = map[string]string{"fld_note": "x"} }, "unknown_field"},
		"a value that is too long":     {func(a *pades.Act) { a.Values["fld_name"] = strings.Repeat("x", 10_001) }, "value_too_long"},
		"a box that is neither":        {func(a *pades.Act) { a.Values["fld_box"] = "maybe" }, "not_a_checkbox_value"},
		"a line that leaves the box":   {func(a *pades.Act) { a.Ink.Strokes = [][]pades.Point{{{X: 7}}} }, "ink_out_of_box"},
		"a point that is no number":    {func(a *pades.Act) { a.Ink.Strokes = [][]pades.Point{{{X: math.NaN()}}} }, "ink_out_of_box"},
		"a picture that is none":       {func(a *pades.Act) { a.Ink.Picture = []byte("GIF89a") }, "ink_not_a_picture"},
		"a picture of too many pixels": {func(a *pades.Act) { a.Ink.Picture = picture(t, 4001, 1000) }, "ink_too_large"},
	} {
		act := annSigns()
		tt.change(&act)
		if _, _, err := pades.Approve(context.Background(), plan, act, d.signer(t, act), d.now); !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNobodySignsTwiceOrAfterTheSeal(t *testing.T) {
	d := newDesk(t)
	ctx := context.Background()
	_, plan := d.certified(t, twoSigners(paper.Width, paper.Height))
	act := annSigns()
	_, signed, err := pades.Approve(ctx, plan, act, d.signer(t, act), d.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := pades.Approve(ctx, signed, act, d.signer(t, act), d.now); !problem.Has(err, "already_signed") {
		t.Errorf("twice: %v", err)
	}
	_, sealed, err := pades.Seal(ctx, signed, holder(d.authority.Sealer()), pades.SealSpec{}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := pades.Approve(ctx, sealed, bobSigns(), d.signer(t, bobSigns()), d.now); !problem.Has(err, "document_sealed") {
		t.Errorf("after the seal: %v", err)
	}
	if len(plan.Signed) != 0 {
		t.Error("the old plan was changed")
	}
}

func TestFieldsThatDoNotFitAreRefused(t *testing.T) {
	d := newDesk(t)
	file := twoPages()
	good := pades.Field{ID: "a", Recipient: "r", Kind: pades.Text, Rect: pades.Rect{X: 10, Y: 10, Width: 50, Height: 20}}
	for name, tt := range map[string]struct {
		change func(*pades.Field)
		code   string
	}{
		"a page that is not there":  {func(f *pades.Field) { f.Page = 2 }, "field_without_page"},
		"a place beside the page":   {func(f *pades.Field) { f.Rect.X = 580 }, "field_outside_page"},
		"a place that is no number": {func(f *pades.Field) { f.Rect.Y = math.NaN() }, "field_outside_page"},
		"a field of nobody":         {func(f *pades.Field) { f.Recipient = "s" }, "unknown_recipient"},
		"a kind nobody knows":       {func(f *pades.Field) { f.Kind = "hologram" }, "unknown_field_kind"},
		"a field without an id":     {func(f *pades.Field) { f.ID = "" }, "duplicate_field"},
	} {
		f := good
		tt.change(&f)
		spec := pades.Spec{Recipients: []string{"r"}, Fields: []pades.Field{f}}
		_, _, err := pades.Certify(context.Background(), bytes.NewReader(file), int64(len(file)), spec, holder(d.authority.Certifier()), d.now)
		if !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		img.Set(x, height/2, color.NRGBA{0, 0, 160, 255})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEveryKindOfInkAndNameSigns(t *testing.T) {
	d := newDesk(t)
	j := d.judges(t)
	for name, change := range map[string]func(*pades.Act){
		"a typed name":              func(a *pades.Act) { a.Ink.Typed = "Ann" },
		"a picture":                 func(a *pades.Act) { a.Ink.Picture = picture(t, 300, 100) },
		"a name in Japanese":        func(a *pades.Act) { a.Name = "山田 太郎"; a.Text = []string{"山田 太郎"} },
		"a name that is no UTF-8":   func(a *pades.Act) { a.Name = "\xff\xfe" },
		"no name at all":            func(a *pades.Act) { a.Name = "" },
		"nothing but the recipient": func(a *pades.Act) { *a = pades.Act{Recipient: "rcp_ann"} },
	} {
		act := annSigns()
		change(&act)
		signed, err := d.signAll(t, twoPages(), twoSigners(paper.Width, paper.Height), act, bobSigns())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := j.accept(t, signed, 4, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARecipientWithoutASignatureFieldSignsInvisibly(t *testing.T) {
	d := newDesk(t)
	spec := pades.Spec{Recipients: []string{"rcp_ann"}}
	signed, err := d.signAll(t, twoPages(), spec, pades.Act{Recipient: "rcp_ann", Name: "Ann", Email: "a@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.judges(t).accept(t, signed, 3, true); err != nil {
		t.Error(err)
	}
}

func TestAPlanStaysSmall(t *testing.T) {
	d := newDesk(t)
	_, plan := d.certified(t, twoSigners(paper.Width, paper.Height))
	stored, err := plan.MarshalBinary()
	if err != nil || len(stored) > 20_000 {
		t.Fatalf("%d bytes, %v", len(stored), err)
	}
	t.Logf("8 fields and 2 people: %d bytes", len(stored))
}
