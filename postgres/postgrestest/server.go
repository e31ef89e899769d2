// Package postgrestest gives tests a real PostgreSQL of their own: one server per
// test binary, one fresh, migrated database per test.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/postgres"
)

// Roles of the tests' databases: Owner migrates, Hub is what the hub logs in as.
const (
	Owner     = "chancery_owner"
	Hub       = "chancery"
	superuser = "postgres"
	template  = "chancery_template"
)

// server is a running PostgreSQL that listens on a socket in dir and nowhere else.
type server struct {
	dir   string
	leash io.Closer // never closed by us: see watch
}

// running is started by the first test that needs it.
var running = sync.OnceValues(start)

// watch runs the server for as long as its standard input is open. The tests hold
// the other end, so however they end, the server ends too and leaves nothing behind.
const watch = `
	"$0/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c fsync=off -c full_page_writes=off \
		-c max_connections=200 -c log_min_messages=fatal -c autovacuum=off >"$1/log" 2>&1 &
	server=$!
	cat >/dev/null
	kill -QUIT $server
	wait $server
	rm -rf "$1"`

func start() (server, error) {
	bin, err := binaries()
	if err != nil {
		return server{}, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return server{}, err
	}
	who, err := unprivileged(dir)
	if err != nil {
		return server{}, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", filepath.Join(dir, "data"), "--username", superuser,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = who, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return server{}, fmt.Errorf("make private postgresql: %w: %s", err, out)
	}
	run := exec.Command("/bin/sh", "-c", watch, bin, dir)
	run.SysProcAttr, run.Dir = who, dir
	leash, err := run.StdinPipe()
	if err != nil {
		return server{}, err
	}
	if err := run.Start(); err != nil {
		return server{}, fmt.Errorf("start private postgresql: %w", err)
	}
	s := server{dir, leash}
	return s, s.prepare()
}

// binaries finds where PostgreSQL's programs lie; Debian keeps them out of PATH.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	for _, initdb := range found {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(real), nil
		}
	}
	return "", errors.New("find initdb: PostgreSQL is not installed; on Debian: apt install postgresql")
}

// unprivileged hands dir to another user when we are root, as whom PostgreSQL refuses to run.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the tests; the server ends after them
	if os.Getuid() != 0 {
		return attr, nil
	}
	other, err := user.Lookup("postgres")
	if err != nil {
		other, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, errUID := strconv.Atoi(other.Uid)
	gid, errGID := strconv.Atoi(other.Gid)
	if err := errors.Join(errUID, errGID, os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, nil
}

func (s server) url(role, database string) string {
	return fmt.Sprintf("host=%s user=%s dbname=%s sslmode=disable", s.dir, role, database)
}

// prepare waits for the server and makes the database that all others are copies of.
func (s server) prepare() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range []string{
		`create role ` + Owner + ` login`,
		`create role ` + Hub + ` login`,
		`create database ` + template + ` owner ` + Owner,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare private postgresql: %w", err)
		}
	}
	return postgres.Migrate(ctx, s.url(Owner, template), Hub)
}

func (s server) connect(ctx context.Context) (*pgx.Conn, error) {
	for {
		conn, err := pgx.Connect(ctx, s.url(superuser, "postgres"))
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return nil, fmt.Errorf("wait for private postgresql: %w: %s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
