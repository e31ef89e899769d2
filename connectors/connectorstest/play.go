package connectorstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Play is what a client does with a stand-in, in its order. The clients that a system
// publishes play the same as ours, each with a stand-in of its own.
type Play []Scene

// Scene is one thing that a client does, and what it sees.
type Scene struct {
	Scene string
	Seen  any
}

// Say notes what was seen, as it reads in JSON.
func (p *Play) Say(t testing.TB, name string, seen any) {
	t.Helper()
	text, err := json.Marshal(seen)
	var plain any
	if err = errors.Join(err, json.Unmarshal(text, &plain)); err != nil {
		t.Fatal(err)
	}
	*p = append(*p, Scene{name, plain})
}

// Published is the play of the clients from npm: of testdata/clients.mjs, which prints a
// scene a line and finds what it is told in the environment under that name.
func Published(t testing.TB, name string, told any, packages ...string) Play {
	t.Helper()
	with, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "clients.mjs")
	node.Dir = installed(t, packages)
	node.Env = append(os.Environ(), name+"="+string(with))
	var faults bytes.Buffer
	node.Stderr = &faults
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s\n%s", err, out, faults.String())
	}
	var all Play
	for line := range strings.Lines(string(out)) {
		var s Scene
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		all = append(all, s)
	}
	return all
}

// installed is a folder with the script and the packages.
func installed(t testing.TB, packages []string) string {
	t.Helper()
	command := exec.Command("../../tools/npm-packages", packages...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("install %v of npm: %v", packages, err)
	}
	script, err := os.ReadFile("testdata/clients.mjs")
	folder := t.TempDir()
	if err = errors.Join(err, os.WriteFile(filepath.Join(folder, "clients.mjs"), script, 0o600),
		os.Symlink(filepath.Join(strings.TrimSpace(string(out)), "node_modules"), filepath.Join(folder, "node_modules"))); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Same holds our play to theirs, and what our stand-in holds at the end to theirs.
func Same(t testing.TB, theirs, ours Play, theirEnd, ourEnd string) {
	t.Helper()
	for i, s := range ours {
		if i >= len(theirs) || theirs[i].Scene != s.Scene {
			t.Fatalf("scene %d is %q with ours, and they have %d scenes", i, s.Scene, len(theirs))
		}
		if diff := cmp.Diff(theirs[i].Seen, s.Seen); diff != "" {
			t.Errorf("%s: they see (-) and we see (+):\n%s", s.Scene, diff)
		}
	}
	if len(theirs) != len(ours) {
		t.Errorf("they have %d scenes and we have %d", len(theirs), len(ours))
	}
	if diff := cmp.Diff(strings.Split(theirEnd, "\n"), strings.Split(ourEnd, "\n")); diff != "" {
		t.Errorf("at their end (-) there is not what is at ours (+):\n%s", diff)
	}
}
