package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"chancery/envelope"
	"chancery/hub"
	"chancery/team"
)

type teams struct {
	Create teamCreate `cmd:"" help:"Create a team and print its id and first API key, once."`
	List   teamList   `cmd:"" help:"List the teams."`
	Preset teamPreset `cmd:"" help:"Set the addresses that a sandbox may write to."`
}

type teamCreate struct {
	settings
	Kind        string   `required:"" enum:"sandbox,production" help:"sandbox (for trying out) or production."`
	Name        string   `required:"" help:"What the team is called."`
	SenderName  string   `help:"Who letters are from; the team's name when empty."`
	SenderEmail string   `help:"Where answers to letters go; the hub's address when empty."`
	Preset      []string `help:"The addresses that a sandbox may write to, at most five."`
}

func (c teamCreate) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	made, key, err := h.CreateTeam(ctx, team.Team{
		Name: c.Name, Kind: team.Kind(c.Kind), Preset: c.Preset,
		Sender: envelope.Person{Name: c.SenderName, Email: c.SenderEmail},
	})
	if err != nil {
		return err
	}
	fmt.Printf("team %s\nkey  %s\n", made.ID, key)
	fmt.Fprintln(os.Stderr, "The key is shown this once; keep it safe.")
	return nil
}

type teamList struct{ settings }

func (c teamList) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	all, err := h.Store.Teams(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, t := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", t.ID, t.Kind, t.Name)
	}
	return table.Flush()
}

type teamPreset struct {
	settings
	Team   string   `arg:"" help:"Id of the team."`
	Emails []string `arg:"" optional:"" help:"At most five addresses."`
}

func (c teamPreset) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Store.SetPreset(ctx, c.Team, c.Emails)
}

type keys struct {
	Create keyCreate `cmd:"" help:"Create an API key and print it, once."`
	Revoke keyRevoke `cmd:"" help:"Revoke an API key."`
}

type keyCreate struct {
	settings
	Team string `arg:"" help:"Id of the team."`
	Name string `default:"created on the command line" help:"What the key is for."`
}

func (c keyCreate) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	_, key, err := h.CreateKey(ctx, c.Team, c.Name)
	if err != nil {
		return err
	}
	fmt.Println(key)
	return nil
}

type keyRevoke struct {
	settings
	Team string `arg:"" help:"Id of the team."`
	Key  string `arg:"" help:"Id of the key."`
}

func (c keyRevoke) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Store.RevokeKey(ctx, c.Team, c.Key)
}
