package verify

import (
	"fmt"

	"chancery/pades/trust"
	"chancery/pades/tsp"
)

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
