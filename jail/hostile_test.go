package jail

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

// cost is what one file took of its children.
type cost struct {
	cpu    time.Duration
	memory int64 // bytes; 0 when the child did not live to tell
	died   bool
}

func (c *cost) add(out outcome) {
	c.cpu = max(c.cpu, out.cpu)
	c.memory = max(c.memory, out.Peak)
	c.died = c.died || !out.state.Exited()
}

// priced sends a file through the jobs that an upload goes through, and verify.
func priced(t *testing.T, data []byte, damaged bool) (paid cost) {
	t.Helper()
	jobs := map[string]any{"normalise": normaliseQuestion{}, "verify": verifyQuestion{Now: time.Now()}}
	if path, err := exec.LookPath(mender); err == nil && damaged {
		jobs["mend"] = mendQuestion{Path: path}
	}
	for job, question := range jobs {
		out, err := run(t.Context(), job, question, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", job, err)
			continue
		}
		paid.add(out)
	}
	return paid
}

// Every hostile file, of the corpus and of our own making, ends in a report or in
// a refusal with a reason, within the limits, and the process that asked does not
// notice.
func TestHostileFilesEndInAReportOrARefusal(t *testing.T) {
	all := bombs()
	for _, path := range corpusOrNone(t, "hostile", 31) {
		all[filepath.Base(path)] = func() []byte { return read(t, path) }
	}
	before := heap()
	t.Logf("%-32s %9s  %-42s %8s %7s", "file", "bytes", "what becomes of it", "cpu", "memory")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		tryHostile(t, name, all[name]())
	}
	if grown := int64(heap()) - int64(before); grown > 64<<20 {
		t.Errorf("the asking process grew by %d MB", grown>>20)
	}
}

func tryHostile(t *testing.T, name string, data []byte) {
	t.Helper()
	start := time.Now()
	result, err := Normalise(t.Context(), bytes.NewReader(data), int64(len(data)), "")
	took := time.Since(start)
	fate := "unchanged"
	var p *problem.Problem
	switch {
	case errors.As(err, &p) && p.Kind != problem.KindInternal:
		fate = "refused: " + p.Code
	case err != nil:
		t.Errorf("%s: an accident instead of a reason: %v", name, err)
	case result.File != nil:
		fate = "normalised"
		if s := result.Kept.Severity(); s == pades.Refused || s == pades.Normalised {
			t.Errorf("%s is kept in spite of %v", name, result.Kept.Reasons)
		}
	}
	if room != Memory {
		t.Logf("%-32s %9d  %-42s the race detector spoils the price", name, len(data), fate)
		return
	}
	paid := priced(t, data, result.Found.Has("pdf_damaged") || problem.Has(err, "pdf_damaged"))
	if paid.died {
		fate += " (stopped)"
	}
	t.Logf("%-32s %9d  %-42s %8s %4d MB", name, len(data), fate, paid.cpu.Round(time.Millisecond), paid.memory>>20)
	if paid.cpu > CPU+time.Second || paid.memory > room+(64<<20) || took > 3*Wall {
		t.Errorf("%s cost %+v and took %s", name, paid, took)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
