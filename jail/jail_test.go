package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

// TestMain adds jobs that do what a parser should never do.
func TestMain(m *testing.M) {
	for name, work := range mischief {
		jobs["test/"+name] = job{work: work}
	}
	Main()
	os.Exit(m.Run())
}

var mischief = map[string]func(context.Context, visit) (any, error){
	"memory": func(context.Context, visit) (any, error) {
		var hoard [][]byte
		for {
			hoard = append(hoard, bytes.Repeat([]byte{1}, 1<<20))
			if len(hoard) > 1<<14 {
				return len(hoard), nil
			}
		}
	},
	"processor": func(context.Context, visit) (any, error) {
		for n := 0; ; n++ {
			if n < 0 {
				return n, nil
			}
		}
	},
	"panic": func(context.Context, visit) (any, error) { panic("a mistake of ours") },
	"stack": func(context.Context, visit) (any, error) { return deeper(1), nil },
	"touch": func(context.Context, visit) (any, error) { return touch(), nil },
	"flood": func(_ context.Context, v visit) (any, error) {
		for {
			if _, err := v.out.Write(make([]byte, 1<<20)); err != nil {
				return err.Error(), nil
			}
		}
	},
}

//lint:ignore SA5007 a stack without an end is what it is for
func deeper(n int) int { return 1 + deeper(n+1) }

// touch tries to reach something, and tells what it reached.
func touch() (reached []string) {
	try := func(what string, err error) {
		if err == nil {
			reached = append(reached, what)
		}
	}
	_, err := os.ReadFile("/etc/passwd")
	try("a file", err)
	_, err = os.ReadDir("/")
	try("a folder", err)
	try("a new file", os.WriteFile("x", nil, 0o600))
	_, err = net.Dial("udp", "127.0.0.1:53")
	try("the network", err)
	_, err = net.Listen("tcp", "127.0.0.1:0")
	try("a port", err)
	try("another program", exec.Command("/bin/true").Run())
	p, err := os.FindProcess(1)
	if err == nil {
		try("a process", p.Signal(os.Interrupt))
	}
	if len(os.Environ()) > len(environment) {
		reached = append(reached, "the environment")
	}
	return reached
}

func nothing() *bytes.Reader { return bytes.NewReader(nil) }

func TestACellHasNothingInIt(t *testing.T) {
	var reached []string
	if _, err := call(t.Context(), "test/touch", nil, nothing(), 0, &reached); err != nil || len(reached) > 0 {
		t.Errorf("reached %q: %v", reached, err)
	}
}

// A container may take any of root's rights away; what is left must do.
func TestACellHasNothingInItWhateverTheKernelRefuses(t *testing.T) {
	rights := []string{"-sys_admin", "-sys_admin,-sys_chroot", "-sys_admin,-sys_chroot,-setuid,-setgid,-chown"}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil || os.Getuid() != 0 {
		t.Skipf("skipped %d cases: only root with setpriv can give rights up", len(rights))
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range rights {
		out, err := exec.Command(setpriv, "--bounding-set", given, program, "-test.run", "^(TestACellHasNothingInIt|TestAnAnswerIsThatOfTheJobItself)$").CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("without namespaces")) {
			t.Errorf("%s: %v\n%s", given, err, out)
		}
	}
}

func TestAReaderThatNeverEndsIsStopped(t *testing.T) {
	for name, sign := range map[string]string{"memory": "out of memory|failed to allocate", "processor": "signal: killed", "stack": "stack"} {
		start := time.Now()
		_, err := call(t.Context(), "test/"+name, nil, nothing(), 0, nil)
		if !problem.Has(err, "pdf_too_complex") || !regexp.MustCompile(sign).MatchString(fmt.Sprint(err)) {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: stopped after %s: %.120s", name, time.Since(start).Round(time.Millisecond), err)
	}
}

func TestAPanicIsARefusal(t *testing.T) {
	if _, err := call(t.Context(), "test/panic", nil, nothing(), 0, nil); !problem.Has(err, "pdf_damaged") {
		t.Error(err)
	}
}

func TestAFileThatComesBackIsNeverEndless(t *testing.T) {
	file, err := call(t.Context(), "test/flood", nil, nothing(), 0, nil)
	if len(file) > maxFile {
		t.Errorf("%d bytes: %v", len(file), err)
	}
}

func TestACallerWhoLeavesTakesTheChildAlong(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := call(ctx, "test/processor", nil, nothing(), 0, nil)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

func page() []byte {
	d := paper.New("A page", time.Unix(0, 0))
	d.Title("A page")
	return d.Bytes()
}

func TestAnAnswerIsThatOfTheJobItself(t *testing.T) {
	file := page()
	found, err := Inspect(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil || len(found.Pages) != 1 {
		t.Errorf("%+v: %v", found, err)
	}
	if _, err := Inspect(t.Context(), strings.NewReader("Dear Ann"), 8); !problem.Has(err, "not_a_pdf") {
		t.Error(err)
	}
	report, err := Verify(t.Context(), bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Now: time.Now()})
	if err != nil || report.Verdict != pades.Unsigned {
		t.Errorf("%+v: %v", report, err)
	}
	if err := SecondOpinion(t.Context(), bytes.NewReader(file), int64(len(file)), report); !errors.Is(err, pades.ErrNoOpinion) {
		t.Error(err)
	}
}

func BenchmarkInspect(b *testing.B) {
	file := page()
	for b.Loop() {
		if _, err := Inspect(b.Context(), bytes.NewReader(file), int64(len(file))); err != nil {
			b.Fatal(err)
		}
	}
}
