package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Programs under test. The hub is built with the race detector when the tests are; a
// race that it reports fails the test that ran it.
type programs struct{ chancery, standalone string }

// built and ground are set once, before any test runs.
var (
	built  programs
	ground *foundation // the engine that most tests share
	home   household   // the keys and documents of the hub on it
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "end-to-end tests cannot begin:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	scratch, err := os.MkdirTemp("", "chancery-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(scratch)
	if err := os.Chmod(scratch, 0o711); err != nil { // PostgreSQL runs as somebody else and must pass
		return 1, err
	}
	if built, err = build(scratch); err != nil {
		return 1, err
	}
	if ground, err = layFoundation(filepath.Join(scratch, "shared")); err != nil {
		return 1, err
	}
	defer ground.stop()
	if home, err = settle(ground); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func build(scratch string) (programs, error) {
	p := programs{chancery: filepath.Join(scratch, "chancery"), standalone: "../bin/standalone"}
	if err := say("go", slices.Concat([]string{"build"}, raced, []string{"-o", p.chancery, "../cmd/chancery"})...); err != nil {
		return p, fmt.Errorf("build chancery: %w", err)
	}
	if _, err := os.Stat(p.standalone); err == nil {
		return p, nil
	}
	return p, say("make", "-C", "..", "bin/standalone")
}

// say runs a command and shows what it says only if it fails.
func say(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w: %s", name, args, err, out)
	}
	return nil
}

// need fails the test, in words, when a tool is not installed.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed; `make test-tools` installs it", tool)
		}
	}
}
