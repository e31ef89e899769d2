package jail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// cells limits how many jobs run at a time: each may take a processor and
// Memory.
var cells = make(chan struct{}, max(2, min(8, runtime.NumCPU())))

// outcome is what is left of a child.
type outcome struct {
	reply
	file  []byte        // what it wrote beside its answer; nil for nothing
	cpu   time.Duration // that it used
	said  string        // on its standard error
	state *os.ProcessState
}

// run starts a child for the job and waits for it. An error means that we could
// not; what the file did to the child is in the outcome.
func run(ctx context.Context, job string, question any, r io.ReaderAt, size int64) (outcome, error) {
	if !opened.Load() {
		return outcome{}, errNotOpened
	}
	asked, err := json.Marshal(question)
	if err != nil {
		return outcome{}, fmt.Errorf("ask the jail to %s: %w", job, err)
	}
	select {
	case cells <- struct{}{}:
		defer func() { <-cells }()
	case <-ctx.Done():
		return outcome{}, fmt.Errorf("wait for a jail to %s: %w", job, ctx.Err())
	}
	c, err := furnish(r, size)
	if err != nil {
		return outcome{}, fmt.Errorf("furnish the jail to %s: %w", job, err)
	}
	defer c.clear()
	out, err := c.serve(ctx, job, asked)
	if err != nil {
		return outcome{}, fmt.Errorf("%s in the jail: %w", job, err)
	}
	return out, nil
}

// cell is all that a child can reach.
type cell struct {
	in, out *os.File // the file in question, and room for another one
	dir     string   // empty, its whole file system
}

func furnish(r io.ReaderAt, size int64) (c *cell, err error) {
	c = &cell{}
	defer func() {
		if err != nil {
			c.clear()
		}
	}()
	if c.in, err = memoryFile("in"); err != nil {
		return nil, err
	}
	if _, err = io.Copy(c.in, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("hand over %d bytes: %w", size, err)
	}
	if err = freeze(c.in); err != nil {
		return nil, err
	}
	if c.out, err = memoryFile("out"); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", name); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		_ = os.Chown(c.dir, nobody, nobody) // a root that may not do this keeps the child's place to itself
	}
	return c, nil
}

func (c *cell) clear() {
	for _, f := range []*os.File{c.in, c.out} {
		if f != nil {
			_ = f.Close()
		}
	}
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

// serve keeps its thread while the child lives: the child dies with the thread
// that started it, and the runtime ends threads when it likes.
func (c *cell) serve(ctx context.Context, job string, asked []byte) (outcome, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeoutCause(ctx, jobs[job].wall(), errOverdue)
	defer cancel()
	var said, answered limited
	said.room, answered.room = maxWords, maxAnswer
	cmd, err := c.start(func() *exec.Cmd {
		cmd := exec.CommandContext(ctx, itself)
		cmd.Args = []string{name, job}
		cmd.Env = environment
		cmd.Dir = c.dir
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &answered, &said
		cmd.ExtraFiles = []*os.File{c.in, c.out}
		cmd.WaitDelay = time.Second
		return cmd
	})
	if err != nil {
		return outcome{}, err
	}
	waited := cmd.Wait()
	if err := ctx.Err(); err != nil && !errors.Is(context.Cause(ctx), errOverdue) {
		return outcome{}, err
	}
	return c.collect(cmd.ProcessState, waited, answered.Bytes(), said.String())
}

var errOverdue = errors.New("the time by the clock is over")

func (c *cell) collect(state *os.ProcessState, waited error, answered []byte, said string) (outcome, error) {
	out := outcome{said: said, state: state, cpu: state.UserTime() + state.SystemTime()}
	if state.ExitCode() == exitUnfit {
		return out, fmt.Errorf("the child could not be confined: %s", said)
	}
	if waited == nil && len(answered) > 0 {
		if err := json.Unmarshal(answered, &out.reply); err != nil {
			return out, fmt.Errorf("read the answer: %w", err)
		}
	}
	for _, what := range out.Without {
		confess(what, nil)
	}
	info, err := c.out.Stat()
	if err != nil || info.Size() == 0 {
		return out, err
	}
	out.file = make([]byte, min(info.Size(), maxFile))
	_, err = c.out.ReadAt(out.file, 0)
	return out, err
}

// died says how, when there is no answer.
func (o outcome) died() error {
	return fmt.Errorf("the reader ended as %q after %s of processor time: %.300s", o.state, o.cpu.Round(time.Millisecond), o.said)
}

// limited keeps the beginning of what is written and throws the rest away.
type limited struct {
	bytes.Buffer
	room int
}

func (l *limited) Write(p []byte) (int, error) {
	kept := p[:min(len(p), l.room)]
	l.room -= len(kept)
	l.Buffer.Write(kept)
	return len(p), nil
}

// confessed remembers what the log has been told.
var confessed sync.Map

// confess says once what confines a child less than it should be.
func confess(what string, err error) {
	if _, told := confessed.LoadOrStore(what, true); !told {
		slog.Warn("documents are read in a jail without "+what, "error", err)
	}
}
