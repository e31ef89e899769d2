package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphans ends the server that a killed predecessor may have left running in dir.
// We start anew rather than adopt it: only our own child dies with us, and only a new
// one has our settings.
//
// PostgreSQL's processes all live in the data folder (it is their working directory),
// so /proc tells the truth where postmaster.pid may name a process that has since been
// replaced by a stranger with the same number.
func stopOrphans(ctx context.Context, dir string, log *slog.Logger) error {
	steps := []struct {
		signal, others syscall.Signal
		limit          time.Duration
	}{
		{syscall.SIGINT, syscall.SIGTERM, patience}, // fast for the postmaster, "end" for a lone backend
		{syscall.SIGQUIT, syscall.SIGQUIT, lastPatience},
		{syscall.SIGKILL, syscall.SIGKILL, lastPatience},
	}
	for _, step := range steps {
		pids, known := residents(dir)
		if !known {
			return nil // no /proc: PostgreSQL's own look at postmaster.pid has to do
		}
		if len(pids) == 0 {
			return forget(dir)
		}
		log.Warn("stop PostgreSQL left behind by an earlier run", "processes", pids, "signal", step.signal.String())
		tell(pids, postmaster(dir), step.signal, step.others)
		if err := awaitEmpty(ctx, dir, step.limit); err != nil {
			return err
		}
	}
	if pids, _ := residents(dir); len(pids) > 0 {
		return fmt.Errorf("stop PostgreSQL processes %v left behind in %s: they do not end", pids, dir)
	}
	return forget(dir)
}

// tell signals the postmaster, which ends its own children; without one it signals each.
func tell(pids []int, postmaster int, signal, others syscall.Signal) {
	if slices.Contains(pids, postmaster) {
		_ = syscall.Kill(postmaster, signal) // it may have ended this very moment
		return
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, others)
	}
}

// awaitEmpty waits until nobody lives in dir any more or the limit has passed.
func awaitEmpty(ctx context.Context, dir string, limit time.Duration) error {
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if pids, _ := residents(dir); len(pids) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL left behind in %s: %w", dir, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// forget removes what names a postmaster that is known to be gone: its pid file and the
// lock of its socket. PostgreSQL would refuse to start if a stranger had its number by
// now, or if nobody had yet collected the dead process.
func forget(dir string) error {
	locks, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "run", ".s.PGSQL.*.lock")) // the pattern is well formed
	for _, stale := range append(locks, filepath.Join(dir, "postmaster.pid")) {
		if err := os.Remove(stale); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove stale %s: %w", filepath.Base(stale), err)
		}
	}
	return nil
}

// postmaster reads the process number in the first line of postmaster.pid; 0 when there is none.
func postmaster(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return pid
}

// residents lists the PostgreSQL processes whose working directory is dir; known is
// false where the system has no /proc. A person's shell in the folder is not one of
// them, and zombies have no working directory.
func residents(dir string) (pids []int, known bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, false
	}
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && livesIn(entry.Name(), dir) {
			pids = append(pids, pid)
		}
	}
	return pids, true
}

func livesIn(pid, dir string) bool {
	cwd, err := os.Readlink(filepath.Join("/proc", pid, "cwd"))
	if err != nil || cwd != dir {
		return false
	}
	name, err := os.ReadFile(filepath.Join("/proc", pid, "comm"))
	return err == nil && strings.TrimSpace(string(name)) == "postgres"
}
