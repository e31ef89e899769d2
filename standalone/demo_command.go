package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"chancery/demo"
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
	if err := c.play(ctx, running); err != nil {
		return err
	}
	fmt.Println()
	fmt.Println("  Everything held. See " + c.Out + ": signed.pdf, audit-trail.pdf, audit.json, mails, webhooks.jsonl, summary.json.")
	fmt.Println("  To look around, start the same hub with `make run`:")
	return running.Welcome(ctx, os.Stdout)
}

func (c *demoCommand) play(ctx context.Context, running *house.House) error {
	key, err := running.DemoKey(ctx)
	if err != nil {
		return err
	}
	dns, err := running.Hub.TXT()
	if err != nil {
		return err
	}
	_, err = demo.Run(ctx, demo.Options{
		Hub: running.URL(), Key: key, Outbox: running.Outbox(), PDF: c.PDF, Out: c.Out,
		DNS: dns, Progress: os.Stdout,
	})
	return err
}
