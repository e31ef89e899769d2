// Package foundation is what a hub on one machine stands on: PostgreSQL, the engine and
// an outbox for letters, started and stopped together in one data folder.
package foundation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"chancery/problem"
	"chancery/standalone/cluster"
	"chancery/standalone/engine"
	"chancery/standalone/outbox"
)

// Options say where the foundation lives and at which ports of 127.0.0.1 it is found; a
// port 0 picks a free one.
type Options struct {
	Folder       string
	TemporalPort int
	SMTPPort     int
	HTTPPort     int // the outbox page

	// PostgreSQL is reached by its socket, which the data folder hides from other users;
	// Loopback opens it on PostgresPort too, with passwords.
	Loopback     bool
	PostgresPort int

	// Sealer protects letters on the disk; nil takes the key file keys/outbox.key.
	Sealer outbox.Sealer
	Log    *slog.Logger
}

// Addresses is how others reach a running foundation.
type Addresses struct {
	DatabaseOwnerURL string `json:"database_owner_url"` // for migrations
	DatabaseURL      string `json:"database_url"`       // for the hub
	Temporal         string `json:"temporal"`           // host:port
	Namespace        string `json:"namespace"`
	SMTP             string `json:"smtp"`   // host:port
	Outbox           string `json:"outbox"` // URL
}

// Running is a foundation that is up.
type Running struct {
	Addresses Addresses
	Outbox    *outbox.Outbox
	Receiver  *outbox.Receiver

	cluster *cluster.Cluster
	engine  *engine.Engine
	page    *http.Server
}

// Start starts everything and returns when all of it can be used; on an existing folder
// within a second or two. What it started is stopped again when a later part fails.
func Start(ctx context.Context, options Options) (*Running, error) {
	r := &Running{}
	if err := r.start(ctx, options); err != nil {
		return nil, errors.Join(err, r.Stop(context.WithoutCancel(ctx)))
	}
	return r, nil
}

func (r *Running) start(ctx context.Context, options Options) (err error) {
	if r.cluster, err = startCluster(ctx, options); err != nil {
		return err
	}
	r.engine, err = engine.Start(ctx, engine.Options{
		Store:      r.cluster.TemporalURL(cluster.DatabaseTemporal),
		Visibility: r.cluster.TemporalURL(cluster.DatabaseVisibility),
		Port:       options.TemporalPort,
		Log:        options.Log,
	})
	if err != nil {
		return err
	}
	if err := r.startOutbox(options); err != nil {
		return err
	}
	r.Addresses.DatabaseOwnerURL, r.Addresses.DatabaseURL = r.cluster.OwnerURL(), r.cluster.HubURL()
	r.Addresses.Temporal, r.Addresses.Namespace = r.engine.Address(), engine.Namespace
	return nil
}

// socketPort only names the socket when PostgreSQL is not reached by a port.
const socketPort = 5432

func startCluster(ctx context.Context, options Options) (*cluster.Cluster, error) {
	port := socketPort
	if options.Loopback {
		port = options.PostgresPort
		listener, err := listen("the database", port) // held just long enough to know that it is free
		if err != nil {
			return nil, err
		}
		port = listener.Addr().(*net.TCPAddr).Port
		listener.Close()
	}
	return cluster.Start(ctx, cluster.Options{
		Folder: options.Folder, Port: port, Loopback: options.Loopback, Log: options.Log,
	})
}

func (r *Running) startOutbox(options Options) (err error) {
	sealer := options.Sealer
	if sealer == nil {
		if sealer, err = outbox.OpenKeyFile(filepath.Join(options.Folder, "keys", "outbox.key")); err != nil {
			return err
		}
	}
	if r.Outbox, err = outbox.Open(filepath.Join(options.Folder, "outbox"), sealer); err != nil {
		return err
	}
	letters, err := listen("letters", options.SMTPPort)
	if err != nil {
		return err
	}
	r.Receiver = outbox.Receive(letters, r.Outbox, options.Log)
	r.Addresses.SMTP = letters.Addr().String()
	return r.startPage(options)
}

func (r *Running) startPage(options Options) error {
	listener, err := listen("the outbox page", options.HTTPPort)
	if err != nil {
		return err
	}
	r.page = &http.Server{
		Handler:           outbox.LocalOnly(outbox.NewPage(r.Outbox, options.Log)),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(options.Log.Handler(), slog.LevelDebug),
	}
	r.Addresses.Outbox = "http://" + listener.Addr().String()
	go r.page.Serve(listener) // ends with ErrServerClosed when we stop it
	return nil
}

// Stop stops everything in the order in which one part needs another: letters, the
// engine, PostgreSQL. What was committed stays.
func (r *Running) Stop(ctx context.Context) error {
	var failures []error
	if r.page != nil {
		failures = append(failures, r.page.Shutdown(ctx))
	}
	if r.Receiver != nil {
		failures = append(failures, r.Receiver.Stop(ctx))
	}
	if r.engine != nil {
		failures = append(failures, r.engine.Stop())
	}
	if r.cluster != nil {
		failures = append(failures, r.cluster.Stop(ctx))
	}
	return errors.Join(failures...)
}

// Broken is closed when PostgreSQL ends, asked to or not: without it nothing goes on.
func (r *Running) Broken() <-chan struct{} { return r.cluster.Ended() }

func listen(purpose string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, problem.Conflict("port_taken", fmt.Sprintf(
			"Port %d on 127.0.0.1, wanted for %s, is taken; please choose another one.", port, purpose)).Because(err)
	}
	return listener, nil
}
