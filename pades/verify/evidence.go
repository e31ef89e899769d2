package verify

import (
	"crypto/x509"
	"fmt"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/trust"
)

// store is the validation data that a revision of the document carries.
type store struct {
	place        int64 // of the store in the file: the same store in two revisions is one
	present      bool
	certificates []*x509.Certificate
	evidence     trust.Evidence // without certificates, which are parsed already
}

// maxEvidence is how many streams of a store are read.
const maxEvidence = 2_000

// readStore reads the document security store of a revision (ISO 32000-2,
// 12.8.4.3). What cannot be read in it proves nothing, and is left out.
func (v view) readStore() (store, error) {
	_, root, err := v.root()
	if err != nil {
		return store{}, err
	}
	dss, err := v.dict(root["DSS"])
	if err != nil || dss == nil {
		return store{}, err
	}
	s := store{present: true, place: v.entry(numberOf(root["DSS"])).at}
	r := storeReader{view: v, into: &s, seen: map[int]bool{}}
	if err := r.lists(dss, "Certs", "CRLs", "OCSPs"); err != nil {
		return store{}, err
	}
	related, err := v.dict(dss["VRI"])
	if err != nil {
		return store{}, err
	}
	for _, o := range related {
		entry, err := v.dict(o)
		if err != nil {
			return store{}, err
		}
		if err := r.lists(entry, "Cert", "CRL", "OCSP"); err != nil {
			return store{}, err
		}
	}
	return s, nil
}

type storeReader struct {
	view
	into *store
	seen map[int]bool
}

func (r *storeReader) lists(d pdf.Dict, certs, crls, ocsps pdf.Name) error {
	for _, list := range []struct {
		key  pdf.Name
		keep func([]byte)
	}{
		{certs, r.certificate},
		{crls, func(der []byte) { r.into.evidence.CRLs = append(r.into.evidence.CRLs, der) }},
		{ocsps, func(der []byte) { r.into.evidence.OCSPs = append(r.into.evidence.OCSPs, der) }},
	} {
		items, err := r.array(d[list.key])
		if err != nil {
			return err
		}
		for _, o := range items {
			if err := r.item(o, list.keep); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *storeReader) item(o pdf.Object, keep func([]byte)) error {
	ref, ok := o.(pdf.Ref)
	if !ok || r.seen[ref.Num] {
		return nil
	}
	if r.seen[ref.Num] = true; len(r.seen) > maxEvidence {
		return tooComplex(fmt.Errorf("more than %d pieces of validation data", maxEvidence))
	}
	o, err := r.load(ref.Num)
	if err != nil {
		return err
	}
	s, ok := o.(*stream)
	if !ok {
		return nil
	}
	n, err := r.length(s)
	if err != nil {
		return err
	}
	data, err := r.decode(s, n, r.get)
	if fatal(err) {
		return err
	}
	if err == nil {
		keep(data)
	}
	return nil
}

func (r *storeReader) certificate(der []byte) {
	if c, err := cms.ParseCertificate(der); err == nil {
		r.into.certificates = append(r.into.certificates, c)
	}
}
