package trust

import (
	"crypto/x509"
	"fmt"
	"time"
)

// Limits on the work of one Bench. The document that is judged brings the evidence.
const (
	maxWork     = 256 << 20 // bytes of evidence that are read
	workOfCheck = 64 << 10  // bytes that checking one signature counts as
	maxAtHand   = 16 << 20  // bytes of CRLs that are kept parsed
)

// Bench judges the many certificates of one document. It reads each CRL once, as
// long as they are not too large, and bounds the work of all judgements together:
// when that is spent, what is still asked stays unknown. It is not safe for
// concurrent use, and relies on evidence not being changed under it.
type Bench struct {
	work   int // bytes that were spent
	lists  map[sheet]reading
	atHand int // bytes of the lists
}

// NewBench is for one document.
func NewBench() *Bench { return &Bench{lists: map[sheet]reading{}} }

// Judge is the function Judge, for one certificate of several.
func (b *Bench) Judge(certificate *x509.Certificate, candidates, roots []*x509.Certificate, evidence Evidence, at time.Time) Judgement {
	return b.court(candidates, roots, evidence).judge(certificate, at)
}

func (b *Bench) court(candidates, roots []*x509.Certificate, evidence Evidence) court {
	return court{bench: b, candidates: known(candidates, evidence), roots: roots, evidence: evidence}
}

// spend tells whether there is work left for evidence of this size.
func (b *Bench) spend(size int) error {
	if b.work += size + workOfCheck; b.work > maxWork {
		return fmt.Errorf("there is more evidence than is read for one document")
	}
	return nil
}

// sheet is a CRL, known by where its bytes are, with the key that it is checked by.
type sheet struct {
	first  *byte
	length int
	key    string
}

// reading is a CRL that was read and checked.
type reading struct {
	list *x509.RevocationList
	err  error
}

// list reads a CRL and checks that issuer signed it.
func (b *Bench) list(der []byte, issuer *x509.Certificate) (*x509.RevocationList, error) {
	s := sheet{&der[0], len(der), string(issuer.RawSubjectPublicKeyInfo)}
	if r, ok := b.lists[s]; ok {
		return r.list, r.err
	}
	if err := b.spend(len(der)); err != nil {
		return nil, err
	}
	var r reading
	if r.list, r.err = x509.ParseRevocationList(der); r.err != nil {
		r = reading{err: fmt.Errorf("read CRL: %w", r.err)}
	} else if err := r.list.CheckSignatureFrom(issuer); err != nil {
		r = reading{err: fmt.Errorf("check CRL of %s: %w", r.list.ThisUpdate.Format(time.RFC3339), err)}
	}
	if r.err != nil || b.atHand+len(der) <= maxAtHand {
		b.lists[s] = r
	}
	if r.err == nil {
		b.atHand += len(der)
	}
	return r.list, r.err
}
