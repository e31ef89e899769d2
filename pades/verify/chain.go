package verify

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"chancery/pades/trust"
)

// bench judges the certificates of all signatures.
type bench struct {
	options Options
	final   store         // of the last revision
	covered map[int]store // by the revision of the document timestamp that covers it
	newest  *signature
	judges  *trust.Bench
	judged  map[question]trust.Judgement
}

// question is what a judgement answers; several signatures ask the same.
type question struct {
	certificate string
	at          time.Time
	store       int64
}

func (h *history) bench(options Options) (*bench, error) {
	b := &bench{options: options, covered: map[int]store{}, judged: map[question]trust.Judgement{}, judges: trust.NewBench()}
	var err error
	if b.final, err = (view{h.file, len(h.revisions) - 1}).readStore(); fatal(err) {
		return nil, err
	}
	if n := len(h.signatures); n > 0 {
		b.newest = h.signatures[n-1]
	}
	// The newest timestamp covers the most, so it alone matters.
	for i := len(h.signatures) - 1; i >= 0; i-- {
		s := h.signatures[i]
		if s.token == nil || !s.sound || !s.report.Holds() {
			continue
		}
		if b.covered[s.rev], err = s.view.readStore(); fatal(err) {
			return nil, err
		}
		break
	}
	return b, nil
}

// judge says who stands behind the signature and what it reaches.
func (b *bench) judge(s *signature) {
	if s.certificate == nil {
		s.report.Trust = TrustUnknown
		s.report.LevelReason = "Its certificate cannot be read."
		return
	}
	b.time(s)
	b.loose(s)
	b.record(s, b.ask(s.certificate, s.certificates, b.own(s), s.when()))
	b.level(s)
}

// own is the final store together with what the signature itself carries.
func (b *bench) own(s *signature) store {
	if s.container == nil || len(s.container.CRLs)+len(s.container.OCSPs) == 0 {
		return b.final
	}
	more := b.final
	more.place = -1 - s.object.from // nobody else has it
	more.evidence.Merge(trust.Evidence{CRLs: s.container.CRLs, OCSPs: s.container.OCSPs})
	return more
}

// time looks at what the signature says of its time.
func (b *bench) time(s *signature) {
	at := s.when()
	switch {
	case at.IsZero():
		s.report.note("time", "The signature does not say when it was made.")
	case at.After(b.options.Now):
		s.report.find("time", "The signature is of a time in the future.")
	}
	if s.report.ProvenAt != nil && !s.report.SignedAt.IsZero() && s.report.SignedAt.After(s.report.ProvenAt.Add(trust.Tolerance)) {
		s.report.note("time_claimed", "The signer's own time is later than the one that is proven.")
	}
}

// ask judges one certificate. Where nobody said whom to trust, the roots that the
// document brings along show how far its evidence goes.
func (b *bench) ask(c *x509.Certificate, others []*x509.Certificate, s store, at time.Time) trust.Judgement {
	if at.IsZero() {
		at = b.options.Now
	}
	q := question{string(c.Raw), at, s.place}
	if j, ok := b.judged[q]; ok {
		return j
	}
	candidates := slices.Concat(others, s.certificates)
	roots := b.options.Roots
	if len(roots) == 0 {
		roots = selfSigned(candidates)
	}
	b.judged[q] = b.judges.Judge(c, candidates, roots, s.evidence, at)
	return b.judged[q]
}

func selfSigned(list []*x509.Certificate) []*x509.Certificate {
	var roots []*x509.Certificate
	for _, c := range list {
		if c.IsCA && bytes.Equal(c.RawSubject, c.RawIssuer) {
			roots = append(roots, c)
		}
	}
	return roots
}

// record writes the judgement down for people.
func (b *bench) record(s *signature, j trust.Judgement) {
	r := &s.report
	for _, c := range j.Chain() {
		r.Path = append(r.Path, name(c))
	}
	switch {
	case len(b.options.Roots) == 0:
		r.Trust = TrustUnknown
	case j.Trusted:
		r.Trust = Trusted
	default:
		r.Trust = Untrusted
		r.find("untrusted", untrustedSentence(j.Reason))
	}
	revocation := j.Revocation()
	r.Revocation = revocationSentence(revocation)
	if revocation.Status == trust.Revoked {
		r.find("revoked", r.Revocation)
	} else if !revocation.RevokedAt.IsZero() && r.ProvenAt == nil {
		r.find("revoked", "The certificate was revoked, and nothing proves that the signature was made before.")
	}
}
