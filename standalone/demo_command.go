package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"chancery/standalone/house"
)

// demoCommand starts the hub, does the main job once, and stops.
type demoCommand struct {
	houseOptions
	PDF string `name:"pdf" type:"existingfile" help:"A file to send in place of the demo's agreement."`
	Out string `default:"demo-out" type:"path" help:"Folder for the results."`
}

func (c *demoCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	running, err := house.Start(ctx, c.options(log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopHouse(ctx, running)) }()
	if err := running.Demo(ctx, c.PDF, c.Out); err != nil {
		return err
	}
	fmt.Println("\n  Everything held. Look into " + c.Out + ": signed.pdf, audit-trail.pdf, audit.json, mails, webhooks.jsonl, summary.json.")
	fmt.Println("  `make run` starts the same hub again and stays:")
	running.Welcome(os.Stdout)
	return nil
}
