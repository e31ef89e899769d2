package pades

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"chancery/pades/pdf"
	"chancery/pades/trust"
	"chancery/pades/update"
	"chancery/problem"
)

// Proof is what lets a document be checked when nobody can be asked any more.
type Proof struct {
	Evidence    trust.Evidence // gathered after the last signature; see Gather
	Timestamper Timestamper    // for level B-LTA
}

// Close adds to a sealed document what its level promises: at B-LT a document
// security store with the evidence, at B-LTA a document timestamp over all of it
// as well (EN 319 142-1, 5.4.2 and 5.4.3). They are two increments in one piece, since
// validators look for the store in a revision before the timestamp. At lower
// levels there is nothing to add.
func Close(ctx context.Context, plan Plan, proof Proof) ([]byte, Plan, error) {
	switch {
	case !plan.Closed:
		return nil, plan, problem.Conflict("document_not_sealed", "This document is not sealed yet.")
	case !reaches(plan.Level, LevelLT):
		return nil, plan, nil
	case plan.Proofs != nil:
		return nil, plan, problem.Conflict("document_closed", "This document has its proofs already.")
	}
	increment, after, err := plan.prove(ctx, proof)
	if err != nil {
		return nil, plan, fmt.Errorf("close document: %w", err)
	}
	return increment, after, nil
}

// Renew adds the evidence for the newest document timestamp and a newer timestamp
// over the whole file, before the older one's certificate or algorithm ages
// (EN 319 142-1, 5.4.3). Only documents of level B-LTA can be renewed.
func Renew(ctx context.Context, plan Plan, proof Proof) ([]byte, Plan, error) {
	if plan.Stamps == 0 {
		return nil, plan, problem.Conflict("document_without_proofs", "This document holds no proofs that could be renewed.")
	}
	increment, after, err := plan.prove(ctx, proof)
	if err != nil {
		return nil, plan, fmt.Errorf("renew proofs of document: %w", err)
	}
	return increment, after, nil
}

// Reached is the level of the document as it stands.
func (p Plan) Reached() Level {
	switch {
	case p.Stamps > 0:
		return LevelLTA
	case p.Proofs != nil:
		return LevelLT
	case reaches(p.Level, LevelT):
		return LevelT
	}
	return LevelB
}

func (p Plan) prove(ctx context.Context, proof Proof) ([]byte, Plan, error) {
	stored, after, err := p.store(proof.Evidence)
	if err != nil || p.Level != LevelLTA {
		return stored, after, err
	}
	stamped, after, err := after.stamp(ctx, proof.Timestamper)
	return slices.Concat(stored, stamped), after, err
}

// proofs is the document security store (ISO 32000-2, 12.8.4.3), as it stands in
// the file.
type proofs struct {
	Ref   pdf.Ref `json:"ref"`
	Certs []kept  `json:"certs,omitempty"`
	CRLs  []kept  `json:"crls,omitempty"`
	OCSPs []kept  `json:"ocsps,omitempty"`
}

// kept is a stream of the store.
type kept struct {
	Ref    pdf.Ref `json:"ref"`
	Digest string  `json:"digest"` // SHA-256 of what is in it, hexadecimal
}

// store writes the store. It has no /VRI, which says what belongs to which
// signature and which no validator needs.
func (p Plan) store(evidence trust.Evidence) ([]byte, Plan, error) {
	catalog, err := p.Catalog.dict()
	if err != nil {
		return nil, p, err
	}
	u := update.New(p.State)
	next := proofs{}
	if p.Proofs != nil {
		next = *p.Proofs
	} else {
		next.Ref = u.Reserve()
		catalog["DSS"] = next.Ref
		p.Catalog = write(u, p.Catalog.Ref, catalog)
	}
	next.Certs = keep(u, next.Certs, evidence.Certificates)
	next.CRLs = keep(u, next.CRLs, evidence.CRLs)
	next.OCSPs = keep(u, next.OCSPs, evidence.OCSPs)
	u.Put(next.Ref, next.dict())
	p.Proofs = &next
	increment, state, err := u.End()
	p.State = state
	return increment, p, err
}

// keep adds what is not there yet. Nothing is taken out: it may prove what was
// proven with it.
func keep(u *update.Update, before []kept, more [][]byte) []kept {
	all := slices.Clone(before)
	for _, der := range more {
		digest := hex.EncodeToString(sum(der))
		if !slices.ContainsFunc(all, func(k kept) bool { return k.Digest == digest }) {
			all = append(all, kept{u.Add(deflated(pdf.Dict{}, der)), digest})
		}
	}
	return all
}

func (p proofs) dict() pdf.Dict {
	d := pdf.Dict{"Type": pdf.Name("DSS")}
	for key, streams := range map[pdf.Name][]kept{"Certs": p.Certs, "CRLs": p.CRLs, "OCSPs": p.OCSPs} {
		refs := make(pdf.Array, len(streams))
		for i, s := range streams {
			refs[i] = s.Ref
		}
		if len(refs) > 0 {
			d[key] = refs
		}
	}
	return d
}

func sum(data []byte) []byte {
	digest := sha256.Sum256(data)
	return digest[:]
}
