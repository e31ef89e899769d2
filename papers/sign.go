package papers

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"chancery/envelope"
	"chancery/jail"
	"chancery/pades"
	"chancery/pki"
	"chancery/problem"
)

// Certify places every field and certifies each document, before anybody signs.
func (p *Papers) Certify(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	return p.each(ctx, e, "certification", at, checkOnce, func(d envelope.Document, before []envelope.Revision, file []byte) ([]byte, pades.Plan, error) {
		return pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), specOf(e, d), p.holder(p.authority(e).Certifier()), at)
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
	holder, err := p.authority(e).IssueSigner(ctx, pki.Person{Name: r.Person.Name, Email: r.Person.Email, ID: r.ID}, at)
	if err != nil {
		return nil, fmt.Errorf("issue certificate for recipient %s: %w", r.ID, err)
	}
	return p.each(ctx, e, "signature of "+r.ID, at, checkOnce, func(d envelope.Document, before []envelope.Revision, _ []byte) ([]byte, pades.Plan, error) {
		plan, err := planOf(before)
		if err != nil {
			return nil, plan, err
		}
		return pades.Approve(ctx, plan, actOf(e, d, r, act, ink, at), p.holder(holder), at)
	})
}

// Seal closes each document with the organisation's seal.
func (p *Papers) Seal(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error) {
	return p.each(ctx, e, "seal", at, checkTwice, func(d envelope.Document, before []envelope.Revision, _ []byte) ([]byte, pades.Plan, error) {
		plan, err := planOf(before)
		if err != nil {
			return nil, plan, err
		}
		return pades.Seal(ctx, plan, p.holder(p.authority(e).Sealer()), sealOf(e), at)
	})
}

type judging func(ctx context.Context, file []byte, roots []*x509.Certificate, at time.Time) error

type signing func(d envelope.Document, before []envelope.Revision, file []byte) ([]byte, pades.Plan, error)

// each appends one signature to every document of the envelope. The order is:
// the intent is in the audit log before the key is used; after it, other code
// checks the result; only then is it kept, and only a committed change gives it out.
func (p *Papers) each(ctx context.Context, e envelope.Envelope, what string, at time.Time, judge judging, sign signing) ([]envelope.Revision, error) {
	if err := p.intend(ctx, e, what); err != nil {
		return nil, err
	}
	revisions := make([]envelope.Revision, 0, len(e.Documents))
	for _, d := range e.Documents {
		before, err := p.Records.Revisions(ctx, e.ID, d.ID)
		if err != nil {
			return nil, err
		}
		file, err := p.file(ctx, before)
		if err != nil {
			return nil, err
		}
		increment, plan, err := sign(d, before, file)
		if err != nil {
			return nil, fmt.Errorf("make %s of document %s: %w", what, d.ID, err)
		}
		file = append(file, increment...)
		if err := judge(ctx, file, p.authority(e).Roots(), at); err != nil {
			return nil, fmt.Errorf("check %s of document %s: %w", what, d.ID, err)
		}
		packed, err := plan.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("pack plan of document %s: %w", d.ID, err)
		}
		revision, err := p.append(ctx, e, file, increment, d.ID, before[len(before)-1].Number+1, packed)
		if err != nil {
			return nil, err
		}
		revisions = append(revisions, revision)
	}
	return revisions, nil
}

// intend writes down what is about to be signed.
func (p *Papers) intend(ctx context.Context, e envelope.Envelope, what string) error {
	evidence := envelope.Evidence{Kind: envelope.NotedIntent, By: envelope.Hub, Detail: map[string]string{"what": what}}
	return p.Records.Note(ctx, e.ID, evidence)
}

// check verifies what was written from its own bytes, with no help from the plan.
func check(ctx context.Context, file []byte, roots []*x509.Certificate, at time.Time) (pades.Report, error) {
	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: roots, Now: at.Add(time.Minute), Strict: true})
	if err == nil && report.Verdict != pades.Unchanged {
		err = fmt.Errorf("the verdict is %s: %v", report.Verdict, report.Signatures)
	}
	return report, err
}

// checkOnce is enough between signatures: the last judgement covers them all again.
func checkOnce(ctx context.Context, file []byte, roots []*x509.Certificate, at time.Time) error {
	_, err := check(ctx, file, roots, at)
	return err
}

// checkTwice asks another implementation too, before a finished document is
// given out: in the jail, for it is not made for hostile files.
func checkTwice(ctx context.Context, file []byte, roots []*x509.Certificate, at time.Time) error {
	report, err := check(ctx, file, roots, at)
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
