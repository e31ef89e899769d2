package judges

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// clerk is one process with PDFBox and Bouncy Castle, slow to start, for many files.
type clerk struct {
	mu      sync.Mutex
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startClerk(t *testing.T) *clerk {
	t.Helper()
	classes := t.TempDir()
	run(t, "javac", "-nowarn", "-Xlint:none", "-cp", "/usr/share/java/*", "-d", classes, "testdata/Judge.java")
	c := &clerk{process: exec.Command("java", "-XX:+UseSerialGC", "-Xmx512m", "-cp", classes+":/usr/share/java/*", "Judge")}
	in, err := c.process.StdinPipe()
	must(t, err)
	out, err := c.process.StdoutPipe()
	must(t, err)
	c.in, c.out = in, bufio.NewReader(out)
	must(t, c.process.Start())
	t.Cleanup(func() {
		_ = c.in.Close()
		_ = c.process.Wait()
	})
	return c
}

// ask sends one question and waits for its answer. A clerk that takes too long is
// dismissed, and all questions after that fail.
func (c *clerk) ask(root, path string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clock := time.AfterFunc(patience, func() { _ = c.process.Process.Kill() })
	defer clock.Stop()
	if _, err := fmt.Fprintf(c.in, "%s\t%s\n", root, path); err != nil {
		return "", fmt.Errorf("ask PDFBox: %w", err)
	}
	answer, err := c.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("hear PDFBox: %w", err)
	}
	return strings.TrimSpace(answer), nil
}

// pdfbox wants as many signatures, timestamps of signatures and document
// timestamps, each with a path to our root that was valid at its time.
func (b *bench) pdfbox(path string, signatures, tokens, stamps int) error {
	answer, err := b.clerk.ask(b.root, path)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("ok %d %d %d", signatures, tokens, stamps); answer != want {
		return fmt.Errorf("%s, want %s", answer, want)
	}
	return nil
}
