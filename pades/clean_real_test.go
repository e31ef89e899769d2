package pades_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

func TestRealFilesThatAreNormalisedCanBeSigned(t *testing.T) {
	dir := corpus(t, "real", 25)
	d := newDesk(t)
	j := d.judges(t)
	count := 0
	for _, path := range pdfsIn(t, dir) {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := inspected(file); found.Severity() != pades.Normalised {
			continue
		}
		count++
		t.Run(filepath.Base(path), func(t *testing.T) { d.cleanAndSign(t, j, path, file) })
	}
	t.Logf("cleaned and signed %d files", count)
	if count != 25 {
		t.Errorf("%d files to be normalised, want 25", count)
	}
}

func (d desk) cleanAndSign(t *testing.T, j *judges, path string, file []byte) {
	clean, removed := cleaned(t, file)
	t.Logf("%d bytes became %d, without %v", len(file), len(clean), removed)
	found, err := inspected(clean)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := cleaned(t, clean); !bytes.Equal(again, clean) {
		t.Error("cleaning again changes it")
	}
	if err := sameLook(t, file, clean); err != nil {
		t.Error(err)
	}
	signed, err := d.signAll(t, clean, twoSigners(found.Pages[0].Width, found.Pages[0].Height), annSigns(), bobSigns())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.accept(t, signed, 4, j.clean(path)); err != nil {
		t.Error(err)
	}
	if report, err := d.verify(signed); err != nil || report.Verdict != pades.Unchanged || len(report.Signatures) != 4 {
		t.Errorf("our own verdict: %+v %v", report, err)
	}
}

// What Inspect accepts is never cleaned in life; here it shows that nothing but
// active content gets lost.
func TestRealFilesLookTheSameAfterCleaning(t *testing.T) {
	dir := corpus(t, "real", 146)
	j := newDesk(t).judges(t)
	count := 0
	for _, path := range pdfsIn(t, dir) {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inspected(file); err != nil {
			continue
		}
		count++
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			clean, _ := cleaned(t, file)
			if err := sameLook(t, file, clean); err != nil {
				t.Error(err)
			}
			if j.clean(path) {
				if err := j.accept(t, clean, 0, true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	t.Logf("rewrote %d files", count)
}

// sameLook compares the pages as poppler draws them. A wish to have all fields
// drawn anew does not count: certifying takes it away as well.
func sameLook(t *testing.T, before, after []byte) error {
	t.Helper()
	before = bytes.ReplaceAll(before, []byte("/NeedAppearances true"), []byte("/NeedAppearances null"))
	pages := [2][]byte{}
	for i, file := range [][]byte{before, after} {
		cmd := exec.Command("pdftoppm", "-r", "50", "-")
		cmd.Stdin = bytes.NewReader(file)
		out, err := cmd.Output()
		if errors.Is(err, exec.ErrNotFound) {
			t.Log("pdftoppm is not installed: looks are not compared")
			return nil
		}
		if err != nil || len(out) == 0 {
			return fmt.Errorf("draw pages: %d bytes, %w", len(out), err)
		}
		pages[i] = out
	}
	if !bytes.Equal(pages[0], pages[1]) {
		return errors.New("the pages look different")
	}
	return nil
}

func TestHostileFilesAreCleanedOrRefusedWithinTheLimits(t *testing.T) {
	for _, path := range pdfsIn(t, corpus(t, "hostile", 31)) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		clean, removed, err := pades.Clean(context.Background(), bytes.NewReader(data), int64(len(data)))
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes without %v, %v; %s, %d MB", filepath.Base(path), len(clean), removed, err, took.Round(time.Millisecond), allocated>>20)
		if took > hostileTime || allocated > hostileMemory {
			t.Errorf("%s took %s and %d MB", filepath.Base(path), took, allocated>>20)
		}
		var p *problem.Problem
		if err != nil && !errors.As(err, &p) {
			t.Errorf("%s: an accident instead of a refusal: %v", filepath.Base(path), err)
		}
	}
}
