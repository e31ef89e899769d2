package verify

import (
	"crypto"
	"crypto/x509"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/pades/tsp"
)

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
