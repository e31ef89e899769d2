package pades

import (
	"slices"

	"chancery/pades/pdf"
)

// permissions reads what each signature allows and locks, and compares that
// with what its field and the catalog say.
func (v *verification) permissions(list []*checked) error {
	_, root, err := v.file.Root()
	if err != nil {
		return err
	}
	perms, err := v.file.Dict(root["Perms"])
	if err != nil {
		return err
	}
	for i, c := range list {
		if err := v.role(c); err != nil {
			return err
		}
		if c.report.Role != Certification {
			continue
		}
		if i > 0 {
			c.report.find("certified_late", "The certification is not the first signature.")
		}
		if perms["DocMDP"] != pdf.Object(c.value) {
			c.report.find("certification_dropped", "The document no longer names its certification.")
		}
	}
	if len(list) > 0 && perms["DocMDP"] != nil && list[0].report.Role != Certification {
		list[0].report.find("certification_missing", "The document names a certification that is not its first signature.")
	}
	return nil
}

// role looks at the signature's references, which decide (the lock of the field
// only announces them).
func (v *verification) role(c *checked) error {
	c.report.Role = Approval
	references, err := v.file.Array(c.signature["Reference"])
	if err != nil {
		return err
	}
	for _, o := range references {
		ref, err := v.file.Dict(o)
		if err != nil {
			return err
		}
		params, err := v.file.Dict(ref["TransformParams"])
		if err != nil {
			return err
		}
		switch ref["TransformMethod"] {
		case pdf.Name("DocMDP"):
			c.report.Role = Certification
			c.level(params)
		case pdf.Name("FieldMDP"):
			if err := v.locks(c, params); err != nil {
				return err
			}
		}
	}
	return v.fieldLock(c)
}

// level wants P 2 (or absent, which means 2): fill and sign, nothing else.
func (c *checked) level(params pdf.Dict) {
	if p := params["P"]; p != nil && p != pdf.Object(int64(2)) {
		c.report.find("permissions", "The certification allows other changes than filling in and signing.")
	}
}

func (v *verification) locks(c *checked, params pdf.Dict) error {
	names, err := v.names(params)
	if err != nil {
		return err
	}
	if params["Action"] == pdf.Name("All") {
		c.report.Role = Closing
		names = []string{"*"}
	}
	c.report.Locks = names
	return nil
}

func (v *verification) names(d pdf.Dict) ([]string, error) {
	fields, err := v.file.Array(d["Fields"])
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range fields {
		if s, ok := o.(pdf.String); ok {
			names = append(names, text(s))
		}
	}
	return names, nil
}

// fieldLock: a field that announces a lock must get a signature that has it.
func (v *verification) fieldLock(c *checked) error {
	lock, err := v.file.Dict(c.dict["Lock"])
	if err != nil || lock == nil {
		return err
	}
	promised, err := v.names(lock)
	if err != nil {
		return err
	}
	if lock["Action"] == pdf.Name("All") {
		promised = []string{"*"}
	}
	for _, name := range promised {
		if !slices.Contains(c.report.Locks, name) && c.report.Role != Closing {
			c.report.find("lock_missing", "The signature does not lock the fields that it should.")
			return nil
		}
	}
	return nil
}
