// Package demo does the main job once, as the people and programs around the hub
// would: a program sends an agreement, four people sign it in a browser's way, a
// subscriber hears of it, and everything that came of it is checked and left in a
// folder. Their names are of four scripts, so that one sees how each is set.
//
// It knows the hub only from outside: the API, the pages, the letters.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options of a run.
type Options struct {
	Hub      string            // address of the hub
	Key      string            // API key of a sandbox team whose preset addresses hold the cast
	Outbox   string            // address of the outbox that keeps the letters
	PDF      string            // a file to send in place of our own agreement; may be empty
	Out      string            // the folder for the results
	DNS      map[string]string // TXT records to publish, by name: what the letters are verified with
	Progress io.Writer
	Patience time.Duration // for anything that the hub does by itself; 0 is a minute
}

// The cast. A sandbox writes only to its preset addresses, these among them.
var (
	Zoe      = Player{Name: "Zoë Žižková", Email: "zoe@example.com", Zone: "Europe/Prague", Place: "Brno", ref: "zoe", hand: "flowing"}
	Muhammad = Player{Name: "محمد بن سلمان", Email: "muhammad@example.com", Zone: "Asia/Riyadh", Place: "الرياض", ref: "muhammad", hand: "flowing"}
	Taro     = Player{Name: "山田 太郎", Email: "taro@example.com", Zone: "Asia/Tokyo", Place: "京都", ref: "taro", hand: "pen"}
	Khai     = Player{Name: "Nguyễn Thị Minh Khai", Email: "khai@example.com", Zone: "Asia/Ho_Chi_Minh", Place: "Hà Nội", ref: "khai"}
)

// cast lists the players in the order in which they sign: Zoë first, then the others.
var cast = []Player{Zoe, Muhammad, Taro, Khai}

// Player is somebody in the demo.
type Player struct {
	Name, Email string
	Zone        string // IANA name
	Place       string // where they sign, in their own letters
	ref         string
	hand        string // the handwriting of a typed signature; without one they draw
}

// Preset are the addresses that the demo's team must be allowed to write to.
func Preset() []string {
	all := make([]string, len(cast))
	for i, p := range cast {
		all[i] = p.Email
	}
	return all
}

// Summary is what is left in summary.json.
type Summary struct {
	Envelope     string             `json:"envelope"`
	Document     string             `json:"document"`
	Pages        int                `json:"pages"`
	Milliseconds map[string]float64 `json:"milliseconds"`
	Verification Verification       `json:"verification"`
	Letters      int                `json:"letters"`
	Webhooks     int                `json:"webhooks"`
}

// run is one run of the demo.
type run struct {
	Options
	api     *caller
	hooks   *subscriber
	last    lastPage
	files   map[string][]byte // collected, by name
	mails   [][]byte
	summary Summary
}

// Run does the whole job and fails when anything, verification included, does not hold.
func Run(ctx context.Context, o Options) (Summary, error) {
	if o.Patience == 0 {
		o.Patience = time.Minute
	}
	if err := os.MkdirAll(filepath.Join(o.Out, "mails"), 0o755); err != nil {
		return Summary{}, fmt.Errorf("make folder for the results: %w", err)
	}
	r := &run{Options: o, api: newCaller(o.Hub, o.Key), files: map[string][]byte{}, summary: Summary{Milliseconds: map[string]float64{}}}
	hooks, err := subscribe(ctx, r.api)
	if err != nil {
		return Summary{}, err
	}
	r.hooks = hooks
	err = r.play(ctx)
	return r.summary, errors.Join(err, hooks.close(ctx, r.api), r.writeJSON("summary.json", r.summary))
}

type step struct {
	name string
	do   func(context.Context) error
}

// play is the story.
func (r *run) play(ctx context.Context) error {
	story := []step{{"upload", r.upload}, {"send", r.send}}
	for _, p := range cast {
		story = append(story, step{p.ref + " signs", func(ctx context.Context) error { return r.sign(ctx, p) }})
	}
	story = append(story, step{"hear of completion", r.hear}, step{"collect", r.collect}, step{"verify", r.verify})
	for _, step := range story {
		started := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		took := time.Since(started)
		r.summary.Milliseconds[step.name] = float64(took.Microseconds()) / 1000
		fmt.Fprintf(r.Progress, "  ✓ %-20s %7.1f ms\n", step.name, r.summary.Milliseconds[step.name])
	}
	return nil
}

func (r *run) write(name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(r.Out, name), data, 0o644); err != nil {
		return fmt.Errorf("leave %s: %w", name, err)
	}
	return nil
}

func (r *run) writeJSON(name string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return r.write(name, append(data, '\n'))
}

// until tries again until it succeeds, gives up, or patience ends.
func (r *run) until(ctx context.Context, what string, try func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	for {
		done, err := try(ctx)
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
