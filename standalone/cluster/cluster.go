// Package cluster runs a private PostgreSQL from the programs this machine has.
//
// The cluster lives in a data folder: postgres/ (PostgreSQL's own), run/ (its socket,
// closed to other users), keys/postgres.json (one password for each role) and lock.
// It belongs to this process: it starts with us, it is asked to stop when we die, and
// what a killed predecessor left behind is stopped before we start.
package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/problem"
)

// longestFolder is how long, in bytes, the path of a data folder may be: a socket's whole
// path must fit into the 108 bytes of sockaddr_un, and ours ends in /run/.s.PGSQL.65535.
const longestFolder = 85

// startLimit bounds the wait for readiness; recovery after a crash replays up to max_wal_size.
const startLimit = 2 * time.Minute

// Options say where the cluster lives and who can reach it.
type Options struct {
	Folder   string // the data folder; made if missing
	Loopback bool   // also listen on 127.0.0.1, for other processes of this machine
	Port     int    // the port; with Loopback it must be free on 127.0.0.1
	Log      *slog.Logger
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	options   Options
	passwords passwords
	process   *process
	lock      *os.File
}

// Start makes the cluster if there is none, starts it, and returns when its databases
// and roles can be used. It fails with a problem when PostgreSQL is not installed, when
// another process uses the folder, or when the folder cannot serve.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	folder, err := prepareFolder(options.Folder)
	if err != nil {
		return nil, err
	}
	options.Folder = folder
	lock, err := lockFolder(folder)
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: options, lock: lock}
	if err := c.start(ctx); err != nil {
		lock.Close()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) (err error) {
	if c.passwords, err = loadPasswords(c.options.Folder); err != nil {
		return err
	}
	who, err := chooseAccount(c.dir())
	if err != nil {
		return err
	}
	major, err := majorOf(c.dir())
	if err != nil {
		return err
	}
	programs, err := findBinaries(ctx, major)
	if err != nil {
		return err
	}
	if major == 0 {
		if err := create(ctx, programs, who, c.dir(), c.passwords.Superuser); err != nil {
			return err
		}
	}
	if err := stopOrphans(ctx, c.dir(), c.options.Log); err != nil {
		return err
	}
	return c.open(ctx, programs, who)
}

// open starts the postmaster and makes it fit for use.
func (c *Cluster) open(ctx context.Context, programs binaries, who account) error {
	if err := who.folder(c.socketFolder()); err != nil {
		return err
	}
	args := []string{"-D", c.dir()}
	for _, setting := range settings(c.socketFolder(), c.options.Port, c.options.Loopback) {
		args = append(args, "-c", setting)
	}
	// Not bound to ctx: the postmaster outlives the call that starts it.
	cmd := command(context.WithoutCancel(ctx), who, c.dir(), programs.postgres(), args...)
	process, err := launch(cmd, c.options.Log)
	if err != nil {
		return err
	}
	c.process = process
	if err := c.ready(ctx); err != nil {
		_ = process.stop(ctx) // the first error says more
		return err
	}
	process.log.setRunning(true)
	return nil
}

func (c *Cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := c.answers(ctx); err != nil {
		return err
	}
	return c.provide(ctx)
}

// answers waits until PostgreSQL takes connections.
func (c *Cluster) answers(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, c.superuserURL())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.process.done:
			return fmt.Errorf("start PostgreSQL in %s: it ended: %s", c.dir(), c.process.log.said())
		case <-ctx.Done():
			return fmt.Errorf("wait for PostgreSQL in %s: %w", c.dir(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends PostgreSQL, which closes what connections are left. It is fast within ctx
// and harder after it; nothing committed is lost either way.
func (c *Cluster) Stop(ctx context.Context) error {
	defer c.lock.Close()
	return c.process.stop(ctx)
}

// Ended is closed when PostgreSQL is no longer there, asked to or not.
func (c *Cluster) Ended() <-chan struct{} { return c.process.done }

// OwnerURL is how migrations connect: the owner of the hub's database.
func (c *Cluster) OwnerURL() string { return c.url(RoleOwner, c.passwords.Owner, DatabaseHub) }

// HubURL is how the hub connects: a role that may do what the migrations grant it.
func (c *Cluster) HubURL() string { return c.url(RoleHub, c.passwords.Hub, DatabaseHub) }

// TemporalURL is how the engine connects to one of its databases, always by the socket.
func (c *Cluster) TemporalURL(database string) string {
	return c.socketURL(RoleTemporal, c.passwords.Temporal, database)
}

func (c *Cluster) superuserURL() string {
	return c.socketURL("postgres", c.passwords.Superuser, "postgres")
}

func (c *Cluster) url(role, password, database string) string {
	if !c.options.Loopback {
		return c.socketURL(role, password, database)
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Path: "/" + database,
		Host: "127.0.0.1:" + strconv.Itoa(c.options.Port), RawQuery: "sslmode=disable"}
	return u.String()
}

func (c *Cluster) socketURL(role, password, database string) string {
	query := url.Values{"host": {c.socketFolder()}, "port": {strconv.Itoa(c.options.Port)}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Path: "/" + database,
		Host: "localhost", RawQuery: query.Encode()}
	return u.String()
}

func (c *Cluster) dir() string          { return filepath.Join(c.options.Folder, "postgres") }
func (c *Cluster) socketFolder() string { return filepath.Join(c.options.Folder, "run") }

// prepareFolder makes the data folder and returns its one true path. Others may pass
// through it but not look around: PostgreSQL may have to run as somebody else.
func prepareFolder(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", fmt.Errorf("find data folder: %w", err)
	}
	if err := os.MkdirAll(folder, 0o711); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return "", fmt.Errorf("find data folder: %w", err)
	}
	if len(folder) > longestFolder || strings.ContainsRune(folder, ',') {
		return "", problem.Invalid("data_folder_unsuitable", fmt.Sprintf(
			"The data folder's path may be %d bytes long at most and holds no comma, or PostgreSQL cannot open its socket there: %s", longestFolder, folder))
	}
	return folder, nil
}
