package pades_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

// ofFormOne is the plan as it was stored before documents had levels.
func ofFormOne(t *testing.T, plan pades.Plan) pades.Plan {
	t.Helper()
	data, err := plan.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	for _, newer := range []string{"level", "catalog", "acroForm", "stamp", "proofs", "stamps"} {
		delete(members, newer)
	}
	members["form"] = json.RawMessage("1")
	if data, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	var old pades.Plan
	if err := old.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	return old
}

func TestADocumentBegunBeforeLevelsGoesOnToItsSeal(t *testing.T) {
	d := newDesk(t)
	spec := twoSigners(paper.Width, paper.Height)
	spec.Level = pades.LevelB
	file, plan := d.certified(t, spec)
	p := &paperwork{desk: d, t: t, file: file, plan: ofFormOne(t, plan)}
	for _, act := range []pades.Act{annSigns(), bobSigns()} {
		if err := p.took(pades.Approve(t.Context(), p.plan, act, d.signer(t, act), d.now)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.took(pades.Seal(t.Context(), p.plan, holder(d.authority.Sealer()), pades.SealSpec{Name: "Example Ltd"}, d.now)); err != nil {
		t.Fatal(err)
	}
	if p.plan.Form != 1 {
		t.Errorf("the plan is now of form %d", p.plan.Form)
	}
	p.wantUnchanged(pades.LevelB)
	before := bytes.Clone(p.file)
	if err := p.took(pades.Close(t.Context(), p.plan, pades.Proof{})); err != nil || !bytes.Equal(before, p.file) {
		t.Errorf("closing at B-B answers %v and adds %d bytes", err, len(p.file)-len(before))
	}
}

func TestAPlanWithoutTheCatalogTakesNoProofs(t *testing.T) {
	p, err := signed(t, twoPages(), pades.LevelLT)
	if err != nil {
		t.Fatal(err)
	}
	p.plan.Catalog = nil
	if err := p.prove(pades.Close); !problem.Has(err, "plan_without_catalog") {
		t.Errorf("the answer is %v", err)
	}
}
