package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"chancery/hub"
	"chancery/postgres"
)

type serve struct {
	settings
	Listen        string `default:"127.0.0.1:8080" help:"Address of the API and the pages."`
	MetricsListen string `help:"Address of /metrics; empty serves none."`
}

func (c serve) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Serve(ctx, c.Listen, c.MetricsListen)
}

type work struct {
	settings
	MetricsListen string `help:"Address of /metrics, /livez and /readyz; empty serves none."`
}

func (c work) Run(ctx context.Context) error {
	h, err := hub.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Work(ctx, c.MetricsListen)
}

type migrate struct {
	OwnerURL string `required:"" help:"PostgreSQL, as the role that owns the database."`
	HubRole  string `default:"chancery" help:"The role that serve and worker log in as."`
}

func (c migrate) Run(ctx context.Context) error {
	return postgres.Migrate(ctx, c.OwnerURL, c.HubRole)
}

type ready struct {
	URL string `default:"http://127.0.0.1:8080/readyz" help:"Address to ask."`
}

func (c ready) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.URL, reply.Status)
	}
	return nil
}
