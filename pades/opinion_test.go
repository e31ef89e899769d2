package pades_test

import (
	"bytes"
	"context"
	"testing"

	"chancery/pades"
)

func TestASecondImplementationAgrees(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	report, err := d.verify(signed)
	if err != nil || report.Verdict != pades.Unchanged {
		t.Fatalf("%+v %v", report, err)
	}
	size := int64(len(signed))
	if err := pades.SecondOpinion(context.Background(), bytes.NewReader(signed), size, report); err != nil {
		t.Fatal(err)
	}
	signed[100] ^= 1
	if err := pades.SecondOpinion(context.Background(), bytes.NewReader(signed), size, report); err == nil {
		t.Error("a changed file has a good second opinion")
	}
	signed[100] ^= 1
	report.Signatures = report.Signatures[:3]
	if err := pades.SecondOpinion(context.Background(), bytes.NewReader(signed), size, report); err == nil {
		t.Error("a signature that only the other one finds goes unnoticed")
	}
}
