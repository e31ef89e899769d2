package pades

import (
	"fmt"
	"time"

	"chancery/pades/font"
	"chancery/pades/pdf"
	"chancery/pades/update"
)

// placing builds the certification increment. Everything that will ever be on
// a page is put there now, so that later increments touch field dictionaries
// and new objects only: no page, no catalog. That keeps every validator's
// difference analysis calm.
type placing struct {
	file    *pdf.File
	pages   []pdf.Page
	spec    Spec
	update  *update.Update
	letters *font.Case
	annots  map[int]pdf.Array // new ones, by page
	names   []pdf.Object      // references to our fields, for /AcroForm
	empty   pdf.Ref
	boxes   map[[3]float64][2]pdf.Ref // checkbox appearances by width, height and turn
	tags    *tagging
	plan    Plan
}

func (p *placing) place(room int, at time.Time) error {
	p.plan.Form, p.plan.Level = planForm, p.spec.Level
	p.letters = font.NewCase(p.update.Reserve)
	p.plan.Laid = []font.Laid{p.letters.Lay()}
	p.empty = p.update.Add(form(nil, 1, 1, 0, pdf.Dict{}))
	p.boxes = map[[3]float64][2]pdf.Ref{}
	taken, err := topNames(p.file)
	if err != nil {
		return err
	}
	if p.tags, err = openTags(p.file, p.pages); err != nil {
		return err
	}
	if err := p.fields(taken); err != nil {
		return err
	}
	certification := p.invisible(unused(taken, "chancery_certification"), "")
	p.plan.Seal = p.invisible(unused(taken, "chancery_seal"), "")
	p.plan.Seal.Lock = p.lock(pdf.Dict{"Action": pdf.Name("All")})
	p.put(p.plan.Seal)
	if p.spec.Level == LevelLTA {
		stamp := p.invisible(unused(taken, "chancery_timestamp"), "")
		p.plan.Stamp = &stamp
		p.put(stamp)
	}
	if p.spec.TestMark {
		p.testMarks()
	}
	p.letters.Put(p.update.Put)
	if err := p.putPages(); err != nil {
		return err
	}
	if err := p.putTags(); err != nil {
		return err
	}
	return p.certify(certification, room, at)
}

// fields places each recipient's fields, then the locks that will cover them.
func (p *placing) fields(taken map[string]bool) error {
	signs := map[string]bool{}
	for i, f := range p.spec.Fields {
		page := p.pages[f.Page]
		placed := placed{
			ID: f.ID, Name: unused(taken, fieldName(i, f.ID)), Recipient: f.Recipient, Kind: f.Kind,
			Label: f.Label, Multiline: f.Multiline && f.Kind == Text, Ref: p.update.Reserve(), Page: page.Ref,
			Rect: onPage(f.Rect, page), Turn: page.Rotate, Unit: page.UserUnit, Before: p.empty,
		}
		// A signature field has one place (ISO 32000-2, 12.7.5.5). The person's further
		// places are text fields that show the same mark under the same lock.
		if f.Kind == Signature && !signs[f.Recipient] {
			placed.Signs, signs[f.Recipient] = true, true
		}
		if f.Kind == Checkbox {
			p.checkbox(&placed)
		}
		placed.Tag = p.tags.add(p.update, placed)
		p.annots[f.Page] = append(p.annots[f.Page], placed.Ref)
		p.plan.Fields = append(p.plan.Fields, placed)
	}
	for _, r := range p.spec.Recipients {
		if !signs[r] {
			hidden := p.invisible(unused(taken, fieldName(len(p.plan.Fields), "signature")), r)
			hidden.Signs = true
			p.plan.Fields = append(p.plan.Fields, hidden)
		}
		p.lockFields(r)
	}
	for _, f := range p.plan.Fields {
		p.put(f)
	}
	return nil
}

// lockFields gives the recipient's signature field a lock on all the others.
func (p *placing) lockFields(recipient string) {
	lock := p.lock(locked(p.plan.of(recipient)))
	for i, f := range p.plan.Fields {
		if f.Recipient == recipient && f.Signs {
			p.plan.Fields[i].Lock = lock
		}
	}
}

func (p *placing) lock(d pdf.Dict) *pdf.Ref {
	d["Type"] = pdf.Name("SigFieldLock")
	ref := p.update.Add(d)
	return &ref
}

// locked is what both the field's lock and the signature's FieldMDP say.
func locked(fields []placed) pdf.Dict {
	names := pdf.Array{}
	for _, f := range fields {
		names = append(names, pdf.Text(f.Name))
	}
	return pdf.Dict{"Action": pdf.Name("Include"), "Fields": names}
}

// invisible is a signature field without a place, on the first page.
func (p *placing) invisible(name, recipient string) placed {
	f := placed{
		Name: name, Recipient: recipient, Kind: Signature, Ref: p.update.Reserve(), Page: p.pages[0].Ref,
		Unit: 1, Before: p.empty,
	}
	f.Tag = p.tags.add(p.update, f)
	p.annots[0] = append(p.annots[0], f.Ref)
	return f
}

func (p *placing) put(f placed) {
	p.names = append(p.names, f.Ref)
	p.update.Put(f.Ref, f.dict())
}

// checkbox makes the two appearances, or takes those of a box of the same size.
func (p *placing) checkbox(f *placed) {
	width, height := f.upright()
	key := [3]float64{width, height, float64(f.Turn)}
	pair, ok := p.boxes[key]
	if !ok {
		pair = [2]pdf.Ref{p.update.Add(box(width, height, f.Turn, true)), p.update.Add(box(width, height, f.Turn, false))}
		p.boxes[key] = pair
	}
	f.On, f.Off = &pair[0], &pair[1]
}

// fieldName is a partial name without a period, which would read as a path.
func fieldName(i int, id string) string {
	clean := []byte(fmt.Sprintf("f%d_", i+1))
	for _, r := range id {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			clean = append(clean, byte(r))
		}
	}
	return string(clean[:min(len(clean), 80)])
}

func unused(taken map[string]bool, name string) string {
	free := name
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	taken[free] = true
	return free
}
