package verify

import (
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// history is the file read revision by revision.
type history struct {
	*file
	strict     bool
	policy     policy
	signatures []*signature
	known      map[int64]bool // signatures seen, by place
	changes    [][]Change     // by revision
	uses       *uses
}

// read goes from the first revision to the last.
func (f *file) read(strict bool) (*history, error) {
	h := &history{file: f, strict: strict, known: map[int64]bool{}, changes: make([][]Change, len(f.revisions))}
	h.policy.late = map[string]bool{}
	var older *model
	for i := range f.revisions {
		newer, err := f.model(older, i)
		if err != nil && f.encrypted() {
			return nil, encrypted
		}
		if fatal(err) || err != nil && i == len(f.revisions)-1 {
			return nil, err
		}
		if len(h.signatures) > 0 {
			if err := h.step(older, newer, i); err != nil {
				return nil, err
			}
		}
		if newer == nil {
			continue // nobody can have looked at it; the next one is compared with what there was
		}
		if err := h.collect(newer); err != nil {
			return nil, err
		}
		older = newer
	}
	if f.encrypted() && len(h.signatures) > 0 {
		return nil, encrypted
	}
	return h, h.vanished(older)
}

// model is that of revision i; older is the one before, if it could be read.
func (f *file) model(older *model, i int) (*model, error) {
	if older != nil && older.rev == i-1 {
		newer, ok, err := older.advance(view{f, i})
		if ok || fatal(err) {
			return newer, err
		}
	}
	return view{f, i}.readModel()
}

// encrypted tells whether any revision is. Whether there are signatures can often
// be seen all the same, since only strings and streams are encrypted.
func (f *file) encrypted() bool {
	return slices.ContainsFunc(f.revisions, func(r revision) bool { return r.trailer["Encrypt"] != nil })
}

// step compares a revision with its predecessor.
func (h *history) step(older, newer *model, i int) error {
	if newer == nil || older == nil || older.rev != i-1 {
		h.changes[i] = []Change{{Revision: i + 1, Kind: Structure, Sentence: "What was appended cannot be read."}}
		return nil
	}
	if h.uses == nil {
		var err error
		if h.uses, err = older.countUses(); err != nil {
			return err
		}
	}
	t := &transition{
		comparison: compare(older.view, newer.view), number: i + 1, older: older, newer: newer, policy: h.policy, strict: h.strict,
		uses: h.uses, fresh: map[int]bool{}, changed: map[int]bool{}, widgets: map[int]bool{},
	}
	if err := t.judge(); fatal(err) {
		return fmt.Errorf("compare revision %d with the one before: %w", i+1, err)
	} else if err != nil {
		t.odd("it cannot be read")
	}
	h.changes[i] = t.list
	if newer.pages == nil && t.sound() {
		newer.pages = older.pages // nothing was allowed that could change them but widgets
	}
	h.remember(t)
	return h.uses.follow(t)
}

// remember notes the fields that came after a certification: a signature that
// shows itself there has a place that nobody certified.
func (h *history) remember(t *transition) {
	for num := range t.widgets {
		if f := t.newer.form.byNum[num]; f != nil && t.fresh[num] && h.policy.certified {
			h.policy.late[f.name] = true
		}
	}
}

// collect finds the signatures that this revision shows and no earlier one did.
func (h *history) collect(m *model) error {
	for _, f := range m.form.signatures() {
		ref, _ := f.dict["V"].(pdf.Ref)
		place := m.entry(ref.Num).at
		if ref.Num == 0 {
			place = -int64(f.num) - 1
		}
		if h.known[place] {
			continue
		}
		h.known[place] = true
		s := &signature{view: m.view, field: f, ref: ref}
		if err := s.open(); err != nil {
			return err
		}
		if s.dict == nil {
			continue
		}
		if h.signatures = append(h.signatures, s); len(h.signatures) > maxSignatures {
			return tooComplex(fmt.Errorf("%d signatures", len(h.signatures)))
		}
		if err := h.policy.accept(s); err != nil {
			return err
		}
	}
	return nil
}

// vanished notes the signatures that the last revision shows no more.
func (h *history) vanished(last *model) error {
	for _, s := range h.signatures {
		now := last.form.byNum[s.field.num]
		if s.field.num == 0 {
			continue
		}
		s.gone = now == nil || now.dict["V"] != pdf.Object(s.ref)
	}
	return nil
}
