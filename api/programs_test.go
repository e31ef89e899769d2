package api_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The program of docs/clients.md does what it says, and started twice it makes one envelope.
func TestTheGoProgramOfTheDocumentationWorks(t *testing.T) {
	s := open(t)
	text, err := os.ReadFile("../docs/clients.md")
	must(t, err)
	found := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(text)
	folder := t.TempDir()
	source, program := filepath.Join(folder, "main.go"), filepath.Join(folder, "example")
	must(t, os.WriteFile(source, found[1], 0o600))
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	hub := s.serve()
	out, err := s.example(hub, folder, program)
	must(t, err)
	s.hasDone(out)
	_, _ = s.example(hub, folder, program) // finds its envelope voided
	if list := s.sandbox.get("/v1/envelopes").want(200); len(list.at("envelopes").([]any)) != 1 {
		t.Errorf("started twice it has made %s", list.Body)
	}
}

// The client in TypeScript is made, checked and run as docs/clients.md says.
func TestTheTypeScriptClientIsMadeFromTheContractAndWorks(t *testing.T) {
	s := open(t)
	folder := typescript(t)
	hub := s.serve()
	for _, step := range []string{"generate", "build"} {
		run := exec.Command("npm", "run", "--silent", step)
		run.Dir, run.Env = folder, append(os.Environ(), "CONTRACT="+hub+"/openapi.yaml")
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("npm run %s: %v\n%s", step, err, out)
		}
	}
	out, err := s.example(hub, folder, "npm", "--silent", "start")
	must(t, err)
	s.hasDone(out)
	must(t, os.WriteFile(filepath.Join(folder, "wrong.ts"), []byte(`import { open } from "./hub.js"; await open("", "").GET("/v1/nothing", {});`), 0o600))
	check := exec.Command("node_modules/.bin/tsc", "--noEmit")
	check.Dir = folder
	if out, err := check.CombinedOutput(); err == nil || !strings.Contains(string(out), "/v1/nothing") {
		t.Errorf("a route that does not exist passes: %v\n%s", err, out)
	}
}

// example runs a program in the folder, which sends a document.
func (s *scene) example(hub, folder string, command ...string) (string, error) {
	s.t.Helper()
	must(s.t, os.WriteFile(filepath.Join(folder, "agreement.pdf"), onePage(""), 0o600))
	run := exec.CommandContext(s.t.Context(), command[0], append(command[1:], "agreement.pdf")...)
	run.Dir, run.Env, run.Stderr = folder, append(os.Environ(), "HUB="+hub, "KEY="+s.sandbox.key), s.t.Output()
	out, err := run.Output()
	return string(out), err
}

func (s *scene) hasDone(out string) {
	s.t.Helper()
	env := s.sandbox.get("/v1/envelopes").want(200).text("envelopes", 0, "id")
	want := env + " is sent. It waits for one recipient to act.\nunder way: " + env + "\n" + env + " is voided.\nrefused: envelope_sent_already\n"
	if out != want || !slices.Equal(s.desk.heard, []string{"send", "void The flat is gone."}) {
		s.t.Errorf("it says\n%swant\n%sand the desk heard %q", out, want, s.desk.heard)
	}
}

// typescript is a copy of the folder that the documentation offers, with the packages
// of its lock file and the receiver of webhooks beside it, so that its types are checked, too.
func typescript(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS("../docs/clients/typescript")))
	install := exec.Command("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent")
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	hooks, err := os.ReadFile("../docs/webhooks.md")
	receiver := regexp.MustCompile("(?s)```typescript\n(.*?)```").FindSubmatch(hooks)
	must(t, errors.Join(err, os.WriteFile(filepath.Join(folder, "receiver.ts"), receiver[1], 0o600)))
	return folder
}
