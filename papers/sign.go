package papers

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"chancery/envelope"
	"chancery/jail"
	"chancery/pades"
	"chancery/pki"
	"chancery/problem"
)

// Certify places every field and certifies each document, before anybody signs.
func (p *Papers) Certify(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	house := p.house(e)
	certifier := house.Authority.Certifier()
	if err := certifier.Ready(at); err != nil {
		return nil, err
	}
	return p.each(ctx, e, "certification", at, checkOnce, func(d envelope.Document, _ []envelope.Revision, file []byte) (made, error) {
		spec := specOf(e, d)
		spec.Level = p.Level
		increment, plan, err := pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), spec, house.holder(certifier), at)
		return made{increment: increment, plan: plan}, err
	})
}

// Sign lets the recipient of the act sign each document, under a certificate made
// in their name for this one act.
func (p *Papers) Sign(ctx context.Context, e envelope.Envelope, act envelope.Act, at time.Time) ([]envelope.Revision, error) {
	r, ok := e.Recipient(act.Recipient)
	if !ok {
		return nil, fmt.Errorf("sign envelope %s: recipient %s is not in it", e.ID, act.Recipient)
	}
	ink, err := p.ink(ctx, act)
	if err != nil {
		return nil, err
	}
	house := p.house(e)
	holder, err := house.Authority.IssueSigner(ctx, pki.Person{Name: r.Person.Name, Email: r.Person.Email, ID: r.ID}, at)
	if err != nil {
		return nil, fmt.Errorf("issue certificate for recipient %s: %w", r.ID, err)
	}
	return p.each(ctx, e, "signature of "+r.ID, at, checkOnce, func(d envelope.Document, before []envelope.Revision, _ []byte) (made, error) {
		plan, err := planOf(before)
		if err != nil {
			return made{}, err
		}
		increment, plan, err := pades.Approve(ctx, plan, actOf(e, d, r, act, ink, at), house.holder(holder), at)
		return made{increment: increment, plan: plan}, err
	})
}

// Seal closes each document with the organisation's seal, and with the proofs that
// its level promises.
func (p *Papers) Seal(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	return p.each(ctx, e, "seal", at, checkTwice, func(_ envelope.Document, before []envelope.Revision, file []byte) (made, error) {
		plan, err := planOf(before)
		if err != nil {
			return made{}, err
		}
		return p.house(e).seal(ctx, file, plan, sealOf(e), at)
	})
}

// seal makes the seal and the proofs in one piece.
func (h *House) seal(ctx context.Context, file []byte, plan pades.Plan, spec pades.SealSpec, at time.Time) (made, error) {
	sealer := h.Authority.Sealer()
	if err := sealer.Ready(at); err != nil {
		return made{}, problem.Internal(err) // everybody has signed: it is no answer, and tried again
	}
	sealed, plan, err := pades.Seal(ctx, plan, h.holder(sealer), spec, at)
	if err != nil {
		return made{}, err
	}
	proofs, plan, due, err := h.close(ctx, slices.Concat(file, sealed), plan)
	return made{append(sealed, proofs...), plan, due}, err
}

// made is what a step gives: bytes to append, the plan after them, and when the
// proofs in them must be renewed.
type made struct {
	increment []byte
	plan      pades.Plan
	renewAt   time.Time
}

type judging func(ctx context.Context, file []byte, plan pades.Plan, roots []*x509.Certificate, at time.Time) error

// each takes one step with every document of the envelope. The order is: the
// intent is in the audit log before the key is used; after it, other code checks
// the result; only then is it kept, and only a committed change gives it out.
func (p *Papers) each(ctx context.Context, e envelope.Envelope, what string, at time.Time, judge judging, sign func(envelope.Document, []envelope.Revision, []byte) (made, error)) ([]envelope.Revision, error) {
	if err := p.intend(ctx, e, what); err != nil {
		return nil, err
	}
	revisions := make([]envelope.Revision, 0, len(e.Documents))
	for _, d := range e.Documents {
		revision, err := p.one(ctx, e, d, what, at, judge, func(before []envelope.Revision, file []byte) (made, error) { return sign(d, before, file) })
		if err != nil {
			return nil, err
		}
		revisions = append(revisions, revision)
	}
	return revisions, nil
}

func (p *Papers) one(ctx context.Context, e envelope.Envelope, d envelope.Document, what string, at time.Time, judge judging, sign func([]envelope.Revision, []byte) (made, error)) (envelope.Revision, error) {
	before, err := p.Records.Revisions(ctx, e.ID, d.ID)
	if err != nil {
		return envelope.Revision{}, err
	}
	file, err := p.file(ctx, before)
	if err != nil {
		return envelope.Revision{}, err
	}
	made, err := sign(before, file)
	if err != nil {
		return envelope.Revision{}, fmt.Errorf("make %s of document %s: %w", what, d.ID, err)
	}
	file = append(file, made.increment...)
	if err := judge(ctx, file, made.plan, p.house(e).roots(), at); err != nil {
		return envelope.Revision{}, fmt.Errorf("check %s of document %s: %w", what, d.ID, err)
	}
	packed, err := made.plan.MarshalBinary()
	if err != nil {
		return envelope.Revision{}, fmt.Errorf("pack plan of document %s: %w", d.ID, err)
	}
	revision, err := p.append(ctx, e, file, made.increment, d.ID, before[len(before)-1].Number+1, packed)
	revision.RenewAt = made.renewAt
	return revision, err
}

// intend writes down what is about to be signed.
func (p *Papers) intend(ctx context.Context, e envelope.Envelope, what string) error {
	evidence := envelope.Evidence{Kind: envelope.NotedIntent, By: envelope.Hub, Detail: map[string]string{"what": what}}
	return p.Records.Note(ctx, e.ID, evidence)
}

// check verifies what was written from its own bytes, with no help from the plan
// but for the level that it should have reached.
func check(ctx context.Context, file []byte, plan pades.Plan, roots []*x509.Certificate, at time.Time) (pades.Report, error) {
	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: roots, Now: at.Add(time.Minute), Strict: true})
	switch {
	case err != nil:
		return report, err
	case report.Verdict != pades.Unchanged && !justEvidence(report, plan):
		return report, fmt.Errorf("the verdict is %s: %v", report.Verdict, report.Signatures)
	case report.Level != plan.Reached():
		return report, fmt.Errorf("the level is %s and not %s: %v", report.Level, plan.Reached(), report.Signatures)
	}
	return report, nil
}

// justEvidence tells that what follows the last signature is the evidence that
// level B-LT adds.
func justEvidence(report pades.Report, plan pades.Plan) bool {
	return report.Verdict == pades.Permitted && plan.Reached() == pades.LevelLT
}

// checkOnce is enough between signatures: the last judgement covers them all again.
func checkOnce(ctx context.Context, file []byte, plan pades.Plan, roots []*x509.Certificate, at time.Time) error {
	_, err := check(ctx, file, plan, roots, at)
	return err
}

// checkTwice asks another implementation too, before a finished document is
// given out: in the jail, for it is not made for hostile files.
func checkTwice(ctx context.Context, file []byte, plan pades.Plan, roots []*x509.Certificate, at time.Time) error {
	report, err := check(ctx, file, plan, roots, at)
	if err != nil {
		return err
	}
	err = jail.SecondOpinion(ctx, bytes.NewReader(file), int64(len(file)), report)
	if errors.Is(err, pades.ErrNoOpinion) { // it cannot read every file; the first judge can
		return nil
	}
	return err
}

func planOf(revisions []envelope.Revision) (pades.Plan, error) {
	var plan pades.Plan
	newest := revisions[len(revisions)-1]
	if err := plan.UnmarshalBinary(newest.Plan); err != nil {
		return plan, fmt.Errorf("read plan of document %s: %w", newest.Document, err)
	}
	return plan, nil
}

// ink fetches the picture of an uploaded signature.
func (p *Papers) ink(ctx context.Context, act envelope.Act) (pades.Ink, error) {
	ink := pades.Ink{Typed: act.Ink.Typed, Face: act.Ink.Face, Aspect: act.Ink.Aspect}
	for _, stroke := range act.Ink.Strokes {
		line := make([]pades.Point, len(stroke))
		for i, point := range stroke {
			line[i] = pades.Point(point)
		}
		ink.Strokes = append(ink.Strokes, line)
	}
	if act.Ink.Picture == "" {
		return ink, nil
	}
	picture, err := p.picture(ctx, act.Envelope, act.Ink.Picture)
	if err != nil {
		return ink, problem.Invalid("picture_missing", "The picture of the signature is not here; please upload it again.").Because(err)
	}
	ink.Picture = picture
	return ink, nil
}
