package verify

import (
	"chancery/pades/pdf"
)

// accept makes the policy what it is after a signature.
func (p *policy) accept(s *signature) error {
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
