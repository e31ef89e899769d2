package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"chancery/hub"
	"chancery/postgres"
	"chancery/team"
)

type subscriptions struct {
	List  subscriptionList  `cmd:"" help:"List the organisations and what they have paid for."`
	Start subscriptionStart `cmd:"" help:"Give an organisation a plan, in place of the one it has."`
	Stop  subscriptionStop  `cmd:"" help:"End the subscription of an organisation."`
}

type subscriptionList struct{ settings }

func (c subscriptionList) Run(ctx context.Context) error {
	store, err := hub.OpenRecords(ctx, c.config())
	if err != nil {
		return err
	}
	defer store.Close()
	all, err := store.Customers(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, o := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d teams\t%s\n", o.ID, o.Region, oneLine(o.Name), o.Teams, planOf(o, time.Now()))
	}
	return table.Flush()
}

func planOf(o postgres.Customer, at time.Time) string {
	sub := o.Subscription
	if !sub.Active(at) {
		return "no subscription"
	}
	words := fmt.Sprintf("%s, %d documents this month, fair use", oneLine(sub.Plan), o.Documents)
	if sub.MonthlyDocuments > 0 {
		words = fmt.Sprintf("%s, %d of %d documents this month", oneLine(sub.Plan), o.Documents, sub.MonthlyDocuments)
	}
	if !sub.Until.IsZero() {
		words += ", until " + sub.Until.Format(time.DateOnly)
	}
	return words
}

// oneLine keeps what somebody wrote from looking like another line, or from
// commanding a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

type subscriptionStart struct {
	settings
	ID        string    `arg:"" name:"organisation" help:"Id of the organisation."`
	Plan      string    `required:"" help:"What the plan is called."`
	Documents int       `help:"Documents of production teams a month; 0 is fair use."`
	Since     time.Time `format:"2006-01-02" help:"First day; now when empty."`
	Until     time.Time `format:"2006-01-02" help:"First day without it; it goes on when empty."`
}

func (c subscriptionStart) Run(ctx context.Context) error {
	store, err := hub.OpenRecords(ctx, c.config())
	if err != nil {
		return err
	}
	defer store.Close()
	if c.Since.IsZero() {
		c.Since = time.Now()
	}
	return store.Subscribe(ctx, team.Subscription{Organisation: c.ID, Plan: c.Plan, MonthlyDocuments: c.Documents, Since: c.Since, Until: c.Until})
}

type subscriptionStop struct {
	settings
	ID string `arg:"" name:"organisation" help:"Id of the organisation."`
}

func (c subscriptionStop) Run(ctx context.Context) error {
	store, err := hub.OpenRecords(ctx, c.config())
	if err != nil {
		return err
	}
	defer store.Close()
	return store.Unsubscribe(ctx, c.ID, time.Now())
}
