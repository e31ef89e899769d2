package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"chancery/standalone/house"
)

// houseOptions are what run and demo share.
type houseOptions struct {
	Data   string `default:"data" type:"path" help:"Folder that holds everything: databases, documents, keys, letters."`
	Listen string `default:"127.0.0.1:8080" help:"Address of the API and the pages."`
	Ports  ports  `embed:""`

	MetricsListen string `help:"Address of /metrics; empty serves none."`

	Operators []string `help:"Addresses of users who run the hub; each needs two-factor authentication."`

	Region  string            `default:"eu" help:"Which of several deployments this is."`
	Regions map[string]string `mapsep:"," placeholder:"NAME=URL" help:"Where all deployments are, such as eu=http://127.0.0.1:8080,us=http://127.0.0.1:8081."`
}

type ports struct {
	TemporalPort int `default:"7233" help:"Port of the engine on 127.0.0.1; 0 picks a free one."`
	SMTPPort     int `name:"smtp-port" default:"1025" help:"Port that takes letters on 127.0.0.1; 0 picks a free one."`
	HTTPPort     int `name:"http-port" default:"8025" help:"Port of the outbox page on 127.0.0.1; 0 picks a free one."`
}

func (o houseOptions) options(log *slog.Logger) house.Options {
	return house.Options{
		Folder: o.Data, Listen: o.Listen, Metrics: o.MetricsListen, Region: o.Region, Regions: o.Regions, Operators: o.Operators,
		TemporalPort: o.Ports.TemporalPort, SMTPPort: o.Ports.SMTPPort, OutboxPort: o.Ports.HTTPPort,
		Log: log, Progress: os.Stdout,
	}
}

// runCommand starts the whole hub and stays.
type runCommand struct {
	houseOptions
	NewKey bool `help:"Make another API key of the sandbox team and print it, once."`
}

func (c *runCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	running, err := house.Start(ctx, c.options(log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopHouse(ctx, running)) }()
	if c.NewKey {
		if err := running.NewKey(ctx); err != nil {
			return err
		}
	}
	running.Welcome(os.Stdout)
	fmt.Println("  stop       Ctrl-C; everything is kept in " + c.Data)
	return running.Wait(ctx)
}

func stopHouse(ctx context.Context, running *house.House) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return running.Stop(ctx)
}
