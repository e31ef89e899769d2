package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a program that runs beside the test.
type process struct {
	cmd   *exec.Cmd
	said  *journal
	ended chan struct{}
}

// launch starts a program on a leash: the kernel ends it when the test dies.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, said: &journal{}, ended: make(chan struct{})}
	cmd.Stderr = p.said
	if cmd.Stdout == nil {
		cmd.Stdout = p.said
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go p.watch(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return p, nil
}

// watch keeps its thread: the leash is pulled when the thread that started the child ends.
func (p *process) watch(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.ended)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}
}

// stopPatience is how long an orderly end may take: a worker lets its activities finish.
const stopPatience = time.Minute

// stop asks the process to end and returns its exit code.
func (p *process) stop() int {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	select {
	case <-p.ended:
	case <-time.After(stopPatience):
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only when it has ended
	<-p.ended
}

// attend stops the process with the test, shows what it said if the test failed,
// and fails the test if it reported a data race.
func (p *process) attend(t testing.TB, name string) *process {
	t.Helper()
	t.Cleanup(func() {
		p.stop()
		p.audit(t, name)
	})
	return p
}

func (p *process) audit(t testing.TB, name string) {
	if !p.race(t, name) && t.Failed() {
		t.Logf("%s said last:\n%s", name, lastLines(p.said.String(), 12))
	}
}

// race fails the test if the process has reported a data race.
func (p *process) race(t testing.TB, name string) bool {
	said := p.said.String()
	found := strings.Contains(said, "DATA RACE")
	if found {
		t.Errorf("%s has a data race:\n%s", name, said)
	}
	return found
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// journal keeps what a process says, its last megabyte at least.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const maxJournal = 1 << 20

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.text.Len() > 2*maxJournal {
		j.text.Next(maxJournal)
	}
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// eventually tries until it succeeds or patience ends, and fails the test then.
func eventually(t testing.TB, patience time.Duration, what string, try func() error) {
	t.Helper()
	if err := await(patience, try); err != nil {
		t.Fatalf("%s: still not after %s: %v", what, patience, err)
	}
}

func await(patience time.Duration, try func() error) error {
	end := time.Now().Add(patience)
	for {
		err := try()
		if err == nil || time.Now().After(end) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// environment is what every program is started with: nothing of the tester's own settings.
func environment(more ...string) []string {
	kept := []string{"GORACE=halt_on_error=0"}
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "CHANCERY_") {
			kept = append(kept, line)
		}
	}
	return append(kept, more...)
}
