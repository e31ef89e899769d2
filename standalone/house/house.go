// Package house is a whole hub on one machine: the foundation (PostgreSQL, the
// engine, the outbox) and the hub on top of it, serving and working in one process.
package house

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"chancery/hub"
	"chancery/mail"
	"chancery/postgres"
	"chancery/standalone/foundation"
	"chancery/team"
	"chancery/webhooks"
)

// Options say where the house stands.
type Options struct {
	Folder       string
	Listen       string // host:port of the API and the pages
	TemporalPort int    // on 127.0.0.1; 0 picks a free one
	SMTPPort     int
	OutboxPort   int
	SMTP         string            // host:port of another mail server; empty is the outbox
	Calls        int               // of a production team in any 60 s; 0 is the usual figure
	Metrics      string            // host:port of /metrics; empty serves none
	Region       string            // which of several deployments this is; empty is the usual one
	Regions      map[string]string // their addresses
	Operators    []string          // addresses of users who run the hub
	Log          *slog.Logger
	Progress     io.Writer
}

// Names of the house until somebody gives it better ones.
const (
	organisation = "Chancery Standalone"
	mailDomain   = "chancery.example"
	mailFrom     = "signing@chancery.example"
	hubRole      = "chancery"
)

// House is a hub that runs.
type House struct {
	Hub *hub.Hub

	options    Options
	team       team.Team
	bounces    string // host:port where letters come back
	foundation *foundation.Running
	stop       context.CancelFunc
	ended      chan error
}

// Start returns when everything answers. A second start takes seconds.
func Start(ctx context.Context, o Options) (*House, error) {
	h := &House{options: o, ended: make(chan error, 1)}
	if err := h.start(ctx); err != nil {
		return nil, errors.Join(err, h.Stop(context.WithoutCancel(ctx)))
	}
	return h, nil
}

func (h *House) start(ctx context.Context) (err error) {
	h.say("starting PostgreSQL and the engine …")
	h.foundation, err = foundation.Start(ctx, foundation.Options{
		Folder: h.options.Folder, TemporalPort: h.options.TemporalPort,
		SMTPPort: h.options.SMTPPort, HTTPPort: h.options.OutboxPort, Log: h.options.Log,
	})
	if err != nil {
		return err
	}
	at := h.foundation.Addresses
	if h.bounces, err = freeAddress(); err != nil {
		return err
	}
	h.foundation.Receiver.BounceTo(h.bounces)
	if err := postgres.Migrate(ctx, at.DatabaseOwnerURL, hubRole); err != nil {
		return err
	}
	h.say("starting the hub …")
	if h.Hub, err = hub.Open(ctx, h.config()); err != nil {
		return err
	}
	if err := h.settle(ctx); err != nil {
		return err
	}
	return h.live(ctx)
}

// freeAddress is one on this machine at which nobody listens yet.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func (h *House) config() hub.Config {
	at := h.foundation.Addresses
	return hub.Config{
		DatabaseURL:  at.DatabaseURL,
		Engine:       at.Temporal,
		Namespace:    at.Namespace,
		VaultDir:     filepath.Join(h.options.Folder, "vault"),
		KeyFile:      filepath.Join(h.options.Folder, "keys", "hub.key"),
		CacheDir:     filepath.Join(h.options.Folder, "cache"),
		PublicURL:    h.URL(),
		Region:       h.options.Region,
		Regions:      h.options.Regions,
		Operators:    h.options.Operators,
		Organisation: organisation,
		Mail:         mail.Relay{Addr: cmp.Or(h.options.SMTP, at.SMTP), Security: mail.Plain},
		Calls:        h.options.Calls,
		MailDomain:   mailDomain,
		MailFrom:     mailFrom,
		BounceListen: h.bounces,
		Webhooks:     webhooks.Policy{AllowLoopback: true, AllowHTTP: true},
		Log:          h.options.Log,
	}
}

// live serves and works until the house is stopped.
func (h *House) live(ctx context.Context) error {
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	go func() { h.ended <- h.Hub.Live(living, h.options.Listen, h.options.Metrics) }()
	return h.answering(ctx)
}

// answering waits until the pages can be reached.
func (h *House) answering(ctx context.Context) error {
	for {
		conn, err := net.DialTimeout("tcp", h.options.Listen, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-h.ended:
			h.ended <- err
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Wait returns when ctx ends or something that the house stands on does.
func (h *House) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-h.foundation.Broken():
		return errors.New("PostgreSQL ended on its own")
	case err := <-h.ended:
		h.ended <- err
		return err
	}
}

// Stop stops the hub first and then what it stands on. What was committed stays.
func (h *House) Stop(ctx context.Context) error {
	var failures []error
	if h.stop != nil {
		h.stop()
		failures = append(failures, <-h.ended)
	}
	if h.Hub != nil {
		h.Hub.Close()
	}
	if h.foundation != nil {
		failures = append(failures, h.foundation.Stop(ctx))
	}
	return errors.Join(failures...)
}

// URL is where the pages and the API are.
func (h *House) URL() string { return "http://" + h.options.Listen }

// Outbox is where the letters can be read.
func (h *House) Outbox() string { return h.foundation.Addresses.Outbox }

func (h *House) say(sentence string) { fmt.Fprintln(h.options.Progress, sentence) }
