package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"chancery/standalone/foundation"
)

// stopLimit is how long an orderly stop may take before it becomes a hard one.
const stopLimit = 20 * time.Second

// engineCommand starts what a hub stands on and nothing of the hub: for tests, and for
// hubs that run in processes of their own.
type engineCommand struct {
	Data         string `required:"" type:"path" help:"Folder that holds the databases, keys and letters."`
	TemporalPort int    `default:"7233" help:"Port of the engine on 127.0.0.1; 0 picks a free one."`
	PgPort       int    `default:"5433" help:"Port of PostgreSQL on 127.0.0.1; 0 picks a free one."`
	SMTPPort     int    `name:"smtp-port" default:"1025" help:"Port that takes letters on 127.0.0.1; 0 picks a free one."`
	HTTPPort     int    `name:"http-port" default:"8025" help:"Port of the outbox page on 127.0.0.1; 0 picks a free one."`
}

// Run prints one line of JSON when everything is ready, and stays until ctx ends.
func (c *engineCommand) Run(ctx context.Context, log *slog.Logger) error {
	running, err := foundation.Start(ctx, foundation.Options{
		Folder:       c.Data,
		TemporalPort: c.TemporalPort,
		Loopback:     true,
		PostgresPort: c.PgPort,
		SMTPPort:     c.SMTPPort,
		HTTPPort:     c.HTTPPort,
		Log:          log,
	})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(running.Addresses); err != nil {
		return errors.Join(fmt.Errorf("print addresses: %w", err), stop(ctx, running))
	}
	select {
	case <-ctx.Done():
		return stop(ctx, running)
	case <-running.Broken():
		return errors.Join(errors.New("PostgreSQL ended on its own"), stop(ctx, running))
	}
}

func stop(ctx context.Context, running *foundation.Running) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return running.Stop(ctx)
}
