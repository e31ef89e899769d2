package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/pprof"
	"time"

	"chancery/standalone/bench"
	"chancery/standalone/house"
	"chancery/team"
)

// benchCommand measures a hub of its own, in a folder of its own that is removed afterwards.
type benchCommand struct {
	Clients  int           `default:"16" help:"Clients that work at the same time."`
	Duration time.Duration `default:"30s" help:"How long each part runs."`
	Profile  string        `type:"path" help:"Leave a processor profile of the envelopes here, for go tool pprof."`
}

// settling is how long the hub is left alone before its memory at rest is read.
const settling = 30 * time.Second

func (c *benchCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	folder, err := os.MkdirTemp("", "chancery-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o711); err != nil { // PostgreSQL may run as another user
		return err
	}
	sink, err := bench.OpenSink()
	if err != nil {
		return err
	}
	defer sink.Close()
	running, err := house.Start(ctx, house.Options{
		Folder: folder, Listen: "127.0.0.1:18080", SMTP: sink.Address(), Calls: 1 << 20, Log: log, Progress: io.Discard,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopHouse(ctx, running)) }()
	return c.measure(ctx, running, sink)
}

func (c *benchCommand) measure(ctx context.Context, running *house.House, letters *bench.Sink) error {
	select {
	case <-time.After(settling):
	case <-ctx.Done():
		return ctx.Err()
	}
	rest, err := bench.ProcessMemory()
	if err != nil {
		return err
	}
	fmt.Printf("memory at rest          %7.0f MB\n", float64(rest)/(1<<20))
	_, key, err := running.Hub.CreateTeam(ctx, team.Team{Name: "Bench", Kind: team.Production})
	if err != nil {
		return err
	}
	options := bench.Options{Hub: running.URL(), Key: key, Letters: letters, Clients: c.Clients, Duration: c.Duration}
	warm := options
	warm.Duration = c.Duration / 6
	if _, err := bench.Run(ctx, warm); err != nil {
		return err
	}
	hub, err := c.profiled(func() (bench.Result, error) { return bench.Run(ctx, options) })
	if err != nil {
		return err
	}
	fmt.Printf("envelopes, two signers  %7.1f /s   (%d in %s, %d clients)\n", hub.Rate(), hub.Envelopes, hub.Took.Round(time.Millisecond), c.Clients)
	fmt.Printf("create and send         %7.1f ms p50 %7.1f ms p99\n", ms(bench.Share(hub.CreateSend, .5)), ms(bench.Share(hub.CreateSend, .99)))
	fmt.Printf("signing                 %7.1f ms p50 %7.1f ms p99\n", ms(bench.Share(hub.Sign, .5)), ms(bench.Share(hub.Sign, .99)))
	fmt.Printf("CPU per envelope        %7.4f s    (hub, engine, PostgreSQL and load generator)\n", hub.CPUEach().Seconds())
	bare, err := bench.Bare(ctx, running.Hub.Engine(), c.Clients, c.Duration)
	if err != nil {
		return err
	}
	fmt.Printf("bare engine, same shape %7.1f /s   (%.4f s CPU each)\n", bare.Rate(), bare.CPUEach().Seconds())
	fmt.Printf("share of the engine     %7.0f %%\n", 100*hub.Rate()/bare.Rate())
	return nil
}

// profiled watches where the processor's time goes, when somebody wants to know.
func (c *benchCommand) profiled(run func() (bench.Result, error)) (bench.Result, error) {
	if c.Profile == "" {
		return run()
	}
	file, err := os.Create(c.Profile)
	if err != nil {
		return bench.Result{}, err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return bench.Result{}, err
	}
	defer pprof.StopCPUProfile()
	return run()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
