package verify

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"chancery/pades/trust"
	"chancery/pades/tsp"
)

// bench judges the certificates of all signatures.
type bench struct {
	options Options
	final   store         // of the last revision
	covered map[int]store // by the revision of the document timestamp that covers it
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

func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

func untrustedSentence(reason string) string {
	switch reason {
	case trust.Expired:
		return "A certificate of the signer's path had expired when the signature was made."
	case trust.NotYetValid:
		return "A certificate of the signer's path was not yet valid when the signature was made."
	case trust.WeakAlgorithm:
		return "A certificate of the signer's path is signed with an algorithm that is too weak."
	}
	return "The signer's certificate does not lead to an authority that is trusted here."
}

func revocationSentence(r trust.Revocation) string {
	switch r.Status {
	case trust.Good:
		return fmt.Sprintf("No certificate of the path was revoked (%s of %s).", evidenceName(r.From), r.Issued.UTC().Format(time.DateTime))
	case trust.NotNeeded:
		return "The certificate lives too briefly to be revoked."
	case trust.Revoked:
		return fmt.Sprintf("A certificate of the path was revoked on %s.", r.RevokedAt.UTC().Format(time.DateTime))
	}
	return "The document does not tell whether a certificate of the path was revoked."
}

func evidenceName(from string) string {
	if from == "ocsp" {
		return "OCSP response"
	}
	return "revocation list"
}

// level says what the signature reaches (EN 319 142-1, 6), and what it lacks for
// the next level.
func (b *bench) level(s *signature) {
	r := &s.report
	if r.Role == Timestamp {
		return
	}
	if r.LevelReason = s.baseline(); r.LevelReason != "" {
		return
	}
	r.Level = LevelB
	if s.proof == nil || !b.stands(s.proof) {
		r.LevelReason = "No timestamp proves when it was made."
		return
	}
	r.Level = LevelT
	for rev, covered := range b.covered {
		if rev > s.rev && b.missing(s, covered) == "" {
			r.Level = LevelLTA
			return
		}
	}
	if r.LevelReason = b.missing(s, b.final); r.LevelReason == "" {
		r.Level, r.LevelReason = LevelLT, "No document timestamp covers the validation data."
	}
}

// stands tells whether a timestamp is by an authority that is trusted, as far as
// anybody said whom to trust.
func (b *bench) stands(token *tsp.Token) bool {
	if len(b.options.Roots) == 0 {
		return true
	}
	return b.ask(token.Certificate, token.Certificates, b.final, token.Time).Trusted
}

// missing says what a store lacks of all that judges the signer and the timestamp
// for ever: the whole path of each, and revocation data where there can be any.
func (b *bench) missing(s *signature, store store) string {
	if !store.present {
		return "The document holds no validation data."
	}
	why := lack(b.ask(s.certificate, s.certificates, store, s.when()))
	if why == "" {
		why = lack(b.ask(s.proof.Certificate, s.proof.Certificates, store, s.proof.Time))
	}
	return why
}

func lack(j trust.Judgement) string {
	last := j.Path[len(j.Path)-1].Certificate
	switch {
	case j.Good():
		return ""
	case j.Reason == trust.NoPath:
		return fmt.Sprintf("The document does not hold the issuer of %q.", name(last))
	case !j.Trusted:
		return fmt.Sprintf("The certificates of %q do not hold together.", name(j.Path[0].Certificate))
	}
	for _, link := range j.Path {
		if s := link.Revocation.Status; s == trust.Unknown || s == trust.Revoked {
			return fmt.Sprintf("The document holds no revocation data that clears %q.", name(link.Certificate))
		}
	}
	return "The document does not hold all that is needed to judge the certificates later."
}
