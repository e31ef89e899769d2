package pades_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chancery/pades"
)

func TestSO(t *testing.T) {
	d := newDesk(t)
	for _, path := range pdfsIn(t, corpus(t, "real", 175)) {
		data, _ := os.ReadFile(path)
		found, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue
		}
		signed, err := d.signAll(t, data, twoSigners(found.Pages[0].Width, found.Pages[0].Height), annSigns(), bobSigns())
		if err != nil {
			t.Error(err)
			continue
		}
		start := time.Now()
		report, err := d.verify(signed)
		if err != nil {
			t.Error(err)
		}
		own := time.Since(start)
		start = time.Now()
		err = pades.SecondOpinion(context.Background(), bytes.NewReader(signed), int64(len(signed)), report)
		took := time.Since(start)
		if err != nil || took > 200*time.Millisecond {
			t.Log(filepath.Base(path), len(data), own, took, err)
		}
	}
}
