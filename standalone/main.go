// Command standalone is Chancery on one machine: everything it needs runs inside this
// process or as its child.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"chancery/jail"
)

type commands struct {
	Run    runCommand    `cmd:"" help:"Start the whole hub and stay."`
	Demo   demoCommand   `cmd:"" help:"Start the hub, do the main job once, leave the results and stop."`
	Bench  benchCommand  `cmd:"" help:"Measure a hub of its own, and the bare engine beside it."`
	Engine engineCommand `cmd:"" help:"Start PostgreSQL, the engine and the outbox, without the hub."`
}

// garbage lets memory grow to three times what is in use before it is cleared:
// the engine in this process makes much of it, and the whole stays small.
const garbage = 200

func main() {
	jail.Main()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	command := kong.Parse(&commands{},
		kong.Name("standalone"),
		kong.Description("Chancery on one machine."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(log),
	)
	command.FatalIfErrorf(command.Run())
}
