package pades

import (
	"time"

	"chancery/pades/pdf"
)

// signatureDict is what all our signatures share. The time of signing stands in
// /M and not in the CMS (EN 319 142-1, 6.3).
func signatureDict(at time.Time, name, reason, location string) pdf.Dict {
	d := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": subFilter,
		"M": pdf.String(at.UTC().Format("D:20060102150405Z")),
	}
	for key, text := range map[pdf.Name]string{"Name": name, "Reason": reason, "Location": location} {
		if text != "" {
			d[key] = pdf.Text(text)
		}
	}
	return d
}

const subFilter = pdf.Name("ETSI.CAdES.detached")

// reference is a signature reference dictionary (ISO 32000-2, 12.8.1, table 256).
func reference(method pdf.Name, params pdf.Dict) pdf.Dict {
	params["Type"] = pdf.Name("TransformParams")
	return pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": method, "TransformParams": params}
}

// fieldReference repeats what the field's lock says, and without that Acrobat
// calls the lock corrupted.
func fieldReference(root pdf.Ref, lock pdf.Dict) pdf.Dict {
	lock["V"] = pdf.Name("1.2")
	d := reference("FieldMDP", lock)
	d["Data"] = root
	return d
}
