package cluster

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/problem"
)

func TestRowsOutliveARestart(t *testing.T) {
	folder := dataFolder(t)
	first := start(t, folder)
	run(t, first.OwnerURL(), "create table kept (word text)")
	run(t, first.OwnerURL(), "insert into kept values ('row')")
	stop(t, first)

	began := time.Now()
	second := start(t, folder)
	t.Logf("second start took %s", time.Since(began))
	if got := ask(t, second.OwnerURL(), "select word from kept"); got != "row" {
		t.Fatalf("read %q, want row", got)
	}
}

func TestRowsOutliveKilledServers(t *testing.T) {
	for name, kill := range map[string]func(*Cluster){
		"the postmaster is killed":       func(c *Cluster) { _ = syscall.Kill(c.process.cmd.Process.Pid, syscall.SIGKILL) },
		"every server process is killed": func(c *Cluster) { killAll(c.dir()) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := dataFolder(t)
			first := start(t, folder)
			run(t, first.OwnerURL(), "create table kept (word text)")
			run(t, first.OwnerURL(), "insert into kept values ('row')")
			kill(first)
			<-first.Ended()
			first.lock.Close()
			second := start(t, folder)
			if got := ask(t, second.OwnerURL(), "select word from kept"); got != "row" {
				t.Fatalf("read %q, want row", got)
			}
		})
	}
}

func TestAServerLeftRunningIsStoppedAndReplaced(t *testing.T) {
	folder := dataFolder(t)
	first := start(t, folder)
	run(t, first.OwnerURL(), "create table kept (word text)")
	conn, err := pgx.Connect(t.Context(), first.OwnerURL()) // a client that hangs on must not keep the orphan alive
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	orphan := first.process.cmd.Process.Pid
	first.lock.Close() // all that its owner's death would have done here

	second := start(t, folder)
	if second.process.cmd.Process.Pid == orphan {
		t.Fatal("the orphan was adopted")
	}
	<-first.Ended()
	ask(t, second.OwnerURL(), "select count(*)::text from kept")
}

func TestAPidFileThatNamesAStrangerDoesNotStopTheStart(t *testing.T) {
	folder := dataFolder(t)
	stop(t, start(t, folder))
	stranger := exec.Command("sleep", "60")
	stranger.Dir = filepath.Join(folder, "postgres") // not even one who sits in our folder is touched
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stranger.Wait() }()
	defer stranger.Process.Kill()
	pidFile := filepath.Join(folder, "postgres", "postmaster.pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, folder)
	select {
	case <-ended:
		t.Fatal("a stranger was killed")
	default:
	}
}

func TestASecondOneOnTheSameFolderIsRefused(t *testing.T) {
	folder := dataFolder(t)
	first := start(t, folder)
	_, err := Start(t.Context(), Options{Folder: folder, Port: 5432, Log: slog.Default()})
	if !problem.Has(err, "data_folder_in_use") {
		t.Fatalf("got %v, want data_folder_in_use", err)
	}
	ask(t, first.HubURL(), "select 'still here'")
}

func TestRootStepsDownToAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root steps down")
	}
	c := start(t, dataFolder(t))
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.process.cmd.Process.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	if uid := field(string(status), "Uid:"); uid == "0" || uid == "" {
		t.Fatalf("PostgreSQL runs as user %q", uid)
	}
	if groups := field(string(status), "Groups:"); groups != "" {
		t.Fatalf("PostgreSQL kept the groups %q of root", groups)
	}
}

func TestAFolderPostgreSQLCannotReachIsExplained(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root's folders are out of PostgreSQL's reach")
	}
	closed := filepath.Join(dataFolder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Folder: filepath.Join(closed, "data"), Port: 5432, Log: slog.Default()})
	if !problem.Has(err, "data_folder_out_of_reach") {
		t.Fatalf("got %v, want data_folder_out_of_reach", err)
	}
}

func TestEachRoleReachesItsOwnAndNothingElse(t *testing.T) {
	c := start(t, dataFolder(t))
	ask(t, c.HubURL(), "select 'welcome'")
	ask(t, c.TemporalURL(DatabaseVisibility), "select 'welcome'")
	for name, attempt := range map[string]struct{ url, sql string }{
		"the hub makes no tables":                {c.HubURL(), "create table t (n int)"},
		"the hub stays out of the engine":        {c.socketURL(RoleHub, c.passwords.Hub, DatabaseTemporal), "select 1"},
		"the engine stays out of the hub":        {c.TemporalURL(DatabaseHub), "select 1"},
		"nobody enters with a wrong password":    {c.socketURL(RoleHub, "guess", DatabaseHub), "select 1"},
		"the owner of the hub makes no roles":    {c.OwnerURL(), "create role intruder"},
		"not even the superuser needs no secret": {c.socketURL("postgres", "", "postgres"), "select 1"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := try(t, attempt.url, attempt.sql); err == nil {
				t.Fatal("it was allowed")
			}
		})
	}
}

func TestLoopbackAsksForAPassword(t *testing.T) {
	c, err := Start(t.Context(), Options{Folder: dataFolder(t), Port: 15467, Loopback: true, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	if got := ask(t, c.HubURL(), "select host(inet_server_addr())"); got != "127.0.0.1" {
		t.Fatalf("reached %q, want 127.0.0.1", got)
	}
	if err := try(t, strings.Replace(c.HubURL(), c.passwords.Hub, "guess", 1), "select 1"); err == nil {
		t.Fatal("a wrong password was taken")
	}
}

func TestTheRightPostgreSQLIsChosen(t *testing.T) {
	have := []binaries{{"/18", 18}, {"/15", 15}, {"/11", 11}}
	for name, tt := range map[string]struct {
		found []binaries
		major int
		want  string
	}{
		"a new cluster takes the newest":                {have, 0, "/18"},
		"an old cluster takes its own":                  {have, 15, "/15"},
		"a cluster without its version is refused":      {have, 16, ""},
		"a new cluster never takes one that is too old": {have[2:], 0, ""},
		"nothing installed is refused":                  {nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(tt.found, tt.major)
			if got.folder != tt.want || (err != nil) != (tt.want == "") {
				t.Fatalf("got %q, %v; want %q", got.folder, err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), "please install") {
				t.Fatalf("%v does not say what to install", err)
			}
		})
	}
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

func start(t *testing.T, folder string) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Folder: folder, Port: 5432, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

func killAll(dir string) {
	pids, _ := residents(dir)
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func try(t *testing.T, url, sql string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), sql)
	return err
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	if err := try(t, url, sql); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var answer string
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func field(status, name string) string {
	_, rest, _ := strings.Cut(status, name)
	line, _, _ := strings.Cut(rest, "\n")
	first, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
	return first
}
