package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"chancery/hub"
	"chancery/pki"
)

// certificates are those that the hub itself has made.
type certificates struct {
	List   certificateList   `cmd:"" help:"List the certificates that the hub signs with, and when they end."`
	Revoke certificateRevoke `cmd:"" help:"Revoke one of them; the hub makes another at once."`
}

type certificateList struct{ settings }

func (c certificateList) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, kind := range []string{"production", "sandbox"} {
		for _, e := range h.Certificates(kind) {
			fmt.Fprintf(table, "%s\t%s\t%s\tuntil %s\n", kind, e.Role, e.Certificate.Subject.CommonName, e.Until.UTC().Format(time.DateOnly))
		}
	}
	return table.Flush()
}

type certificateRevoke struct {
	settings
	Role   string `arg:"" enum:"seal,certification,tsa,ocsp,issuing" help:"seal, certification, tsa, ocsp or issuing."`
	Kind   string `default:"production" enum:"production,sandbox" help:"Of which kind of team."`
	Reason string `required:"" enum:"unspecified,key-compromise,ca-compromise,affiliation-changed,superseded,cessation-of-operation" help:"Why."`
}

func (c certificateRevoke) Run(ctx context.Context) error {
	reason, err := pki.ReasonOf(c.Reason)
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	return h.RevokeCertificate(ctx, c.Kind, caRoles[c.Role], reason)
}
