package pades_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

// What one hostile file may cost at most. Half a second is the most on an idle
// machine; the test must also hold on a crowded one under the race detector.
// Memory counts everything allocated, even what is free again.
const (
	hostileTime   = 20 * time.Second
	hostileMemory = 600 << 20
)

func TestHostileFilesEndInAReportOrARefusalWithinTheLimits(t *testing.T) {
	for _, path := range pdfsIn(t, corpus(t, "hostile", 31)) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			found, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data)))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d pages, %d objects, %v; %s, %d MB", len(found.Pages), found.Objects, err, took.Round(time.Millisecond), allocated>>20)
			if took > hostileTime || allocated > hostileMemory {
				t.Errorf("took %s and %d MB", took, allocated>>20)
			}
			var p *problem.Problem
			if err != nil && !errors.As(err, &p) {
				t.Errorf("an accident instead of a refusal: %v", err)
			}
		})
	}
}

func TestActiveContentIsRefused(t *testing.T) {
	dir := corpus(t, "hostile", 3)
	for _, name := range []string{"javascript-openaction.pdf", "launch-action.pdf", "submitform-xfa.pdf"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data))); err == nil || !found.Has("pdf_active_content") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
