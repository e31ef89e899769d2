package pades_test

import (
	"bytes"
	"context"
	"testing"

	"chancery/pades"
)

func TestASecondImplementationAgrees(t *testing.T) {
	for _, level := range pades.Levels() {
		name := string(level)
		p, err := proven(t, twoPages(), level)
		if err == nil && level == pades.LevelLTA {
			err = p.prove(pades.Renew)
		}
		if err != nil {
			t.Fatal(err)
		}
		signed, report := p.file, p.verdict()
		want := pades.Unchanged
		if level == pades.LevelLT { // its store follows the last signature
			want = pades.Permitted
		}
		if report.Verdict != want || report.Level != level {
			t.Fatalf("%s: %+v", name, report)
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
