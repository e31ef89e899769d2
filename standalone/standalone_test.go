package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"chancery/jail"
	"chancery/standalone/foundation"
)

// asProgram makes the test binary be the program itself.
const asProgram = "CHANCERY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	jail.Main()
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestEverythingOutlivesAnOrderlyRestart(t *testing.T) {
	restart(t, func(p *program) { p.end(syscall.SIGTERM) })
}

func TestEverythingOutlivesAKill(t *testing.T) {
	restart(t, func(p *program) { p.end(syscall.SIGKILL) })
}

func TestEverythingOutlivesAKillOfAllProcesses(t *testing.T) {
	restart(t, func(p *program) {
		servers := postgresIn(p.folder)
		p.end(syscall.SIGKILL)
		for _, pid := range servers {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
}

// restart keeps a row, a workflow and a letter, ends the program its way, and looks for
// them in the next one.
func restart(t *testing.T, end func(*program)) {
	folder := dataFolder(t)
	first := start(t, folder)
	execute(t, first.DatabaseOwnerURL, "create table kept (word text)")
	execute(t, first.DatabaseOwnerURL, "insert into kept values ('row')")
	begin(t, first.Temporal)
	post(t, first.SMTP)
	end(first)

	began := time.Now()
	second := start(t, folder)
	t.Logf("next start took %s", time.Since(began))
	if got := ask(t, second.DatabaseOwnerURL, "select word from kept"); got != "row" {
		t.Errorf("the table says %q, want row", got)
	}
	if got := finish(t, second.Temporal); got != "went on" {
		t.Errorf("the workflow says %q, want went on", got)
	}
	if letters := letters(t, second.Outbox); len(letters) != 1 || letters[0]["message_id"] != "<one@example.com>" {
		t.Errorf("the outbox has %v, want the one letter", letters)
	}
	began = time.Now()
	if code := second.end(syscall.SIGTERM); code != 0 {
		t.Errorf("an orderly end exits with %d, want 0", code)
	}
	t.Logf("stop took %s", time.Since(began))
	if left := postgresIn(folder); len(left) != 0 {
		t.Errorf("PostgreSQL processes %v are left", left)
	}
}

func TestPostgreSQLEndsWithAKilledProgram(t *testing.T) {
	p := start(t, dataFolder(t))
	p.end(syscall.SIGKILL)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if len(postgresIn(p.folder)) == 0 {
			return
		}
	}
	t.Fatalf("PostgreSQL processes %v live on", postgresIn(p.folder))
}

func TestTheProgramEndsWhenPostgreSQLIsKilled(t *testing.T) {
	p := start(t, dataFolder(t))
	for _, pid := range postgresIn(p.folder) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if code := p.wait(); code == 0 {
		t.Fatal("it ended as if all were well")
	}
}

func TestASecondProgramOnTheSameFolderIsToldWhy(t *testing.T) {
	p := start(t, dataFolder(t))
	second := command(t, p.folder)
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Another Chancery is already running") {
		t.Fatalf("got %v: %s", err, out)
	}
	ask(t, p.DatabaseURL, "select 'still here'")
}

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	p := start(t, dataFolder(t))
	for _, path := range []string{"keys/postgres.json", "keys/outbox.key"} {
		info, err := os.Stat(filepath.Join(p.folder, path))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", path, info.Mode(), err)
		}
	}
	for _, path := range []string{"keys", "run", "outbox", "postgres"} {
		info, err := os.Stat(filepath.Join(p.folder, path))
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, %v; want 0700", path, info.Mode(), err)
		}
	}
}

// program is a running child.
type program struct {
	foundation.Addresses
	folder string
	cmd    *exec.Cmd
	ended  chan struct{}
}

func command(t *testing.T, folder string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "engine", "--data", folder,
		"--temporal-port", "0", "--pg-port", "0", "--smtp-port", "0", "--http-port", "0")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

func start(t *testing.T, folder string) *program {
	t.Helper()
	p := &program{folder: folder, cmd: command(t, folder), ended: make(chan struct{})}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, readErr := bufio.NewReader(out).ReadBytes('\n')
	go func() { defer close(p.ended); _ = p.cmd.Wait() }()
	t.Cleanup(func() { p.end(syscall.SIGTERM) })
	if readErr != nil {
		t.Fatalf("the program said %q: %v", line, readErr)
	}
	if err := json.Unmarshal(line, &p.Addresses); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *program) end(signal os.Signal) int {
	_ = p.cmd.Process.Signal(signal)
	return p.wait()
}

func (p *program) wait() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// patient waits for the word to go on.
func patient(ctx workflow.Context) (string, error) {
	workflow.GetSignalChannel(ctx, "go").Receive(ctx, nil)
	return "went on", nil
}

func begin(t *testing.T, address string) {
	t.Helper()
	c := dial(t, address)
	defer c.Close()
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "patient", TaskQueue: "q"}, patient); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, address string) (said string) {
	t.Helper()
	c := dial(t, address)
	defer c.Close()
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(patient)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if err := c.SignalWorkflow(t.Context(), "patient", "", "go", nil); err != nil {
		t.Fatal(err)
	}
	if err := c.GetWorkflow(t.Context(), "patient", "").Get(t.Context(), &said); err != nil {
		t.Fatal(err)
	}
	return said
}

func dial(t *testing.T, address string) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: address, Namespace: "chancery"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func post(t *testing.T, address string) {
	t.Helper()
	letter := "From: a@example.com\r\nSubject: hello\r\nMessage-ID: <one@example.com>\r\n\r\nbody\r\n"
	if err := smtp.SendMail(address, nil, "a@example.com", []string{"b@example.com"}, []byte(letter)); err != nil {
		t.Fatal(err)
	}
}

func letters(t *testing.T, outbox string) (list []map[string]any) {
	t.Helper()
	response, err := http.Get(outbox + "/letters")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return list
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, url, sql string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// postgresIn lists the processes that live in a data folder's cluster.
func postgresIn(folder string) (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == filepath.Join(folder, "postgres") {
			if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// dataFolder is one that any user may pass through; t.TempDir is not when root runs us.
func dataFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "chancery-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	return folder
}
