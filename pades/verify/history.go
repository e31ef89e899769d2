package verify

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/tsp"
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

// signature is one signature on its way to a report.
type signature struct {
	view             // of the revision in which it appeared
	field   *field   // that holds it
	ref     pdf.Ref  // of the signature dictionary
	dict    pdf.Dict // nil when there is none
	object  object   // of the dictionary
	hole    [2]int64 // the /Contents string, absolute
	end     int64    // of the part it covers
	sound   bool     // its place and its /ByteRange are as they must be
	gone    bool     // a later revision shows it no more
	lock    *lock    // of FieldMDP
	fieldOn *lock    // that the field announces
	report  Signature

	container    *cms.Container
	token        *tsp.Token // of a document timestamp
	value        []byte     // of a bare RSA signature
	hash         crypto.Hash
	certificate  *x509.Certificate
	certificates []*x509.Certificate
	stamp        *tsp.Token // the earliest signature timestamp that holds
	weakStamp    bool       // one of them does not
	proof        *tsp.Token // the earliest that proves the signature
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
		if err := h.policy.accept(s, m); err != nil {
			return err
		}
	}
	return nil
}

// open loads the signature dictionary.
func (s *signature) open() error {
	o, err := s.get(s.field.dict["V"])
	if fatal(err) {
		return err
	}
	s.dict, _ = o.(pdf.Dict)
	if s.ref.Num == 0 || err != nil || s.entry(s.ref.Num).kind != inUse {
		return nil
	}
	s.object, err = s.view.object(s.ref.Num)
	if fatal(err) {
		return err
	}
	return nil
}

// accept makes the policy what it is after a signature.
func (p *policy) accept(s *signature, m *model) error {
	if err := s.readReferences(); fatal(err) {
		return err
	} else if err != nil {
		s.report.find("signature_unreadable", "The signature refers to something that cannot be read.")
	}
	if s.report.Role == Certification {
		p.certified = true
	}
	if s.report.Permits != 0 {
		p.limit(s.report.Permits)
	}
	for _, l := range []*lock{s.lock, s.fieldOn} {
		if l != nil {
			p.locks = append(p.locks, *l)
		}
	}
	return nil
}

// readReferences reads what the signature permits and locks. Its own
// references decide; the lock of its field only announces them, and counts as
// well.
func (s *signature) readReferences() error {
	s.report.Role = Approval
	if isTimestamp(s.dict) {
		s.report.Role = Timestamp
	}
	references, err := s.array(s.dict["Reference"])
	if err != nil {
		return err
	}
	for _, o := range references {
		if err := s.readReference(o); err != nil {
			return err
		}
	}
	return s.readFieldLock()
}

func (s *signature) readReference(o pdf.Object) error {
	reference, err := s.view.dict(o)
	if err != nil {
		return err
	}
	params, err := s.view.dict(reference["TransformParams"])
	if err != nil {
		return err
	}
	method, err := s.name(reference["TransformMethod"])
	if err != nil {
		return err
	}
	switch method {
	case "DocMDP":
		s.report.Role = Certification
		return s.permits(params)
	case "FieldMDP":
		l, err := s.readLock(s.field.name, params)
		if err != nil {
			return err
		}
		if s.lock = &l; l.all() && s.report.Role == Approval {
			s.report.Role = Seal
		}
		if params["P"] != nil {
			return s.permits(params)
		}
	}
	return nil
}

func (s *signature) permits(params pdf.Dict) error {
	p, err := s.readPermits(params)
	if s.report.Permits == 0 || p < s.report.Permits {
		s.report.Permits = p
	}
	return err
}

// readFieldLock reads /Lock of the field, which may have a P of its own
// (ISO 32000-2, table 236).
func (s *signature) readFieldLock() error {
	d, err := s.view.dict(s.field.dict["Lock"])
	if err != nil || d == nil {
		return err
	}
	l, err := s.readLock(s.field.name, d)
	if err != nil {
		return err
	}
	s.fieldOn = &l
	if d["P"] != nil {
		return s.permits(d)
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
