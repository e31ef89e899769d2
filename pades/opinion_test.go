package pades_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chancery/pades"
)

func TestASecondImplementationAgrees(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	report, err := d.verify(signed)
	if err != nil || report.Verdict != pades.Intact {
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

func TestTheSecondImplementationReadsNearlyAllRealFiles(t *testing.T) {
	d := newDesk(t)
	asked, slowest := 0, time.Duration(0)
	var mute []string
	for _, path := range pdfsIn(t, corpus(t, "real", 175)) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue
		}
		signed, err := d.signAll(t, data, twoSigners(found.Pages[0].Width, found.Pages[0].Height), annSigns(), bobSigns())
		if err != nil {
			t.Fatal(err)
		}
		report, err := d.verify(signed)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err = pades.SecondOpinion(context.Background(), bytes.NewReader(signed), int64(len(signed)), report)
		slowest = max(slowest, time.Since(start))
		asked++
		if errors.Is(err, pades.ErrNoOpinion) {
			mute = append(mute, filepath.Base(path))
		} else if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	t.Logf("asked %d times, at most %s, no opinion on %v", asked, slowest, mute)
	if len(mute) > 2 {
		t.Errorf("%d files cannot be read", len(mute))
	}
}
