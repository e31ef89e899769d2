package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"chancery/account"
	"chancery/hub"
)

type users struct {
	List   userList   `cmd:"" help:"List the people who can sign in."`
	Unlock userUnlock `cmd:"" help:"Take back what wrong guesses have locked."`
	Head   userHead   `cmd:"" help:"Put somebody at the head of their organisation, or take them from there."`
}

type userList struct{ settings }

func (c userList) Run(ctx context.Context) error {
	store, err := hub.OpenRecords(ctx, c.config())
	if err != nil {
		return err
	}
	defer store.Close()
	all, err := store.Everybody(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, u := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", u.ID, u.Organisation, u.Email, u.Name, traits(u))
	}
	return table.Flush()
}

// traits are what whoever runs the hub wants to know of somebody at a glance.
func traits(u account.User) string {
	said := ""
	for _, trait := range []struct {
		word  string
		holds bool
	}{
		{"head", u.Head}, {"two-factor", !u.SecuredAt.IsZero()}, {"api", !u.ApprovedAt.IsZero()}, {"operator", u.Operator}, {"left", !u.LeftAt.IsZero()},
	} {
		if trait.holds {
			said += trait.word + " "
		}
	}
	return said
}

type userUnlock struct {
	settings
	Email            string `arg:"" help:"Address of the account."`
	WithoutTwoFactor bool   `help:"Also switch off two-factor authentication, for whoever has lost device and recovery codes; their API keys are revoked. Be sure who asks."`
}

func (c userUnlock) Run(ctx context.Context) error {
	return c.withAccounts(ctx, func(accounts *account.Accounts) error {
		return accounts.Unlock(ctx, c.Email, c.WithoutTwoFactor)
	})
}

type userHead struct {
	settings
	Email string `arg:"" help:"Address of the account."`
	Off   bool   `help:"Take them from there."`
}

func (c userHead) Run(ctx context.Context) error {
	return c.withAccounts(ctx, func(accounts *account.Accounts) error {
		return accounts.SetHead(ctx, c.Email, !c.Off)
	})
}

// withAccounts lets do work on the accounts of the hub, which is closed afterwards.
func (s settings) withAccounts(ctx context.Context, do func(*account.Accounts) error) error {
	h, err := hub.Open(ctx, s.config())
	if err != nil {
		return err
	}
	defer h.Close()
	accounts, err := h.Accounts()
	if err != nil {
		return err
	}
	return do(accounts)
}
