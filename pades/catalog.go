package pades

import (
	"time"

	"chancery/pades/pdf"
)

// certify writes the catalog, the form and the certification signature.
func (p *placing) certify(field placed, room int, at time.Time) error {
	signature := p.update.Reserve()
	ref, root, err := p.file.Root()
	if err != nil {
		return err
	}
	catalog := root.Clone()
	if err := p.putForm(catalog, field); err != nil {
		return err
	}
	// Only /Perms makes a viewer show a certification. Usage rights that a former
	// program granted (UR3) would not survive our change and go.
	catalog["Perms"] = pdf.Dict{"DocMDP": signature}
	if err := p.raiseVersion(catalog); err != nil {
		return err
	}
	if ref.Gen, err = p.file.Generation(ref.Num); err != nil {
		return err
	}
	p.plan.Catalog = write(p.update, ref, catalog)
	d := field.dict()
	d["V"] = signature
	p.update.Put(field.Ref, d)
	s := signatureDict(at, p.spec.Name, p.spec.Reason, p.spec.Location)
	s["Reference"] = pdf.Array{reference("DocMDP", pdf.Dict{
		// P 2 allows filling and signing. P 1 would forbid even our own next steps.
		"P": 2, "V": pdf.Name("1.2"),
	})}
	p.update.PutSignature(signature, s, room)
	return nil
}

// putForm takes over the form of the document and adds our fields. The form
// becomes an object of its own, so that the catalog need not change again.
func (p *placing) putForm(catalog pdf.Dict, certification placed) error {
	old, err := p.file.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	acro := old.Clone()
	fields, err := p.file.Array(acro["Fields"])
	if err != nil {
		return err
	}
	acro["Fields"] = append(append(append(pdf.Array{}, fields...), p.names...), certification.Ref)
	acro["SigFlags"] = 3 // signatures exist, append only
	// With this, viewers would draw all fields anew, which counts as a change.
	delete(acro, "NeedAppearances")
	delete(acro, "XFA")
	if acro["DR"], err = p.resources(acro["DR"]); err != nil {
		return err
	}
	if acro["DA"] == nil {
		acro["DA"] = defaultAppearance
	}
	if own, ok := catalog["AcroForm"].(pdf.Ref); ok && old != nil {
		if own.Gen, err = p.file.Generation(own.Num); err != nil {
			return err
		}
		p.plan.Acro = write(p.update, own, acro)
		return nil
	}
	own := p.update.Reserve()
	p.plan.Acro = write(p.update, own, acro)
	catalog["AcroForm"] = own
	return nil
}

// resources adds our font to the form's default resources, as a reference:
// some validators refuse fonts written in place.
func (p *placing) resources(o pdf.Object) (pdf.Dict, error) {
	old, err := p.file.Dict(o)
	if err != nil {
		return nil, err
	}
	fonts, err := p.file.Dict(old["Font"])
	if err != nil {
		return nil, err
	}
	named := fonts.Clone()
	named[formFont] = p.plan.Laid[0].Ref
	dr := old.Clone()
	dr["Font"] = named
	return dr, nil
}

// raiseVersion says that the file uses PDF 1.7 and the PAdES extension. Some
// validators ignore permissions in files of an older version.
func (p *placing) raiseVersion(catalog pdf.Dict) error {
	version, err := p.file.Name(catalog["Version"])
	if err != nil {
		return err
	}
	if max(p.file.Version, string(version)) < "1.7" {
		catalog["Version"] = pdf.Name("1.7")
	}
	extensions, err := p.file.Dict(catalog["Extensions"])
	if err != nil {
		return err
	}
	extended := extensions.Clone()
	extended["ESIC"] = pdf.Dict{"BaseVersion": pdf.Name("1.7"), "ExtensionLevel": 1} // EN 319 142-1, 5.6
	catalog["Extensions"] = extended
	return nil
}

// topNames are the names of the form's outermost fields.
func topNames(f *pdf.File) (map[string]bool, error) {
	fields, err := topFields(f)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, o := range fields {
		d, err := f.Dict(o)
		if err != nil {
			return nil, err
		}
		if name, ok := d["T"].(pdf.String); ok {
			taken[string(name)] = true
		}
	}
	return taken, nil
}
