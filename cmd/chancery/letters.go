package main

import (
	"context"
	"fmt"
	"os"

	"chancery/demo"
	"chancery/hub"
)

type letters struct {
	DNS mailDNS `cmd:"" name:"dns" help:"Print the DNS records to publish: DKIM, SPF, DMARC, and where letters come back."`
}

type mailDNS struct{ settings }

func (c mailDNS) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	records, err := h.MailRecords()
	if err != nil {
		return err
	}
	for _, record := range records {
		fmt.Println(record)
	}
	return nil
}

type play struct {
	settings
	Hub    string `required:"" help:"Address of the hub."`
	Key    string `required:"" help:"API key of a sandbox team."`
	Outbox string `required:"" help:"Address of the outbox that catches the letters."`
	PDF    string `name:"pdf" type:"existingfile" help:"A file to send in place of the demo's agreement."`
	Out    string `default:"demo-out" type:"path" help:"Folder for the results."`
}

func (c play) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	dns, err := h.TXT()
	if err != nil {
		return err
	}
	_, err = demo.Run(ctx, demo.Options{
		Hub: c.Hub, Key: c.Key, Outbox: c.Outbox, PDF: c.PDF, Out: c.Out,
		DNS: dns, Progress: os.Stdout,
	})
	return err
}
