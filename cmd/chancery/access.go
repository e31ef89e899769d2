package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"chancery/hub"
	"chancery/team"
)

type access struct {
	List    accessList    `cmd:"" help:"List who has applied for the API."`
	Approve accessApprove `cmd:"" help:"Let an applicant use the API."`
	Reject  accessReject  `cmd:"" help:"Turn an applicant away, with a reason that they read."`
}

type accessList struct {
	settings
	Status string `default:"pending" enum:"pending,approved,rejected,all" help:"Only those that are pending, approved or rejected; or all."`
}

func (c accessList) Run(ctx context.Context) error {
	store, err := hub.OpenRecords(ctx, c.config())
	if err != nil {
		return err
	}
	defer store.Close()
	status := team.ApplicationStatus(c.Status)
	if c.Status == "all" {
		status = ""
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for after := ""; ; {
		found, next, err := store.Applications(ctx, status, after)
		if err != nil {
			return err
		}
		for _, a := range found {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", a.ID, a.Status, a.CreatedAt.Format(time.DateOnly), oneLine(a.Form.Company), oneLine(a.Form.Name))
		}
		if after = next; next == "" {
			return table.Flush()
		}
	}
}

type accessApprove struct {
	settings
	Application string `arg:"" help:"Id of the application."`
}

func (c accessApprove) Run(ctx context.Context) error {
	return decide(ctx, c.settings, c.Application, team.Approved, "")
}

type accessReject struct {
	settings
	Application string `arg:"" help:"Id of the application."`
	Reason      string `required:"" help:"Why; the applicant reads it."`
}

func (c accessReject) Run(ctx context.Context) error {
	return decide(ctx, c.settings, c.Application, team.Rejected, c.Reason)
}

func decide(ctx context.Context, s settings, application string, status team.ApplicationStatus, reason string) error {
	h, err := hub.Open(ctx, s.config())
	if err != nil {
		return err
	}
	defer h.Close()
	decided, err := h.Decide(ctx, application, status, reason)
	if err != nil {
		return err
	}
	fmt.Printf("%s %s: a letter tells the applicant\n", decided.ID, decided.Status)
	return nil
}
