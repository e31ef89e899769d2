package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	// A fast shutdown writes a checkpoint; with 1 GB of log that takes seconds at most.
	patience = 30 * time.Second
	// An immediate shutdown writes nothing; the next start recovers from the log.
	lastPatience = 5 * time.Second
)

// process is a running postmaster.
type process struct {
	cmd  *exec.Cmd
	log  *journal
	done chan struct{} // closed when the postmaster has ended
}

// launch starts the postmaster on a leash: when we die, the kernel asks it for a fast
// shutdown (SIGINT), which loses nothing and leaves nothing to recover.
func launch(cmd *exec.Cmd, log *slog.Logger) (*process, error) {
	p := &process{cmd: cmd, log: &journal{log: log}, done: make(chan struct{})}
	leash(cmd.SysProcAttr, syscall.SIGINT)
	cmd.Stderr, cmd.WaitDelay = p.log, lastPatience
	started := make(chan error)
	go p.watch(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// watch stays on one thread from start to end: the kernel pulls the leash when the
// thread that made the child ends, not only when the process does.
func (p *process) watch(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // how it ended is in its own log
	}
}

// stop asks for a fast shutdown, then for an immediate one, then insists.
func (p *process) stop(ctx context.Context) error {
	p.log.setRunning(false)
	if p.endsAfter(ctx, syscall.SIGINT, patience) {
		return nil
	}
	late := context.WithoutCancel(ctx)
	if p.endsAfter(late, syscall.SIGQUIT, lastPatience) || p.endsAfter(late, syscall.SIGKILL, lastPatience) {
		return nil
	}
	return fmt.Errorf("stop PostgreSQL process %d: it does not end", p.cmd.Process.Pid)
}

func (p *process) endsAfter(ctx context.Context, signal syscall.Signal, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = p.cmd.Process.Signal(signal) // fails only when the process is gone, which is what we want
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
		return false
	}
}
