package papers

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"

	"chancery/envelope"
	"chancery/jail"
	"chancery/pades"
)

// Answer is the one word about a file that somebody brings to be checked.
type Answer string

const (
	ValidUnchanged Answer = "valid_unchanged"
	ValidPermitted Answer = "valid_permitted_changes"
	HasChanged     Answer = "changed"
	IsBroken       Answer = "broken"
	NotSigned      Answer = "unsigned"
	NotOurs        Answer = "not_ours"
)

// Opinion is what the hub says of a file.
type Opinion struct {
	Answer   Answer
	Sentence string
	Test     bool // it comes from a sandbox, and binds nobody
	Report   pades.Report
	Issue    *envelope.Issue // of the newest revision in the file that was given out here; nil when none was
	Whole    bool            // the whole file is that revision
}

// Check judges a file in the jail and tells whether it came from here. Nothing of
// the file is kept. What comes from here is held to what the hub itself does to a
// file; others get the benefit of their programs' habits, and are not called
// broken because their authority is unknown here. Codes: those of pades.Verify.
func (p *Papers) Check(ctx context.Context, file []byte) (Opinion, error) {
	report, err := p.verify(ctx, file, pades.VerifyOptions{Roots: p.roots()})
	if err != nil {
		return Opinion{}, err
	}
	issue, whole, err := p.issued(ctx, report)
	if err != nil {
		return Opinion{}, err
	}
	how := pades.VerifyOptions{}
	if issue != nil {
		how = pades.VerifyOptions{Roots: p.roots(), Strict: true}
	}
	trusted := trustedBy(report)
	if report, err = p.verify(ctx, file, how); err != nil {
		return Opinion{}, err
	}
	o := Opinion{Report: report, Issue: issue, Whole: whole, Test: issue != nil && issue.Test}
	o.Answer = answerTo(report.Verdict, issue != nil)
	o.Sentence = o.sentence(trusted)
	return o, nil
}

func (p *Papers) verify(ctx context.Context, file []byte, options pades.VerifyOptions) (pades.Report, error) {
	return jail.Verify(ctx, bytes.NewReader(file), int64(len(file)), options)
}

func (p *Papers) roots() []*x509.Certificate {
	return slices.Concat(p.Production.roots(), p.Sandbox.roots(), p.Trust)
}

// issued looks for the newest revision of the file that is one of ours.
func (p *Papers) issued(ctx context.Context, report pades.Report) (*envelope.Issue, bool, error) {
	digests := []string{}
	for _, r := range report.Revisions {
		digests = append(digests, r.SHA256)
	}
	digests = append(digests, report.SHA256)
	found, err := p.Records.Issued(ctx, digests)
	if err != nil {
		return nil, false, err
	}
	for _, digest := range slices.Backward(digests) {
		if issue, ok := found[digest]; ok {
			return &issue, digest == report.SHA256, nil
		}
	}
	return nil, false, nil
}

// trustedBy tells whether every signature leads to a root that is trusted here.
func trustedBy(report pades.Report) bool {
	return !slices.ContainsFunc(report.Signatures, func(s pades.SignatureReport) bool { return s.Trust != pades.Trusted })
}

func answerTo(verdict pades.Verdict, ours bool) Answer {
	switch verdict {
	case pades.Unsigned:
		return NotSigned
	case pades.Broken:
		return IsBroken
	case pades.Changed:
		return HasChanged
	}
	switch {
	case !ours:
		return NotOurs
	case verdict == pades.Permitted:
		return ValidPermitted
	}
	return ValidUnchanged
}

// sentence says it for people who have to rely on it.
func (o Opinion) sentence(trusted bool) string {
	switch o.Answer {
	case ValidUnchanged:
		return o.provenance() + " Every signature in it is valid, and nothing was changed since the last of them."
	case ValidPermitted:
		return "This document was signed here. Every signature in it is valid; what was added afterwards is listed below and is permitted by the signatures."
	case HasChanged:
		return "This document was changed after it was signed, in a way that its signatures do not permit. Do not rely on it as it stands."
	case IsBroken:
		return "This document cannot be relied on: at least one of its signatures does not hold."
	case NotSigned:
		return "This document carries no electronic signature, so there is nothing that could be checked."
	}
	return notOurs(o.Report.Verdict, trusted)
}

// provenance says which of our files it is.
func (o Opinion) provenance() string {
	switch {
	case o.Issue.Trail:
		return "This is, byte for byte, an audit trail that was issued here."
	case o.Whole && o.Issue.Final:
		return "This is, byte for byte, the final document that was issued here."
	case o.Whole:
		return "This is, byte for byte, a document that was issued here, as it stood before it was final."
	}
	return "This document was signed here."
}

func notOurs(verdict pades.Verdict, trusted bool) string {
	text := "This document was not issued here. Its signatures are intact and nothing was changed since the last of them"
	if verdict == pades.Permitted {
		text = "This document was not issued here. Its signatures are intact; what was added afterwards is listed below and is permitted by them"
	}
	if trusted {
		return text + ", and its signers lead to an authority that is trusted here."
	}
	return text + ", but who signed it cannot be vouched for here."
}
