package pades_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/pades/tsp"
)

func TestASecondImplementationAgrees(t *testing.T) {
	d := newDesk(t)
	for name, signed := range map[string][]byte{"B-B": d.agreement(t), "B-LTA": d.lasting(t)} {
		report, err := d.verify(signed)
		if err != nil || report.Verdict != pades.Unchanged || string(report.Level) != name {
			t.Fatalf("%s: %+v %v", name, report, err)
		}
		asked := func(report pades.Report) error {
			return pades.SecondOpinion(context.Background(), bytes.NewReader(signed), int64(len(signed)), report)
		}
		if err := asked(report); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, at := range []int{100, int(report.Signatures[len(report.Signatures)-1].Covers) - 10} {
			signed[at] ^= 1
			if asked(report) == nil {
				t.Errorf("%s: a file changed at %d has a good second opinion", name, at)
			}
			signed[at] ^= 1
		}
		for i := range report.Signatures {
			fewer := report
			fewer.Signatures = append(append([]pades.SignatureReport{}, report.Signatures[:i]...), report.Signatures[i+1:]...)
			if asked(fewer) == nil {
				t.Errorf("%s: signature %d, which only the other one finds, goes unnoticed", name, i)
			}
		}
	}
}

// lasting is an agreement of level B-LTA that was renewed once.
func (d desk) lasting(t *testing.T) []byte {
	t.Helper()
	ctx := context.Background()
	tsa := d.authority.TSA()
	stamper, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: tsa.Certificate, Chain: tsa.Chain, Key: tsa.Signer, Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1},
		Now: func() time.Time { return d.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	with := func(h pades.Holder) pades.Holder { h.Timestamper = stamper; return h }
	spec := twoSigners(paper.Width, paper.Height)
	spec.Level = pades.LevelLTA
	file := twoPages()
	more, plan, err := pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), spec, with(holder(d.authority.Certifier())), d.now)
	for _, act := range []pades.Act{annSigns(), bobSigns()} {
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, more...)
		more, plan, err = pades.Approve(ctx, plan, act, with(d.signer(t, act)), d.now)
	}
	for _, step := range []func() ([]byte, pades.Plan, error){
		func() ([]byte, pades.Plan, error) {
			return pades.Seal(ctx, plan, with(holder(d.authority.Sealer())), pades.SealSpec{Name: "Example Ltd"}, d.now)
		},
		func() ([]byte, pades.Plan, error) { return pades.Close(ctx, plan, d.proof(t, file, stamper)) },
		func() ([]byte, pades.Plan, error) { return pades.Renew(ctx, plan, d.proof(t, file, stamper)) },
	} {
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, more...)
		more, plan, err = step()
	}
	if err != nil {
		t.Fatal(err)
	}
	return append(file, more...)
}

func (d desk) proof(t *testing.T, file []byte, stamper pades.Timestamper) pades.Proof {
	t.Helper()
	evidence, err := pades.Gather(context.Background(), bytes.NewReader(file), int64(len(file)), d.roots(), d.authority)
	if err != nil {
		t.Fatal(err)
	}
	return pades.Proof{Evidence: evidence, Timestamper: stamper}
}
