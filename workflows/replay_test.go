package workflows_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"chancery/workflows"
)

// Envelopes stay open for up to a year, so the workflow of today meets histories that
// the one of last year has written. These were recorded on a real engine (see
// record_test.go); a change that cannot replay them needs workflow.GetVersion.
func TestTheWorkflowStillReadsWhatItOnceWrote(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 8 {
		t.Fatalf("only %d histories: %v", len(files), err)
	}
	quiet := log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(workflows.Envelope, workflow.RegisterOptions{Name: workflows.EnvelopeName})
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(quiet, file); err != nil {
				t.Error(err)
			}
		})
	}
}

// Histories in the tree hold invented people only, and can be read.
func TestRecordedHistoriesAreNotSealed(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"recorder"`, `"anNvbi9wbGFpbg=="`} { // json/plain
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s does not say %s", file, want)
			}
		}
	}
}
