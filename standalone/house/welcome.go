package house

import (
	"context"
	"fmt"
	"io"

	"chancery/demo"
	"chancery/envelope"
	"chancery/team"
)

// Welcome prints the addresses to open.
func (h *House) Welcome(w io.Writer) {
	fmt.Fprintf(w, "\n  dashboard  %s\n", h.Hub.DashboardURL(h.team.ID))
	fmt.Fprintf(w, "  letters    %s\n", h.Outbox())
	fmt.Fprintf(w, "  API        %s/docs\n", h.URL())
}

// firstTeamName is the sandbox that a new house has.
const firstTeamName = "Sandbox"

// bouncing is an address from which the outbox sends letters back, to see what happens then.
const bouncing = "bounce@example.com"

// settle finds the house's first team, or makes it and prints its key: the one
// time that the key is shown.
func (h *House) settle(ctx context.Context) error {
	all, err := h.Hub.Store.Teams(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Name == firstTeamName {
			h.team = t
			return nil
		}
	}
	made, key, err := h.Hub.CreateTeam(ctx, team.Team{
		Name: firstTeamName, Kind: team.Sandbox, Preset: append(demo.Preset(), bouncing),
		Sender: envelope.Person{Name: "Dana Field", Email: "dana@example.com"},
	})
	if err != nil {
		return err
	}
	h.team = made
	h.say("a sandbox team was made; its API key is shown this once: " + key)
	return nil
}

// NewKey prints another API key of the first team, once.
func (h *House) NewKey(ctx context.Context) error {
	_, key, err := h.Hub.CreateKey(ctx, h.team.ID, "made on the command line")
	if err != nil {
		return err
	}
	h.say("API key, shown this once: " + key)
	return nil
}

// Demo does the main job once, as the first team, with a key for this one run.
func (h *House) Demo(ctx context.Context, pdf, out string) error {
	made, key, err := h.Hub.CreateKey(ctx, h.team.ID, "demo")
	if err != nil {
		return err
	}
	defer func() { _ = h.Hub.Store.RevokeKey(context.WithoutCancel(ctx), h.team.ID, made.ID) }() // it is of no use to anybody else
	dns, err := h.Hub.TXT()
	if err != nil {
		return err
	}
	_, err = demo.Run(ctx, demo.Options{
		Hub: h.URL(), Key: key, Outbox: h.Outbox(), PDF: pdf, Out: out, DNS: dns, Progress: h.options.Progress,
	})
	return err
}
