// Chancery: the hub that gets documents signed. This program serves, works,
// migrates and looks after the hub; `standalone` adds the engine and a database
// of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"chancery/jail"
	"chancery/problem"
)

type program struct {
	Serve        serve         `cmd:"" help:"Serve the API and the pages."`
	Worker       work          `cmd:"" help:"Do the work of the workflows; any number of these may run."`
	Migrate      migrate       `cmd:"" help:"Bring the database's schema up to date."`
	Ready        ready         `cmd:"" help:"Tell whether the hub on this machine is ready; for container probes."`
	Team         teams         `cmd:"" help:"Create and list teams."`
	User         users         `cmd:"" help:"Look after the people who sign in."`
	Key          keys          `cmd:"" help:"Create and revoke API keys."`
	Mapping      mappings      `cmd:"" help:"Look after mappings that are kept in files."`
	Mail         letters       `cmd:"" help:"Look after the hub's letters."`
	Access       access        `cmd:"" help:"Decide who may use the API."`
	Subscription subscriptions `cmd:"" help:"Look after what organisations have paid for."`
	Audit        trails        `cmd:"" help:"Check the evidence."`
	CA           authorities   `cmd:"" name:"ca" help:"Keep a CA of your own, offline; import a certificate that was bought."`
	Certificate  certificates  `cmd:"" help:"Look after the certificates that the hub has made."`
	Sign         sign          `cmd:"" help:"Sign a PDF, offline, to try it out."`
	Inspect      inspect       `cmd:"" help:"Look into a PDF as the hub does with uploads, offline."`
	Verify       verify        `cmd:"" help:"Judge the signatures of a PDF, offline."`
	Demo         play          `cmd:"" help:"Do the main job once against a running hub."`
}

func main() {
	jail.Main()
	var p program
	parsed := kong.Parse(&p,
		kong.Name("chancery"),
		kong.Description("A hub that gets documents signed. Every flag can be set by an environment variable."),
		kong.UsageOnError(),
		kong.DefaultEnvars("CHANCERY"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "chancery: "+sentence(err))
		os.Exit(exitCode(err))
	}
}

// exit is an error with the exit code that scripts may look at.
type exit struct {
	code int
	error
}

func exitCode(err error) int {
	var e exit
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}

func sentence(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) && p.Kind != problem.KindInternal {
		return p.Public
	}
	return err.Error()
}
