package papers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"chancery/envelope"
	"chancery/pades"
	"chancery/pades/tsp"
)

// close adds the proofs that a document's level promises to one that has been
// sealed. They cannot wait: evidence is gathered while it is there.
func (h *House) close(ctx context.Context, sealed []byte, plan pades.Plan) ([]byte, pades.Plan, time.Time, error) {
	return h.prove(ctx, sealed, plan, pades.Close)
}

func (h *House) renew(ctx context.Context, file []byte, plan pades.Plan) ([]byte, pades.Plan, time.Time, error) {
	return h.prove(ctx, file, plan, pades.Renew)
}

type proving func(context.Context, pades.Plan, pades.Proof) ([]byte, pades.Plan, error)

// prove tells, too, when the newest timestamp must be renewed; zero is never.
func (h *House) prove(ctx context.Context, file []byte, plan pades.Plan, how proving) ([]byte, pades.Plan, time.Time, error) {
	var proof pades.Proof
	var ends ending
	if plan.Level == pades.LevelLT || plan.Level == pades.LevelLTA {
		evidence, err := pades.Gather(ctx, bytes.NewReader(file), int64(len(file)), h.roots(), h)
		if err != nil {
			return nil, plan, time.Time{}, fmt.Errorf("gather evidence: %w", err)
		}
		ends.Timestamper = h.timestamper()
		proof = pades.Proof{Evidence: evidence, Timestamper: &ends}
	}
	increment, after, err := how(ctx, plan, proof)
	return increment, after, renewAt(ends.made, ends.at), err
}

// ending remembers when the certificate of its last timestamp ends.
type ending struct {
	pades.Timestamper
	made, at time.Time
}

func (e *ending) Timestamp(ctx context.Context, digest []byte) ([]byte, error) {
	der, err := e.Timestamper.Timestamp(ctx, digest)
	if err != nil {
		return nil, err
	}
	token, err := tsp.Parse(der)
	if err != nil {
		return nil, err
	}
	e.made, e.at = token.Time, token.Certificate.NotAfter
	return der, nil
}

// When proofs are renewed.
const (
	// renewalMargin is how long before a timestamp's certificate ends it is renewed:
	// enough for an authority that is away for weeks.
	renewalMargin = 90 * 24 * time.Hour
	// renewalAge is the oldest a timestamp may get: lists of algorithms look six
	// years ahead at most (ETSI TS 119 312).
	renewalAge = 5 * 365 * 24 * time.Hour
)

// renewAt is when a timestamp made at one time, whose certificate ends at another,
// is due; one with a short life gets half of it.
func renewAt(made, ends time.Time) time.Time {
	if made.IsZero() {
		return time.Time{}
	}
	due := ends.Add(-renewalMargin)
	if half := made.Add(ends.Sub(made) / 2); due.Before(half) {
		due = half
	}
	if old := made.Add(renewalAge); old.Before(due) {
		return old
	}
	return due
}

// Lasting tells whether the proofs in the envelope's documents are kept up. Those
// of a sandbox are for trying out.
func (p *Papers) Lasting(e envelope.Envelope) bool {
	return p.Level == pades.LevelLTA && !e.Test
}

// Renew adds a newer timestamp, and the evidence for the last one, to a finished document.
func (p *Papers) Renew(ctx context.Context, e envelope.Envelope, documentID string, at time.Time) (envelope.Revision, error) {
	d, ok := e.Document(documentID)
	if !ok {
		return envelope.Revision{}, errors.New("renew document: it is not in the envelope")
	}
	what := "renewal of proofs"
	if err := p.intend(ctx, e, what); err != nil {
		return envelope.Revision{}, err
	}
	return p.one(ctx, e, d, what, at, checkTwice, func(before []envelope.Revision, file []byte) (made, error) {
		plan, err := planOf(before)
		if err != nil {
			return made{}, err
		}
		increment, plan, due, err := p.house(e).renew(ctx, file, plan)
		return made{increment, plan, due}, err
	})
}
