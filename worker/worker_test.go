package worker_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"chancery/activities"
	"chancery/worker"
)

// Everything is registered before the engine is asked for anything, so a step that
// cannot be registered would show here as well.
func TestAWorkerWithoutAnEngineSaysSo(t *testing.T) {
	quiet := log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	engine, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	if err := worker.Run(t.Context(), engine, &activities.Desk{}, &activities.Clerk{}); err == nil || !strings.Contains(err.Error(), "start worker") {
		t.Errorf("it says %v", err)
	}
}
