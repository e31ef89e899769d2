package pades

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"chancery/pades/font"
	"chancery/pades/pdf"
	"chancery/pades/update"
	"chancery/problem"
)

// Approve fills the fields of one recipient and signs, with a lock on those
// fields. It reads nothing of the document: all it needs is in the plan.
func Approve(ctx context.Context, plan Plan, act Act, holder Holder, at time.Time) ([]byte, Plan, error) {
	if err := ctx.Err(); err != nil {
		return nil, plan, fmt.Errorf("approve as %s: %w", act.Recipient, err)
	}
	increment, after, err := holder.sign(ctx, plan.Level, func(room int) (Pending, error) { return Next(plan, act, room, at) })
	if err != nil {
		return nil, plan, fmt.Errorf("approve as %s: %w", act.Recipient, err)
	}
	return increment, after, nil
}

func (act Act) into(u *update.Update, plan Plan, room int, at time.Time) (Plan, error) {
	if err := plan.admits(act); err != nil {
		return plan, err
	}
	a, err := prepare(u, plan, act)
	if err != nil {
		return plan, err
	}
	return plan.after(act.Recipient), a.write(room, at)
}

// admits refuses an act that this document, as it stands, cannot take.
func (p Plan) admits(act Act) error {
	mine := map[string]placed{}
	for _, f := range p.of(act.Recipient) {
		mine[f.ID] = f
	}
	switch {
	case p.Closed:
		return documentSealed
	case len(mine) == 0:
		return problem.Missing("unknown_recipient", "This person does not sign this document.")
	case slices.Contains(p.Signed, act.Recipient):
		return problem.Conflict("already_signed", "This person has signed this document already.")
	}
	for id, value := range act.Values {
		f, ok := mine[id]
		switch {
		case !ok || id == "":
			return problem.Invalid("unknown_field", "There is no such field for this person.").At("values.%s", id)
		case utf8.RuneCountInString(value) > MaxValueLength:
			return problem.TooLarge("value_too_long", "A field takes at most 10000 characters.").At("values.%s", id)
		case f.Kind == Checkbox && value != "true" && value != "false" && value != "":
			return problem.Invalid("not_a_checkbox_value", "A checkbox is either true or false.").At("values.%s", id)
		}
	}
	return nil
}

// approval is one act on its way into the file.
type approval struct {
	plan     Plan
	act      Act
	update   *update.Update
	letters  *font.Case
	ink      drawing
	initials drawing
	pictures map[*pdf.Stream]pdf.Ref // written already
}

func prepare(u *update.Update, plan Plan, act Act) (*approval, error) {
	a := &approval{plan: plan, act: act, update: u}
	a.letters = font.NewCase(u.Reserve, plan.Laid...)
	var err error
	if a.ink, err = act.Ink.ready(act.Name, act.Email); err != nil {
		return nil, err
	}
	short := act.Initials
	if short.empty() && !act.Ink.empty() && act.Ink.Typed == "" {
		short = act.Ink
	}
	if short.Face == "" {
		short.Face = act.Ink.Face
	}
	name := act.Name
	if act.Ink.Typed != "" { // as they want to be called
		name = act.Ink.Typed
	}
	a.initials, err = short.ready(InitialsOf(name), InitialsOf(act.Email))
	return a, err
}

func (ink Ink) empty() bool {
	return ink.Typed == "" && len(ink.Strokes) == 0 && len(ink.Picture) == 0
}

func (a *approval) write(room int, at time.Time) error {
	mine := a.plan.of(a.act.Recipient)
	for _, f := range mine {
		if f.Signs {
			continue
		}
		if d := a.filled(f); d != nil {
			a.update.Put(f.Ref, d)
		}
	}
	for _, f := range mine {
		if f.Signs {
			a.sign(f, locked(mine), room, at)
			return nil
		}
	}
	return fmt.Errorf("plan has no signature field for the recipient")
}

func (a *approval) sign(f placed, lock pdf.Dict, room int, at time.Time) {
	signature := a.update.Reserve()
	d := f.dict()
	d["V"] = signature
	if f.visible() {
		d["AP"] = pdf.Dict{"N": a.update.Add(a.mark(f, a.ink, a.act.Text))}
	}
	a.update.Put(f.Ref, d)
	a.letters.Put(a.update.Put)
	s := signatureDict(at, a.act.Name, a.act.Reason, a.act.Location)
	if a.act.Email != "" {
		s["ContactInfo"] = pdf.Text(a.act.Email)
	}
	s["Reference"] = pdf.Array{fieldReference(a.plan.State.Root, lock)}
	a.update.PutSignature(signature, s, room)
}

// filled is the field's dictionary with its value, or nil when it stays empty.
func (a *approval) filled(f placed) pdf.Dict {
	value := a.act.Values[f.ID]
	d := f.dict()
	switch f.Kind {
	case Checkbox:
		if value != "true" {
			return nil
		}
		d["V"], d["AS"] = pdf.Name("Yes"), pdf.Name("Yes")
		return d
	case Signature:
		d["V"] = pdf.Text(a.act.Name)
		d["AP"] = pdf.Dict{"N": a.update.Add(a.mark(f, a.ink, a.act.Text))}
		return d
	case Initials:
		ink := a.initials
		if value != "" {
			ink = drawing{typed: legible(value, InitialsOf(a.act.Email)), hand: ink.hand}
		}
		d["V"] = pdf.Text(InitialsOf(a.act.Name))
		d["AP"] = pdf.Dict{"N": a.update.Add(a.mark(f, ink, nil))}
		return d
	}
	if value == "" {
		return nil
	}
	d["V"] = pdf.Text(value)
	d["AP"] = pdf.Dict{"N": a.update.Add(a.textAppearance(f, value))}
	return d
}
